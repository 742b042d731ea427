// Who Pod Security judges, by which level, and what it then says: rows follow the in-tree plugin.
import { readFileSync } from 'node:fs';
import { test } from 'tap';
import { isObject, type JsonObject } from '../../src/base/json.ts';
import { workloadKinds } from '../../src/k8s/pod-template.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import { judgePodSecurity, podSecurityApplies, wouldViolate } from '../../src/pss/admission.ts';
import { modeLevels } from '../../src/pss/levels.ts';
import type { Level, PodSecurityConfig, Version } from '../../src/pss/types.ts';
import { attemptOf } from '../fixtures/attempts.ts';

const at = (level: Level, version: Version = 'latest') => ({ level, version });

function config(changes: Partial<PodSecurityConfig> = {}): PodSecurityConfig {
  return {
    defaults: { enforce: at('baseline'), audit: at('restricted'), warn: at('restricted') },
    exemptions: { usernames: [], namespaces: [], runtimeClasses: [] },
    templates: 'Enforce',
    floor: null,
    workloads: workloadKinds,
    ...changes,
  };
}

const spec = (changes: JsonObject = {}): JsonObject => ({
  containers: [{ name: 'web', image: 'a', securityContext: { privileged: true } }],
  ...changes,
});
const pod = (changes: JsonObject = {}): JsonObject => ({
  metadata: { name: 'web' },
  spec: spec(changes),
});

function judged(
  attempt: Partial<Attempt>,
  labels: Record<string, string> = {},
  changes: Partial<PodSecurityConfig> = {},
) {
  return judgePodSecurity(attemptOf({ object: pod(), ...attempt }), config(changes), labels);
}

const failing = (judgement: ReturnType<typeof judged>): readonly string[] =>
  judgement.kind === 'judged'
    ? judgement.results.flatMap((r) => (r.evaluation.kind === 'fail' ? [`${r.mode} ${r.id}`] : []))
    : [judgement.kind];

