// What is said of a Namespace and of the pods that run in it: rows follow ValidateNamespace of the in-tree plugin.
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { workloadKinds } from '../../src/k8s/pod-template.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import { judgePodSecurity } from '../../src/pss/admission.ts';
import { judgeNamespace, namespaceApplies } from '../../src/pss/namespaces.ts';
import { prioritised, runningWarnings, tallyFor } from '../../src/pss/running-pods.ts';
import type { Level, PodSecurityConfig, Version } from '../../src/pss/types.ts';
import { attemptOf } from '../fixtures/attempts.ts';

const at = (level: Level, version: Version = 'latest') => ({ level, version });
const prefix = 'pod-security.kubernetes.io/';
const resource = { group: '', version: 'v1', resource: 'namespaces' };

function config(enforce: Level = 'privileged', exempt: readonly string[] = []): PodSecurityConfig {
  return {
    defaults: { enforce: at(enforce), audit: at('privileged'), warn: at('privileged') },
    exemptions: { usernames: ['alice'], namespaces: exempt, runtimeClasses: [] },
    templates: 'Enforce',
    floor: null,
    workloads: workloadKinds,
  };
}

type Labels = Readonly<Record<string, string>>;
const full = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).map(([key, value]) => [prefix + key, value]));

/** In one line: `invalid LABELS`, `stricter LEVEL`, the warning, or `none`. */
function said(now: Labels, before: Labels | null, given: PodSecurityConfig): string {
  const operation = before === null ? 'CREATE' : 'UPDATE';
  const attempt = attemptOf({ resource, operation, name: 'shop', namespace: 'shop' });
  const labels = { now: full(now), before: full(before ?? {}) };
  const judgement = judgeNamespace(attempt, labels, given);
  if (judgement.kind === 'ignored') return judgement.warning;
  if (judgement.kind === 'stricter') return `stricter ${JSON.stringify(judgement.enforce)}`;
  if (judgement.kind === 'none') return 'none';
  const { evaluation } = judgement;
  return evaluation.kind === 'fail'
    ? `invalid ${evaluation.findings.map(({ path }) => path.replace(prefix, '')).join(' ')}`
    : evaluation.kind;
}

const stricter = (level: Level, version: Version = 'latest'): string =>
  `stricter ${JSON.stringify(at(level, version))}`;
const wrongLevel = 'invalid metadata.labels["enforce"]';

const rows: readonly [string, Labels, Labels | null, string, PodSecurityConfig?][] = [
  ['created with right labels', { enforce: 'restricted' }, null, 'none'],
  ['created with a wrong level', { enforce: 'strict' }, null, wrongLevel],
  [
    'created with several wrong labels',
    { enforce: '', 'audit-version': 'v2', warn: 'Baseline', 'warn-version': 'v1.01' },
    null,
    'invalid metadata.labels["enforce"] metadata.labels["audit-version"] metadata.labels["warn"] metadata.labels["warn-version"]',
  ],
  ['changed to a wrong level', { enforce: 'x' }, {}, wrongLevel],
  ['changed, with what was wrong before', { enforce: 'x', a: '1' }, { enforce: 'x' }, 'none'],
  ['changed from one wrong level to another', { enforce: 'y' }, { enforce: 'x' }, wrongLevel],
  [
    'changed so that one of two wrong labels stays',
    { enforce: 'x' },
    { enforce: 'x', warn: 'y' },
    wrongLevel,
  ],
  ['changed elsewhere', { enforce: 'baseline', a: '1' }, { enforce: 'baseline' }, 'none'],
  ['tightened', { enforce: 'restricted' }, { enforce: 'baseline' }, stricter('restricted')],
  ['relaxed', { enforce: 'baseline' }, { enforce: 'restricted' }, 'none'],
  ['made privileged, of another version', { 'enforce-version': 'v1.20' }, {}, 'none'],
  [
    'relaxed, of another version',
    { enforce: 'baseline', 'enforce-version': 'v1.20' },
    { enforce: 'restricted' },
    stricter('baseline', 20),
  ],
  [
    'of the same level in another version',
    { enforce: 'baseline', 'enforce-version': 'v1.20' },
    { enforce: 'baseline' },
    stricter('baseline', 20),
  ],
  ['only audit and warn tightened', { audit: 'restricted', warn: 'restricted' }, {}, 'none'],
  [
    'back to the default, which is stricter',
    {},
    { enforce: 'privileged' },
    stricter('baseline'),
    config('baseline'),
  ],
  [
    'from a wrong level, read as restricted, to a right one below it',
    { enforce: 'baseline' },
    { enforce: 'x' },
    'none',
  ],
];

