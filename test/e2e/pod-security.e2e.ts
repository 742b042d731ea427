// Generated pods, held against every level and version by the API server's own Pod Security admission and by our webhook
// alone: the same verdict, the same text, and a pod that is patched as we say is accepted by both.
// SEKISHO_RUNS pods; SEKISHO_SEED repeats a run.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { isObject } from '../../src/base/json.ts';
import { applyPatch } from '../../src/base/json-patch.ts';
import { past } from '../pss/generated/past.ts';
import { changed, minimalPod, sample } from '../pss/generated/pods.ts';
import { guard, service, startCluster, whyNot } from './cluster.ts';
import { rights } from './cluster-scene.ts';
import {
  type Answer,
  ask,
  each,
  ephemeralOf,
  fieldsOf,
  named,
  type Sent,
} from './pod-security/asking.ts';
import { type Recorded, readRecords } from './pod-security/recorded.ts';
import { makeWorld, newestOfServer, ourNamespaces } from './pod-security/world.ts';
import { manifest } from './scene.ts';

const long = process.env['SEKISHO_RUNS'] !== undefined;
const count = Number(process.env['SEKISHO_RUNS'] ?? 320);
const seed = Number(process.env['SEKISHO_SEED'] ?? (long ? Date.now() % 1_000_000 : 7));

const law = manifest({
  apiVersion: 'pod-security.admission.config.k8s.io/v1',
  kind: 'PodSecurityConfiguration',
  defaults: { enforce: 'privileged' },
});

/** One in eight debugs a pod that runs. */
function generated(): readonly Sent[] {
  const debugging = Math.floor(count / 8);
  return named([
    ...past.filter(({ version }) => version <= newestOfServer),
    ...sample({ newest: newestOfServer, ephemeral: false }, count - debugging, seed),
    ...sample({ newest: newestOfServer, ephemeral: true }, debugging, seed + 1),
  ]);
}

test('every pod has the verdict and the text of the API server', {
  skip: whyNot(),
  timeout: 120_000 + count * 200,
}, async (t) => {
  const cluster = await startCluster({ exempt: ourNamespaces });
  t.teardown(() => cluster.stop());
  await cluster.apply(`${service}---\n${rights}`);
  await makeWorld(cluster.api);
  const sent = generated();
  const theirs = await each(sent, (one) => ask(cluster.api, 'in-tree', one));
  const policies = join(cluster.folder, 'law.yaml');
  writeFileSync(policies, law);
  const ledger = join(cluster.folder, 'ledger');
  // From here on our webhook is asked about all namespaces.
  await guard(t, cluster, {
    policies: ['-p', policies],
    serve: ['--ledger', ledger, '--kubeconfig', cluster.kubeconfigOf('sekisho')],
    refuses: probe,
  });
  const ours = await each(sent, (one) => ask(cluster.api, 'ours', one));
  const records = await readRecords(ledger);
  const compared = sent.map((one, i) => ({
    sent: one,
    theirs: theirs[i] ?? never,
    ours: ours[i] ?? never,
    record: records.get(one.id),
  }));
  const refused = compared.filter((one) => one.theirs.kind === 'refused');
  const invalid = compared.filter((one) => one.theirs.kind === 'invalid');
  const counts = { pods: sent.length, invalid: invalid.length, refused: refused.length };
  t.comment(`seed ${seed}: ${JSON.stringify(counts)}`);
  t.same(compared.flatMap(difference).slice(0, 5), [], 'no difference');
  t.ok(counts.invalid < counts.pods / 4, 'few are invalid');
  t.ok(counts.refused > counts.pods / 4, 'many are refused');
  t.ok(counts.refused + counts.invalid < counts.pods * 0.75, 'many are accepted');

  await t.test('A22: a Localhost profile without its file is admitted by nobody', async (t) => {
    for (const side of ['in-tree', 'ours'] as const) {
      const answer = await ask(cluster.api, side, nameless);
      t.match(answer, { kind: 'invalid', text: 'localhostProfile' }, side);
    }
  });

  await t.test('what is patched is accepted by the API server and by us', async (t) => {
    const patched = refused.flatMap(patchedPod);
    const again = await each(patched, (one) => ask(cluster.api, 'in-tree', one));
    const wrong = again.map((answer, i) => ({ answer, ...patched[i] }));
    t.comment(`${patched.length} patched`);
    t.ok(patched.length > refused.length / 2, 'most of what is refused has a patch');
    t.same(wrong.filter(({ answer }) => answer.kind !== 'allowed').slice(0, 5), []);
  });
});

const held = { level: 'restricted', version: newestOfServer } as const;
const nameless: Sent = {
  ...{ ...held, id: 'nameless' },
  pod: changed(minimalPod(held), { 'spec.securityContext.seccompProfile': { type: 'Localhost' } }),
};

const never: Answer = { kind: 'invalid', text: 'was not asked' };

type Compared = {
  readonly sent: Sent;
  readonly theirs: Answer;
  readonly ours: Answer;
  readonly record: Recorded | undefined;
};

function difference({ sent, theirs, ours, record }: Compared): readonly object[] {
  // Neither admission is asked about what is not valid.
  if (theirs.kind === 'invalid' && ours.kind === 'invalid') return [];
  const prefix = `violates PodSecurity "${sent.level}:v1.${sent.version}": `;
  const [, wanted] = theirs.kind === 'refused' ? theirs.text.split(prefix) : ['', ''];
  const isSame =
    record !== undefined &&
    theirs.kind === ours.kind &&
    record.text === wanted &&
    record.allowed === (ours.kind === 'allowed');
  return isSame ? [] : [{ sent: JSON.stringify(sent), theirs, ours, text: record?.text }];
}

/** The pod that was judged, made to pass; of one that runs only the container that was added can be changed. */
function patchedPod({ sent, record }: Compared): readonly Sent[] {
  if (record === undefined || record.patch.length === 0) return [];
  const { object, patch } = record;
  const done = applyPatch(object, patch);
  if (!done.ok || !isObject(done.value)) throw new Error(JSON.stringify({ object, patch }));
  const after = done.value;
  if (ephemeralOf(sent.pod).length > 0) return [{ ...sent, pod: after }];
  const { name = '', labels = {}, annotations = {} } = fieldsOf(after, 'metadata');
  return [
    { ...sent, pod: { metadata: { name, labels, annotations }, spec: fieldsOf(after, 'spec') } },
  ];
}

const probe = manifest({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'probe', namespace: 'ours-baseline-0' },
  spec: { hostPID: true, containers: [{ name: 'a', image: 'a' }] },
});
