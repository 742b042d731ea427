// Other requests while registries misbehave: the gate with the bundle under its usual load, and beside it a steady stream of
// Pods whose images are in a hostile registry, or for comparison in none that is asked, in turns; medians are compared.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { policy, settings } from '../../test/engine/image-scene.ts';
import { makeWorkplace, serveArguments, startServed } from '../../test/gate.ts';
import { makeBody } from '../body.ts';
import { median } from '../figures.ts';
import { ask, drive, type Target } from '../load.ts';
import { type Kind, startRegistry } from './start.ts';

export const hostile = {
  hang: 'does not answer',
  drip: 'sends one byte a second',
  large: 'sends 500 MB',
  many: 'has 10,000 signatures',
} as const satisfies Record<Kind, string>;
const kinds = ['hang', 'drip', 'large', 'many'] as const;

export type Beside = {
  readonly kind: Kind;
  readonly without: number;
  readonly with: number;
  /** Codes that its Pods were refused with. */
  readonly codes: readonly string[];
};

export const perSecond = 20;
const connections = 16;

/** Medians of the 99th percentile of other requests, in milliseconds. */
export async function besideHostile(turns: Turns): Promise<readonly Beside[]> {
  const registries = await Promise.all(kinds.map(startRegistry));
  const hosts = registries.map(({ host }) => host);
  const workplace = await makeWorkplace('bench-images');
  const policies = join(workplace.folder, 'policies');
  mkdirSync(policies);
  const law = hosts.map((host, n) => policy({ name: `signed-${n}`, glob: `${host}/**` }));
  writeFileSync(join(policies, 'images.yaml'), [...law, settings('noMatch: allow')].join('---'));
  const more = ['--policies', policies, ...hosts.flatMap((host) => ['--insecure-registry', host])];
  const server = await startServed(serveArguments(workplace, more));
  const target = { port: server.port, ca: workplace.ca };
  try {
    const rows: Beside[] = [];
    for (const [n, kind] of kinds.entries()) {
      rows.push(await beside(target, { kind, host: hosts[n] ?? '' }, turns));
    }
    return rows;
  } finally {
    await server.stop();
    for (const { end } of registries) end();
  }
}

type Turns = { readonly rounds: number; readonly seconds: number };

async function beside(
  target: Target,
  { kind, host }: { readonly kind: Kind; readonly host: string },
  { rounds, seconds }: Turns,
): Promise<Beside> {
  const p99 = async (): Promise<number> =>
    (await drive(target, makeBody(), { connections, warmUpMs: 500, ms: seconds * 1_000 })).p99;
  await p99();
  const [without, meanwhile]: [number[], number[]] = [[], []];
  const codes = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    without.push(await during(sendPods(target, uncovered, new Set()), p99));
    meanwhile.push(await during(sendPods(target, host, codes), p99));
  }
  return { kind, without: median(without), with: median(meanwhile), codes: [...codes] };
}

type Stream = { end(): Promise<void> };

/** No policy is about its images, and no registry is asked for them. */
const uncovered = 'registry.example.com';

async function during<T>(stream: Stream, act: () => Promise<T>): Promise<T> {
  const value = await act();
  await stream.end();
  return value;
}

/** Each Pod is of another image. */
function sendPods(target: Target, host: string, codes: Set<string>): Stream {
  const sent: Promise<void>[] = [];
  let open = true;
  const running = (async () => {
    while (open) {
      sent.push(sendPod(target, `${host}/shop/app@sha256:${digest()}`, codes));
      await sleep(1_000 / perSecond);
    }
  })();
  return {
    async end() {
      open = false;
      await running;
      await Promise.all(sent);
    },
  };
}

let count = 0;
const digest = (): string => (++count).toString(16).padStart(64, '0');
const image = /registry\.example\.com\/shop\/web@sha256:[0-9a-f]{64}/;

async function sendPod(target: Target, name: string, codes: Set<string>): Promise<void> {
  const answer = JSON.stringify(await ask(target, makeBody().replace(image, name)));
  const isRefused = answer.includes('"allowed":false');
  if (isRefused === name.startsWith(uncovered)) throw new Error(`wrong answer: ${answer}`);
  const [, code = 'another rule'] = /could not be verified[^\n]*?\(([a-z-]+)\)/.exec(answer) ?? [];
  codes.add(code);
}