for (const [name, now, before, wanted, given = config()] of rows) {
  test(`a namespace that is ${name}`, (t) => {
    t.equal(said(now, before, given), wanted);
    t.end();
  });
}

test('a wrong label is refused in the words of the in-tree plugin, with the field and the fix', (t) => {
  const attempt = attemptOf({ resource, name: 'shop', namespace: 'shop' });
  const labels = { now: full({ enforce: 'strict', 'warn-version': '1.30' }), before: {} };
  t.match(judgeNamespace(attempt, labels, config()), {
    kind: 'invalid',
    evaluation: {
      code: 'pod-security-label',
      reason: 'Invalid',
      message:
        'Namespace "shop" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.30": must be "latest" or "v1.x"]',
      findings: [
        { pointer: '/metadata/labels/pod-security.kubernetes.io~1enforce', value: 'strict' },
        { value: '1.30', allowed: ['latest', 'v1.N'] },
      ],
    },
  });
  t.end();
});

const exempt = (policy: string): string =>
  `namespace "shop" is exempt from Pod Security, and the policy (${policy}) will be ignored`;
const exemptRows: readonly [string, Labels, Labels | null, string, PodSecurityConfig?][] = [
  ['created with a level', { enforce: 'baseline' }, null, exempt('enforce=baseline:latest')],
  [
    'created with a level for warnings alone',
    { warn: 'baseline' },
    null,
    exempt('warn=baseline:latest'),
  ],
  ['created without a level', { a: 'b' }, null, 'none'],
  [
    'created with the default level',
    { enforce: 'baseline', warn: 'privileged' },
    null,
    'none',
    config('baseline', ['shop']),
  ],
  ['created with a wrong level', { enforce: 'x' }, null, wrongLevel],
  [
    'tightened',
    { enforce: 'restricted', warn: 'privileged' },
    {},
    exempt('enforce=restricted:latest'),
  ],
  ['tightened for audit alone', { audit: 'restricted' }, {}, 'none'],
];

for (const [name, now, before, wanted, given = config('privileged', ['shop'])] of exemptRows) {
  test(`an exempt namespace that is ${name}`, (t) => {
    t.equal(said(now, before, given), wanted);
    t.end();
  });
}

const concerns: readonly [string, Partial<Attempt>, boolean][] = [
  ['created', {}, true],
  ['changed', { operation: 'UPDATE' }, true],
  ['deleted', { operation: 'DELETE' }, false],
  ['finalized', { operation: 'UPDATE', subResource: 'finalize' }, false],
  ['of another status', { operation: 'UPDATE', subResource: 'status' }, false],
  ['of another group', { resource: { ...resource, group: 'example.com' } }, false],
];

for (const [name, attempt, applies] of concerns) {
  test(`a namespace that is ${name} is ${applies ? '' : 'not '}looked at`, (t) => {
    t.equal(namespaceApplies(attemptOf({ resource, ...attempt })), applies);
    t.end();
  });
}

function pod(name: string, owner: string | null = null, spec: JsonObject = {}): JsonObject {
  const ownerReferences = owner === null ? [] : [{ uid: owner, controller: true }];
  const containers = [{ name: 'c', image: 'i' }];
  return { metadata: { name, ownerReferences }, spec: { containers, ...spec } };
}

