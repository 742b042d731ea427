// Images from the review to the registry and back, in a running server: signed and unsigned ones, one search for many,
// a registry that hangs or goes away, and what operators see of it.
import { fileURLToPath } from 'node:url';
import { type Test, test } from 'tap';
import { noRegistries } from '../../src/config/registries.ts';
import { limits } from '../../src/server/limits.ts';
import { policy, settings } from '../engine/image-scene.ts';
import { Content } from '../images/fake-registry/content.ts';
import { fakeRegistry } from '../images/fake-registry/server.ts';
import type { Trick } from '../images/fake-registry/tricks.ts';
import {
  type Options,
  outcome,
  podReview,
  type Reply,
  type Running,
  serve,
  until,
} from './harness.ts';

const content = Content.fromFolder(
  fileURLToPath(new URL('../fixtures/images/registry', import.meta.url)),
);
const privileged = `
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: privileged}
`;

type Scene = Running & {
  readonly host: string;
  readonly asked: () => number;
  /** From now on every request is answered so. */
  readonly play: (trick: Trick | undefined) => void;
  readonly admit: (image: string, timeout?: string) => Promise<Reply>;
};

async function scene(t: Test, more = '', replace: Options['replace'] = {}): Promise<Scene> {
  let trick: Trick | undefined;
  const { host, asked } = await fakeRegistry(t, content, { trick: () => trick });
  const policies = [policy(), privileged, ...(more === '' ? [] : [more])].join('---');
  const running = await serve(t, {
    policies: { 'images.yaml': policies },
    settings: () => ({ ...noRegistries, insecureRegistry: [host] }),
    replace,
  });
  return {
    ...running,
    host,
    asked: () => asked.length,
    play(next) {
      trick = next;
    },
    admit: (image, timeout = '10s') =>
      running.call({
        path: `/validate/fail-v1?timeout=${timeout}`,
        body: podReview({ containers: [{ name: 'app', image: `${host}/${image}` }] }),
      }),
  };
}

function pinned(repository: string): string {
  const digest = content.tagged(repository, '1.4');
  if (digest === undefined) throw new Error(`${repository} is not in the corpus`);
  return `${repository}@${digest}`;
}

const message = ({ json }: Reply): string => json.response?.status?.message ?? '';

test('the signed image is admitted and the unsigned one refused, with what to do', async (t) => {
  const { admit, host } = await scene(t);
  const admitted = await admit(pinned('p256/bundle'));
  t.equal(outcome(admitted), '200 allowed', message(admitted));
  const notes = admitted.json.response?.auditAnnotations ?? {};
  t.ok(Object.values(notes).includes(`${host}/${pinned('p256/bundle')}`), 'the digest is noted');
  const refused = await admit(pinned('unsigned'));
  t.match(
    message(refused),
    /signed: spec\.containers\[0\]\.image ".*" is not signed: no signature by release was found\n {4}fix: sign /,
  );
  const byTag = await admit('p256/bundle:1.4');
  t.match(message(byTag), `fix: pin it by digest: ${host}/${pinned('p256/bundle')}`);
});

test('fifty Pods of one cold image are one verification', async (t) => {
  const { admit, asked, plain } = await scene(t);
  const replies = await Promise.all(
    Array.from({ length: 50 }, () => admit(pinned('keyless/legacy'))),
  );
  t.ok(replies.every((reply) => message(reply).includes('is signed by others')));
  t.ok(asked() < 20, `${asked()} requests`);
  const { text } = await plain('/metrics');
  t.match(text, 'sekisho_image_evidence_total{event="miss"} 1\n');
  t.match(text, 'sekisho_image_verifications_total{outcome="none"} 50\n');
  t.match(text, /sekisho_registry_requests_total\{request="manifest",outcome="ok"\} \d+\n/);
  t.match(text, /sekisho_image_verification_seconds_count 50\n/);
});

test('a registry that hangs is an answer in time', async (t) => {
  const { admit, play } = await scene(t);
  play({ kind: 'hang' });
  const late = await admit(pinned('p256/bundle'), '1s');
  t.match(
    message(late),
    /could not be verified: there was not enough time; .* retry \(image-timeout\)/,
  );
  t.match(message(late), /fix: try again/);
});

test('a registry that goes away leaves what was verified admitted, and refuses the rest as not known', async (t) => {
  const { admit, play } = await scene(t);
  await admit(pinned('p256/bundle'));
  play({ kind: 'status', status: 503 });
  t.equal(outcome(await admit(pinned('p256/bundle'))), '200 allowed');
  t.match(message(await admit(pinned('p256/legacy'))), /could not be verified: .* \(registry-/);
});

test('onError: warn admits what could not be verified, and says so', async (t) => {
  const { admit, play } = await scene(t, settings('onError: warn'));
  play({ kind: 'status', status: 503 });
  const reply = await admit(pinned('p256/bundle'));
  t.equal(outcome(reply), '200 allowed');
  t.match(reply.json.response?.warnings, [/^signed: .* could not be verified/]);
});

test('a server whose policies come later verifies by them', async (t) => {
  const { admit, folder, plain } = await scene(t);
  const { writeFile } = await import('node:fs/promises');
  await writeFile(
    `${folder}/policies/images.yaml`,
    `${policy({ glob: 'other/**' })}---${privileged}`,
  );
  await until(
    () => plain('/metrics'),
    ({ text }) => /sekisho_reloads_total\{what="policies",result="loaded"\} [2-9]/.test(text),
  );
  t.match(message(await admit(pinned('p256/bundle'))), 'is covered by no image policy');
});

test('Pods that wait for a registry keep nobody else from being decided', async (t) => {
  const few = { limits: { ...limits, atOnce: 2 } };
  const { admit, play, call, asked } = await scene(t, '', few);
  play({ kind: 'hang' });
  let answered = 0;
  const waiting = ['p256/legacy', 'p384/legacy', 'p521/legacy', 'rsa/legacy'].map(async (image) => {
    await admit(pinned(image), '2s');
    answered += 1;
  });
  await until(
    async () => asked(),
    (requests) => requests >= waiting.length,
  );
  const path = '/validate/fail-v1?timeout=10s';
  const other = await call({ path, body: podReview({ containers: [] }) });
  t.equal(outcome(other), '200 allowed');
  t.equal(answered, 0, 'while all of them still wait');
  await Promise.all(waiting);
});