test('a privileged pod breaks baseline, and is told in the words of the in-tree plugin', (t) => {
  const judgement = judged({});
  t.ok(failing(judgement).includes('enforce privileged'));
  if (judgement.kind !== 'judged') throw new Error('not judged');
  const result = judgement.results.find((r) => r.id === 'privileged' && r.mode === 'enforce');
  t.match(result?.evaluation, {
    code: 'pod-security-violation',
    message: 'privileged (container "web" must not set securityContext.privileged=true)',
    findings: [
      {
        path: 'spec.containers[0].securityContext.privileged',
        pointer: '/spec/containers/0/securityContext/privileged',
        value: true,
      },
    ],
  });
  t.equal(judgement.auditAnnotations['enforce-policy'], 'baseline:latest');
  t.match(
    judgement.auditAnnotations['audit-violations'],
    /^would violate PodSecurity "restricted:latest": privileged \(container "web"/,
  );
  t.end();
});

test('what passes enforce is warned about', (t) => {
  const quiet = pod({ containers: [{ name: 'web', image: 'a' }] });
  const judgement = judged({ object: quiet });
  if (judgement.kind !== 'judged') throw new Error('not judged');
  t.match(wouldViolate(judgement.results, 'enforce'), []);
  t.match(wouldViolate(judgement.results, 'warn'), [
    /^would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false/,
  ]);
  t.end();
});

const ignored: readonly [string, Partial<Attempt>, boolean][] = [
  ...['exec', 'attach', 'binding', 'eviction', 'log', 'portforward', 'proxy', 'status'].map(
    (subResource): [string, Partial<Attempt>, boolean] => [
      `pods/${subResource}`,
      { subResource },
      false,
    ],
  ),
  ['pods/ephemeralcontainers', { subResource: 'ephemeralcontainers', operation: 'UPDATE' }, true],
  ['pods/resize', { subResource: 'resize', operation: 'UPDATE' }, true],
  [
    'a pod subresource that nobody knows yet',
    { subResource: 'teleport', operation: 'UPDATE' },
    true,
  ],
  ['DELETE of a pod', { operation: 'DELETE' }, false],
  ['CONNECT to a pod', { operation: 'CONNECT' }, false],
  ['a service', { resource: { group: '', version: 'v1', resource: 'services' } }, false],
  [
    'a pod of another group',
    { resource: { group: 'example.com', version: 'v1', resource: 'pods' } },
    false,
  ],
  [
    'deployments/scale',
    {
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      subResource: 'scale',
      operation: 'UPDATE',
    },
    false,
  ],
  ...workloadKinds.map(({ group, kind, resource }): [string, Partial<Attempt>, boolean] => [
    `${kind}, whatever the version`,
    { resource: { group, version: 'v9', resource }, kind: { group, version: 'v9', kind } },
    true,
  ]),
];

for (const [name, attempt, applies] of ignored) {
  test(`${name} is ${applies ? '' : 'not '}a matter of Pod Security`, (t) => {
    t.equal(podSecurityApplies(attemptOf(attempt), config()), applies);
    t.end();
  });
}

test('exemptions are exact, and noted', (t) => {
  const exemptions = { usernames: ['alice'], namespaces: ['shop'], runtimeClasses: ['kata'] };
  const only = (key: keyof typeof exemptions) => ({
    exemptions: { usernames: [], namespaces: [], runtimeClasses: [], [key]: exemptions[key] },
  });
  const object = pod({ runtimeClassName: 'kata' });
  t.match(judged({}, {}, only('usernames')), {
    kind: 'none',
    auditAnnotations: { exempt: 'user' },
  });
  t.match(judged({}, {}, only('namespaces')), {
    kind: 'none',
    auditAnnotations: { exempt: 'namespace' },
  });
  t.match(judged({ object }, {}, only('runtimeClasses')), {
    kind: 'none',
    auditAnnotations: { exempt: 'runtimeClass' },
  });
  t.equal(judged({ namespace: 'shop-2' }, {}, only('namespaces')).kind, 'judged');
  for (const username of ['Alice', 'alice-2', '']) {
    const userInfo = { username, uid: '', groups: ['alice'], extra: {} };
    t.equal(judged({ userInfo }, {}, only('usernames')).kind, 'judged', username);
  }
  t.equal(judged({}, {}, only('runtimeClasses')).kind, 'judged');
  t.end();
});

const prefix = 'pod-security.kubernetes.io/';
const defaults = config().defaults;
const labelRows: readonly [string, Record<string, string>, object, number][] = [
  ['no labels: the defaults', {}, defaults, 0],
  [
    'a level and a version for each mode',
    {
      enforce: 'restricted',
      'enforce-version': 'v1.30',
      audit: 'privileged',
      warn: 'baseline',
      'warn-version': 'v1.2',
    },
    { enforce: at('restricted', 30), audit: at('privileged'), warn: at('baseline', 2) },
    0,
  ],
  [
    'a bad enforce level is restricted',
    { enforce: 'strict' },
    { ...defaults, enforce: at('restricted') },
    1,
  ],
  [
    'a bad audit or warn level is privileged',
    { audit: '', warn: 'x' },
    { ...defaults, audit: at('privileged'), warn: at('privileged') },
    2,
  ],
  [
    'a bad version is latest',
    { 'enforce-version': 'v2.0', 'warn-version': '1.3', 'audit-version': 'v1.01' },
    defaults,
    3,
  ],
];

for (const [name, labels, levels, faults] of labelRows) {
  test(`labels: ${name}`, (t) => {
    const full = Object.fromEntries(
      Object.entries(labels).map(([key, value]) => [prefix + key, value]),
    );
    const found = modeLevels(full, defaults);
    t.same(found.levels, levels);
    t.equal(found.faults.length, faults);
    t.end();
  });
}

test('labels: whoever enforces more than is warned about is warned about as much', (t) => {
  const lax = { enforce: at('privileged'), audit: at('privileged'), warn: at('privileged') };
  t.same(
    modeLevels({ [`${prefix}enforce`]: 'baseline', [`${prefix}enforce-version`]: 'v1.5' }, lax)
      .levels.warn,
    at('baseline', 5),
  );
  t.same(modeLevels({ [`${prefix}enforce`]: 'nonsense' }, lax).levels.warn, at('privileged'));
  t.same(
    modeLevels({ [`${prefix}enforce`]: 'baseline', [`${prefix}warn`]: 'privileged' }, lax).levels
      .warn,
    at('privileged'),
  );
  t.end();
});

test('a namespace that is privileged in all modes has nothing judged', (t) => {
  const labels = Object.fromEntries(
    ['enforce', 'audit', 'warn'].map((mode) => [prefix + mode, 'privileged']),
  );
  t.match(judged({}, labels), {
    kind: 'none',
    auditAnnotations: { 'enforce-policy': 'privileged:latest' },
  });
  t.end();
});

const image = (name: string): JsonObject => ({
  containers: [{ name: 'web', image: name, securityContext: { privileged: true } }],
});
const significant: readonly [string, JsonObject, JsonObject, boolean][] = [
  ['nothing of the containers', spec({ activeDeadlineSeconds: 1 }), spec(), false],
  ['an image', image('b'), image('a'), true],
  [
    'a container more',
    {
      containers: [
        { name: 'web', image: 'a' },
        { name: 'x', image: 'b', securityContext: { privileged: true } },
      ],
    },
    image('a'),
    true,
  ],
  [
    'a container less',
    image('a'),
    {
      containers: [
        { name: 'web', image: 'a' },
        { name: 'x', image: 'b' },
      ],
    },
    true,
  ],
  ['an init container more', spec({ initContainers: [{ name: 'i', image: 'i' }] }), spec(), true],
  [
    'an ephemeral container more',
    spec({ ephemeralContainers: [{ name: 'debug', image: 'busybox' }] }),
    spec(),
    true,
  ],
  [
    'an ephemeral container gone',
    spec(),
    spec({ ephemeralContainers: [{ name: 'debug', image: 'busybox' }] }),
    false,
  ],
];

for (const [name, now, before, matters] of significant) {
  test(`an update that changes ${name} is ${matters ? '' : 'not '}judged`, (t) => {
    const judgement = judged({
      operation: 'UPDATE',
      object: { spec: now },
      oldObject: { spec: before },
    });
    t.equal(judgement.kind, matters ? 'judged' : 'none');
    t.end();
  });
}

test('a pod that is being deleted may lose its finalizers, and gets no new image', (t) => {
  const metadata = { name: 'web', deletionTimestamp: '2026-11-21T10:00:00Z' };
  const oldObject = { metadata: { ...metadata, finalizers: ['a/b'] }, spec: image('a') };
  const update = { operation: 'UPDATE', oldObject } as const;
  t.equal(judged({ ...update, object: { metadata, spec: image('a') } }).kind, 'none');
  t.equal(judged({ ...update, object: { metadata, spec: image('b') } }).kind, 'judged');
  t.end();
});

test('an update without an old object is judged in full', (t) => {
  t.equal(judged({ operation: 'UPDATE', oldObject: null }).kind, 'judged');
  t.end();
});

for (const { group, kind, resource, path } of workloadKinds) {
  test(`the template of a ${kind} is enforced, with its real path; as in-tree with templates: Warn`, (t) => {
    let object: JsonObject = { metadata: {}, spec: spec() };
    for (const step of [...path].reverse()) object = { [step]: object };
    const attempt = {
      kind: { group, version: 'v1', kind },
      resource: { group, version: 'v1', resource },
      object,
    };
    const enforced = judged(attempt);
    t.ok(failing(enforced).includes('enforce privileged'));
    if (enforced.kind === 'judged') {
      const found = enforced.results.find((r) => r.id === 'privileged')?.evaluation;
      const wanted = `${path.join('.')}.spec.containers[0].securityContext.privileged`;
      t.match(found, {
        findings: [
          {
            path: wanted,
            pointer: `/${path.join('/')}/spec/containers/0/securityContext/privileged`,
          },
        ],
      });
      t.notOk('enforce-policy' in enforced.auditAnnotations);
    }
    const warned = judged(attempt, {}, { templates: 'Warn' });
    t.ok(failing(warned).every((each) => !each.startsWith('enforce')));
    t.ok(failing(warned).includes('warn privileged'));
    t.end();
  });
}

const malformed: readonly [string, JsonObject | null][] = [
  [
    'privileged is a string',
    { spec: { containers: [{ name: 'a', securityContext: { privileged: 'true' } }] } },
  ],
  [
    'privileged is a number',
    { spec: { containers: [{ name: 'a', securityContext: { privileged: 1 } }] } },
  ],
  ['containers is an object', { spec: { containers: { a: 1 } } }],
  ['a container is null', { spec: { containers: [null] } }],
  ['a volume is null', { spec: { containers: [], volumes: [null] } }],
  ['securityContext is a list', { spec: { securityContext: [], containers: [] } }],
  ['hostNetwork is a string', { spec: { hostNetwork: 'yes', containers: [] } }],
  ['runAsUser is a fraction', { spec: { securityContext: { runAsUser: 0.5 }, containers: [] } }],
  ['the spec is missing', { metadata: {} }],
  ['the spec is a string', { spec: 'x' }],
  ['annotations hold a number', { metadata: { annotations: { a: 1 } }, spec: { containers: [] } }],
  ['there is no object', null],
];

for (const [name, object] of malformed) {
  test(`a pod that cannot be read is an error, never a pass: ${name}`, (t) => {
    t.match(judged({ object }), { kind: 'error', code: 'malformed-object' });
    t.end();
  });
}

test('real reviews: the debug container and the resize of a running pod are judged', (t) => {
  for (const name of ['pod-ephemeralcontainers-debug', 'pod-resize']) {
    const text = readFileSync(new URL(`../fixtures/reviews/${name}.json`, import.meta.url), 'utf8');
    const { request } = JSON.parse(text) as { request: JsonObject };
    const object = request['object'];
    if (!isObject(object)) throw new Error(name);
    const labels = { [`${prefix}enforce`]: 'restricted' };
    const judgement = judged(
      { operation: 'UPDATE', subResource: String(request['subResource']), object },
      labels,
    );
    t.ok(
      failing(judgement).some((each) => each.startsWith('enforce ')),
      name,
    );
  }
  t.end();
});