test('one pod of each controller comes first, and exempt runtime classes do not count', (t) => {
  const pods = [
    ...[pod('a1', 'a'), pod('a2', 'a'), pod('b1', 'b'), pod('alone'), pod('a3', 'a')],
    pod('kata', null, { runtimeClassName: 'kata' }),
    { metadata: { name: 'owned', ownerReferences: [{ uid: 'a' }] }, spec: {} },
  ];
  t.same(
    prioritised(pods, ['kata']).map(({ metadata }) => (metadata as JsonObject)['name']),
    ['a1', 'b1', 'alone', 'owned', 'a2', 'a3'],
  );
  t.end();
});

function warnings(pods: readonly JsonObject[], total = pods.length): readonly string[] {
  const tallying = tallyFor(at('baseline', 30));
  for (const each of pods) tallying.add(each);
  return runningWarnings('shop', at('baseline', 30), tallying.tally(total));
}

test('pods that break the same controls are counted together, by the first of their names', (t) => {
  const host: JsonObject = { hostNetwork: true };
  const both: JsonObject = {
    hostNetwork: true,
    hostPID: true,
    volumes: [{ name: 'v', hostPath: { path: '/' } }],
  };
  const head =
    'existing pods in namespace "shop" violate the new PodSecurity enforce level "baseline:v1.30"';
  t.same(warnings([pod('good')]), []);
  t.same(warnings([pod('w', null, host), pod('good')]), [head, 'w: host namespaces']);
  t.same(
    warnings([
      ...[pod('z2', null, host), pod('z1', null, host), pod('good')],
      ...[pod('m3', null, both), pod('m1', null, both), pod('m2', null, both)],
    ]),
    [
      head,
      'm1 (and 2 other pods): host namespaces, hostPath volumes',
      'z1 (and 1 other pod): host namespaces',
    ],
  );
  t.end();
});

test('what was not looked at is counted', (t) => {
  t.same(warnings([pod('good')], 7), [
    'new PodSecurity enforce level only checked against the first 1 of 7 existing pods',
  ]);
  t.end();
});

const privileged: JsonObject = {
  containers: [{ name: 'c', image: 'i', securityContext: { privileged: true } }],
};
const deployment = (spec: JsonObject, more: JsonObject = {}): JsonObject => ({
  metadata: { name: 'web' },
  spec: { replicas: 1, template: { metadata: { labels: { app: 'web' } }, spec }, ...more },
});

/** A change of a Deployment in a namespace that enforces baseline: the modes that are broken. */
function modesBroken(now: JsonObject, before: JsonObject | null): string {
  const attempt = attemptOf({
    kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
    resource: { group: 'apps', version: 'v1', resource: 'deployments' },
    operation: 'UPDATE',
    object: now,
    oldObject: before,
    userInfo: { username: 'bob', uid: '', groups: [], extra: {} },
  });
  const judgement = judgePodSecurity(attempt, config('baseline'), full({ enforce: 'baseline' }));
  if (judgement.kind !== 'judged') return judgement.kind;
  const broken = judgement.results.filter(({ evaluation }) => evaluation.kind === 'fail');
  return broken.map(({ mode }) => mode).join(' ');
}

const changes: readonly [string, JsonObject, JsonObject | null, string][] = [
  ['its template', deployment(privileged), deployment({ containers: [] }), 'enforce warn'],
  [
    'another field of a template that was bad before',
    deployment({ ...privileged, nodeName: 'n' }),
    deployment(privileged),
    'enforce warn',
  ],
  ['its scale alone', deployment(privileged, { replicas: 0 }), deployment(privileged), 'warn'],
  [
    'its last finalizer, while it is being deleted',
    {
      ...deployment(privileged),
      metadata: { name: 'web', deletionTimestamp: '2026-11-21T10:00:00Z' },
    },
    deployment(privileged),
    'warn',
  ],
  ['nobody knows what', deployment(privileged), null, 'enforce warn'],
  ['a bad template to a good one', deployment({ containers: [] }), deployment(privileged), ''],
];

for (const [name, now, before, wanted] of changes) {
  test(`a workload whose update changes ${name} breaks: ${wanted || 'nothing'}`, (t) => {
    t.equal(modesBroken(now, before), wanted);
    t.end();
  });
}
