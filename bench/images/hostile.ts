// Other requests while registries misbehave: the gate with the bundle under its usual load, and beside it a steady stream of
// Pods whose images are in a hostile registry. With and without take turns, and medians are compared.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { policy, settings } from '../../test/engine/image-scene.ts';
import { makeWorkplace, serveArguments, startServed } from '../../test/gate.ts';
import { makeBody } from '../body.ts';
import { ask, drive, type Target } from '../load.ts';

export const hostile = {
  hang: 'does not answer',
  drip: 'sends one byte a second',
  large: 'sends 500 MB',
  many: 'has 10,000 signatures',
} as const;
export type Kind = keyof typeof hostile;

export type Beside = {
  readonly kind: Kind;
  readonly without: number;
  readonly with: number;
  /** Codes that its Pods were refused with. */
  readonly codes: readonly string[];
};

const perSecond = 20;
const connections = 16;

/** Medians of the 99th percentile of other requests, in milliseconds. */
export async function besideHostile(
  host: string,
  turns: { readonly rounds: number; readonly seconds: number },
): Promise<readonly Beside[]> {
  const workplace = await makeWorkplace('bench-images');
  const policies = join(workplace.folder, 'policies');
  mkdirSync(policies);
  const law = `${policy({ glob: `${host}/**` })}---${settings('noMatch: allow')}`;
  writeFileSync(join(policies, 'images.yaml'), law);
  const more = ['--policies', policies, '--insecure-registry', host];
  const server = await startServed(serveArguments(workplace, more));
  const target = { port: server.port, ca: workplace.ca };
  const p99 = async (ms: number): Promise<number> =>
    (await drive(target, makeBody(), { connections, warmUpMs: 300, ms })).p99;
  try {
    await p99(3_000);
    const rows: Beside[] = [];
    for (const kind of ['hang', 'drip', 'large', 'many'] as const) {
      const [without, meanwhile]: [number[], number[]] = [[], []];
      const codes = new Set<string>();
      for (let round = 0; round < turns.rounds; round++) {
        without.push(await p99(turns.seconds * 1_000));
        const stream = sendPods(target, host, kind, codes);
        meanwhile.push(await p99(turns.seconds * 1_000));
        await stream.end();
      }
      rows.push({ kind, without: median(without), with: median(meanwhile), codes: [...codes] });
    }
    return rows;
  } finally {
    await server.stop();
  }
}

type Stream = { end(): Promise<void> };

/** Each Pod is of another image. */
function sendPods(target: Target, host: string, kind: Kind, codes: Set<string>): Stream {
  const sent: Promise<void>[] = [];
  let open = true;
  const running = (async () => {
    while (open) {
      sent.push(sendPod(target, `${host}/${kind}/app@sha256:${digest()}`, codes));
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
  if (!answer.includes('"allowed":false')) throw new Error(`a Pod of ${name} is not refused`);
  const [, code = 'another rule'] = /could not be verified[^\n]*?\(([a-z-]+)\)/.exec(answer) ?? [];
  codes.add(code);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
