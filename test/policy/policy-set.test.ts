// A whole policy set: every field in the model, overrides, the hash, the index, what is frozen and what is warned about.
import { readFileSync } from 'node:fs';
import { symlink, writeFile } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { test } from 'tap';
import type { Diagnostic } from '../../src/base/diagnostic.ts';
import { isObject } from '../../src/base/json.ts';
import { workloadKinds } from '../../src/k8s/pod-template.ts';
import { loadPolicySet } from '../../src/policy/load.ts';
import type { Policy, PolicySet } from '../../src/policy/model.ts';
import { clusterImagePolicySchema } from '../../src/policy/schema/cluster-image-policy.ts';
import {
  admissionConfigurationSchema,
  podSecurityConfigurationSchema,
} from '../../src/policy/schema/pod-security-configuration.ts';
import { policySettingsSchema } from '../../src/policy/schema/policy-settings.ts';
import { trustRootSchema } from '../../src/policy/schema/trust-root.ts';
import { validatingAdmissionPolicySchema } from '../../src/policy/schema/validating-admission-policy.ts';
import { validatingAdmissionPolicyBindingSchema } from '../../src/policy/schema/validating-admission-policy-binding.ts';
import { binding, built, documentsOf, join, onPods, policy, wholeSet } from './texts.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/policies/${name}`, import.meta.url), 'utf8');
const complete = fixture('complete.yaml');
const names = (policies: readonly Policy[]): readonly string[] => policies.map(({ name }) => name);

/** The set as plain values: a program is its source. */
function plain(set: PolicySet): Record<string, unknown> {
  const text = JSON.stringify(set, (_, value: unknown) =>
    isObject(value) && 'source' in value ? value['source'] : value,
  );
  return JSON.parse(text);
}

test('every field of every kind comes through', async (t) => {
  const { hash, files, warnings, ...set } = plain(wholeSet(complete));
  t.match(hash, /^sha256:[0-9a-f]{64}$/);
  t.same(files, ['a.yaml']);
  t.match(warnings, [{ code: 'audit-only', line: 151 }]);
  const empty = { matchLabels: {}, matchExpressions: [] };
  t.strictSame(set['policies'], [
    {
      name: 'replica-limit',
      failurePolicy: 'Ignore',
      paramKind: { apiVersion: 'rules.example.com/v1', kind: 'ReplicaLimit' },
      matchConstraints: {
        matchPolicy: 'Exact',
        namespaceSelector: {
          matchLabels: { env: 'prod' },
          matchExpressions: [
            { key: 'team', operator: 'In', values: ['a', 'b'] },
            { key: 'example.com/frozen', operator: 'DoesNotExist', values: [] },
          ],
        },
        objectSelector: {
          matchLabels: {},
          matchExpressions: [
            { key: 'tier', operator: 'NotIn', values: [''] },
            { key: 'app', operator: 'Exists', values: [] },
          ],
        },
        resourceRules: [
          {
            apiGroups: ['apps'],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['deployments', 'deployments/scale'],
            resourceNames: ['web'],
            scope: 'Namespaced',
          },
        ],
        excludeResourceRules: [
          {
            apiGroups: ['*'],
            apiVersions: ['*'],
            operations: ['*'],
            resources: ['*/*'],
            resourceNames: ['exempt'],
            scope: '*',
          },
        ],
      },
      matchConditions: [
        {
          name: 'example.com/not-system',
          program: "!request.userInfo.groups.exists(g, g == 'system:masters') || params != null",
        },
      ],
      variables: [
        { name: 'replicas', program: 'object.spec.replicas' },
        { name: 'tooMany', program: 'variables.replicas > params.maxReplicas' },
      ],
      validations: [
        {
          rule: 'replica-limit/max-replicas',
          program: '!variables.tooMany',
          message: 'too many replicas',
          messageExpression: "'at most ' + string(params.maxReplicas)",
          reason: 'Forbidden',
        },
        {
          rule: 'replica-limit/odd-replicas',
          program: 'variables.replicas % 2 == 1',
          message: '',
          messageExpression: null,
          reason: 'Invalid',
        },
      ],
      auditAnnotations: [
        { key: 'high-replica-count', program: "'replicas: ' + string(variables.replicas)" },
      ],
      title: 'Replicas stay below a limit',
      description: 'Too many replicas starve the others.',
      remedy: 'Ask for fewer replicas',
      patch: [
        { field: ['spec', 'replicas'], value: 3 },
        { field: ['paused'], value: true },
      ],
      severity: 'medium',
      controls: ['nist-800-190:4.4.3', 'cis-k8s:5.2.2'],
      podTemplates: false,
      bindings: [
        {
          name: 'replica-limit-all',
          paramRef: {
            name: null,
            selector: { matchLabels: { kind: 'limit' }, matchExpressions: [] },
            namespace: null,
            parameterNotFoundAction: 'Allow',
          },
          matchResources: null,
          validationActions: ['Deny'],
        },
        {
          name: 'replica-limit-prod',
          paramRef: {
            name: 'prod',
            selector: null,
            namespace: 'platform',
            parameterNotFoundAction: 'Deny',
          },
          matchResources: {
            matchPolicy: 'Equivalent',
            namespaceSelector: empty,
            objectSelector: { matchLabels: { app: 'web' }, matchExpressions: [] },
            resourceRules: [],
            excludeResourceRules: [],
          },
          validationActions: ['Warn', 'Audit'],
        },
      ],
    },
  ]);
  t.strictSame(set['params'], [
    {
      apiVersion: 'rules.example.com/v1',
      kind: 'ReplicaLimit',
      namespace: 'platform',
      name: 'prod',
      object: {
        apiVersion: 'rules.example.com/v1',
        kind: 'ReplicaLimit',
        metadata: { name: 'prod', namespace: 'platform' },
        maxReplicas: 3,
        anything: [1, null, { deep: true }],
      },
    },
  ]);
  const rollout = {
    group: 'argoproj.io',
    kind: 'Rollout',
    resource: 'rollouts',
    path: ['spec', 'template'],
  };
  const workloads = [...workloadKinds, rollout];
  t.strictSame(set['podSecurity'], {
    defaults: {
      enforce: { level: 'baseline', version: 30 },
      audit: { level: 'restricted', version: 'latest' },
      warn: { level: 'restricted', version: 'latest' },
    },
    exemptions: {
      usernames: ['system:serviceaccount:kube-system:builder'],
      namespaces: ['kube-system'],
      runtimeClasses: ['kata'],
    },
    templates: 'Warn',
    floor: { level: 'baseline', version: 30 },
    workloads,
  });
  t.strictSame(set['settings'], {
    mode: 'AuditOnly',
    errors: 'Deny',
    workloads,
    exceptions: { maxDays: 90, warnDays: 7, namespaces: ['exceptions'] },
    params: { namespaces: ['params', '*'] },
    images: { noMatch: 'deny', onError: 'deny', digests: 'require' },
  });
  t.strictSame(set['exceptions'], [
    {
      name: 'until-spring',
      rules: ['replica-limit/max-replicas', 'pod-security'],
      match: {
        namespaces: ['shop'],
        names: ['web'],
        workloads: [{ kind: 'Rollout', name: 'web' }],
        images: [`sha256:${'a'.repeat(64)}`],
        users: ['alice'],
      },
      reason: 'a peak',
      owner: 'team-shop',
      ticket: 'SHOP-1',
      approvedBy: 'carol',
      expires: '2026-12-31T17:00:00.000Z',
    },
  ]);
});

test('what is not written has the defaults of the API server', async (t) => {
  const { policies, podSecurity } = wholeSet(join(policy(), binding('b')));
  const [p] = policies;
  const everything = { matchLabels: {}, matchExpressions: [] };
  t.equal(p?.failurePolicy, 'Fail');
  t.equal(p?.paramKind, null);
  t.match(p?.matchConstraints, {
    matchPolicy: 'Equivalent',
    namespaceSelector: everything,
    objectSelector: everything,
    excludeResourceRules: [],
  });
  t.equal(p?.matchConstraints.resourceRules[0]?.scope, '*');
  t.equal(p?.validations[0]?.rule, 'p/validations[0]');
  t.equal(p?.validations[0]?.reason, 'Invalid');
  t.match(p, { title: null, remedy: null, severity: null, controls: [], podTemplates: false });
  const level = { level: 'privileged', version: 'latest' };
  t.strictSame(podSecurity, {
    defaults: { enforce: level, audit: level, warn: level },
    exemptions: { usernames: [], namespaces: [], runtimeClasses: [] },
    templates: 'Enforce',
    floor: null,
    workloads: workloadKinds,
  });
});

const accepted: readonly [title: string, text: string][] = [
  ['a List as kubectl prints it', fixture('kubectl-list.yaml')],
  ['v1beta1', join(policy(), binding('b')).replaceAll('k8s.io/v1\n', 'k8s.io/v1beta1\n')],
  ['JSON', JSON.stringify(documentsOf(policy())[0]?.value)],
  ['null fields', policy({ spec: 'variables: null\n  matchConditions: ~\n  failurePolicy:' })],
  [
    'an expression on several lines without a message',
    policy({ validations: '{expression: "true ||\\n\\n false"}' }),
  ],
  [
    'an empty message and messageExpression',
    policy({ validations: "{expression: 'true', message: '', messageExpression: ''}" }),
  ],
  [
    'a message with line breaks around it',
    policy({ validations: '{expression: "true", message: "\\n a \\n"}' }),
  ],
  [
    'a star after a resource, as upstream',
    policy({ rules: onPods.replace('[pods]', "[pods, '*', pods/exec]") }),
  ],
  [
    'a subresource before its star, as upstream',
    policy({ rules: onPods.replace('[pods]', '[pods/exec, pods/*]') }),
  ],
  [
    'only audit annotations',
    policy({ validations: '', spec: 'auditAnnotations: [{key: a, valueExpression: "\'x\'"}]' }),
  ],
  [
    'an audit annotation that is null',
    policy({ spec: "auditAnnotations: [{key: a, valueExpression: 'null'}]" }),
  ],
  [
    'an audit annotation of 5 KiB',
    policy({ spec: `auditAnnotations: [{key: a, valueExpression: "'${'x'.repeat(5118)}'"}]` }),
  ],
  ['a namespace, which the API server drops', policy({ metadata: ', namespace: x' })],
  [
    'only a PodSecurityConfiguration',
    'apiVersion: pod-security.admission.config.k8s.io/v1beta1\nkind: PodSecurityConfiguration\n',
  ],
];
for (const [title, text] of accepted) {
  test(`accepted: ${title}`, async (t) => {
    const result = built(text);
    t.same(result.ok ? [] : result.error, []);
  });
}

test('the schemas are valid in their draft and strict', async (t) => {
  for (const schema of [
    validatingAdmissionPolicySchema,
    validatingAdmissionPolicyBindingSchema,
    podSecurityConfigurationSchema,
    admissionConfigurationSchema,
    policySettingsSchema,
    clusterImagePolicySchema,
    trustRootSchema,
  ]) {
    const ajv = new Ajv2020({
      strict: true,
      strictTypes: true,
      strictRequired: true,
      logger: false,
    });
    t.doesNotThrow(() => ajv.compile(schema), String(schema['title']));
  }
});

test('a later path overrides by group, kind and name; what it does not name stays', async (t) => {
  const base = join(policy(), policy({ name: 'q' }), binding('b'), binding('c', '', 'q'));
  const overlay = join(
    policy({ validations: "{expression: 'false', message: later}" }).replace('/v1\n', '/v1beta1\n'),
    binding('b').replace('Deny', 'Warn'),
  );
  const { policies, files } = wholeSet(base, overlay);
  t.same(names(policies), ['p', 'q']);
  t.equal(policies[0]?.validations[0]?.message, 'later');
  t.same(
    policies.map((each) => each.bindings.map((b) => [b.name, b.validationActions])),
    [[['b', ['Warn']]], [['c', ['Deny']]]],
  );
  t.same(files, ['a.yaml', 'b.yaml']);
});

test('params are overridden by namespace and name, single kinds whatever their name', async (t) => {
  const param = (metadata: string, a: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {${metadata}}\ndata: {a: ${a}}\n`;
  const settings = (name: string, mode: string): string =>
    `apiVersion: sekisho.dev/v1alpha1\nkind: PolicySettings\nmetadata: {name: ${name}}\nspec: {podSecurity: {templates: ${mode}}}\n`;
  const pss = (level: string): string =>
    `apiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\ndefaults: {enforce: ${level}}\n`;
  const { params, podSecurity } = wholeSet(
    join(
      policy({ spec: 'paramKind: {apiVersion: v1, kind: ConfigMap}' }),
      param('name: x', 'first'),
      param('name: x, namespace: other', 'second'),
      settings('one', 'Warn'),
      pss('baseline'),
    ),
    join(
      param('name: x, namespace: default', 'third'),
      settings('two', 'Enforce'),
      pss('restricted'),
    ),
  );
  t.same(
    params.map((each) => [each.namespace, each.name, each.object['data']]),
    [
      ['default', 'x', { a: 'third' }],
      ['other', 'x', { a: 'second' }],
    ],
  );
  t.equal(podSecurity.templates, 'Enforce');
  t.equal(podSecurity.defaults.enforce.level, 'restricted');
});

const reordered = (text: string): string => {
  const flip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(flip);
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, each]) => [key, flip(each)]),
    );
  };
  return documentsOf(text)
    .map(({ value }) => JSON.stringify(flip(value)))
    .reverse()
    .join('\n---\n');
};

test('the hash is of the content: not of order, layout, comments, files or what a server fills in', async (t) => {
  const { hash } = wholeSet(complete);
  const same: Record<string, readonly string[]> = {
    'order of keys and documents': [reordered(complete)],
    comments: [
      complete
        .replaceAll('\n', ' # why\n')
        .replace('# why\n      {', '\n      {')
        .replaceAll(/\| # why/g, '|'),
    ],
    'one file for each document': complete.split('---\n'),
    'what the server fills in': [
      complete
        .replaceAll(/^ {2}(generation|resourceVersion|uid|creationTimestamp): .*\n/gm, '')
        .replace(/^status:\n(?: .*\n)+/m, '')
        .replace(/^ {2}managedFields:\n(?: {4}.*\n)+/m, '')
        .replace(/^ {4}kubectl.*\n {6}.*\n/m, ''),
    ],
    'an overridden document': [complete.replace('too many', 'far too many'), complete],
    'a PodSecurityConfiguration on its own': [
      complete.replace(
        /apiVersion: apiserver(?:.|\n)*?configuration:\n((?: {6}.*\n)+)/,
        (_, inner: string) => inner.replaceAll(/^ {6}/gm, ''),
      ),
    ],
  };
  for (const [what, texts] of Object.entries(same)) {
    t.notSame(texts, [complete], `${what}: the text is another one`);
    t.equal(wholeSet(...texts).hash, hash, what);
  }
});

test('the hash changes with anything that can change a verdict', async (t) => {
  const changes: readonly [string, string][] = [
    ['failurePolicy: Ignore', 'failurePolicy: Fail'],
    ['"!variables.tooMany"', '" !variables.tooMany"'],
    ['parameterNotFoundAction: Deny', 'parameterNotFoundAction: Allow'],
    ['maxReplicas: 3', 'maxReplicas: 4'],
    ['[1, null, ', '[1, '],
    ['enforce: baseline', 'enforce: restricted'],
    ['[kube-system]', '[kube-system, other]'],
    ['templates: Warn', 'templates: Enforce'],
    ['severity: medium', 'severity: low'],
    ['validationActions: [Warn, Audit]', 'validationActions: [Audit]'],
  ];
  const hashes = changes.map(([from, to]) => {
    t.ok(complete.includes(from), from);
    return wholeSet(complete.replace(from, to)).hash;
  });
  t.equal(new Set([wholeSet(complete).hash, ...hashes]).size, changes.length + 1);
});

test('sets of equal content are evaluated in the same order', async (t) => {
  const documents = [
    policy({ name: 'b' }),
    policy({ name: 'a' }),
    binding('z', '', 'a'),
    binding('x', '', 'a'),
  ];
  const [one, other] = [wholeSet(join(...documents)), wholeSet(join(...documents.toReversed()))];
  t.same(names(one.policies), ['a', 'b']);
  t.same(
    one.policies[0]?.bindings.map((each) => each.name),
    ['x', 'z'],
  );
  t.same(names(one.policiesFor('', 'pods')), ['a', 'b']);
  t.strictSame(plain({ ...one, warnings: [] }), plain({ ...other, warnings: [] }));
});

test('params are what the hash covers: without what only a server fills in', async (t) => {
  const { params } = wholeSet(
    join(
      policy({ spec: 'paramKind: {apiVersion: a.b/v1, kind: X}' }),
      'apiVersion: a.b/v1\nkind: X\nmetadata: {name: x, uid: u, resourceVersion: "1", labels: {a: b}, annotations: {kubectl.kubernetes.io/last-applied-configuration: y}}\nstatus: {phase: ready}\n',
    ),
  );
  t.strictSame(params[0]?.object, {
    apiVersion: 'a.b/v1',
    kind: 'X',
    metadata: { name: 'x', labels: { a: 'b' } },
    status: { phase: 'ready' },
  });
});

test('policiesFor finds by group and resource, wildcards and subresources included', async (t) => {
  const rule = (group: string, resource: string): string =>
    `{apiGroups: ['${group}'], apiVersions: ['*'], operations: ['*'], resources: ['${resource}']}`;
  const { policiesFor } = wholeSet(
    join(
      policy({ name: 'all', rules: rule('*', '*') }),
      policy({ name: 'any-pods', rules: rule('*', 'pods') }),
      policy({ name: 'core', rules: rule('', '*') }),
      policy({ name: 'exec', rules: rule('', 'pods/exec') }),
      policy({ name: 'pods', rules: `${rule('', 'pods')}, ${rule('', 'pods')}` }),
      policy({ name: 'scale', rules: rule('apps', '*/scale') }),
      policy({
        name: 'other-group',
        rules: rule('example.org', '*'),
        annotations: 'sekisho.dev/pod-templates: "true"',
      }),
      policy({
        name: 'templates',
        rules: onPods,
        annotations: 'sekisho.dev/pod-templates: "true"',
      }),
      policy({
        name: 'templates-not-pods',
        rules: rule('', 'services'),
        annotations: 'sekisho.dev/pod-templates: "true"',
      }),
    ),
  );
  const cases: readonly [group: string, resource: string, found: readonly string[]][] = [
    ['', 'pods', ['all', 'any-pods', 'core', 'exec', 'pods', 'templates']],
    ['', 'services', ['all', 'core', 'templates-not-pods']],
    ['apps', 'deployments', ['all', 'scale', 'templates']],
    ['metrics.k8s.io', 'pods', ['all', 'any-pods']],
    ['example.com', 'things', ['all']],
    ['', '__proto__', ['all', 'core']],
  ];
  for (const [group, resource, found] of cases) {
    t.same(names(policiesFor(group, resource)), found, `${group}/${resource}`);
  }
  for (const { group, resource } of workloadKinds) {
    t.ok(names(policiesFor(group, resource)).includes('templates'), resource);
  }
});

test('a policy set is frozen all the way down', async (t) => {
  const set = wholeSet(complete);
  const isFrozen = (value: unknown): boolean =>
    typeof value !== 'object' ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isFrozen));
  t.ok(isFrozen(set));
  t.ok(isFrozen(set.policiesFor('apps', 'deployments')[0]));
});

const toldOf = (warnings: readonly Diagnostic[]): unknown =>
  warnings.map((w) => `${w.line}:${w.column}: ${w.code}`);

test('a policy without a binding is loaded, and that it is never evaluated is told', async (t) => {
  const set = wholeSet(join(policy(), policy({ name: 'q' }), binding('b')));
  t.same(names(set.policies), ['p', 'q']);
  t.same(toldOf(set.warnings), ['11:18: policy-unbound']);
});

test('other plugins of an AdmissionConfiguration are not read, and that is told', async (t) => {
  const set = wholeSet(`apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
  - {name: EventRateLimit, path: x.yaml}
  - name: PodSecurity
    configuration: {apiVersion: pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration, defaults: {enforce: baseline}}
`);
  t.equal(set.podSecurity.defaults.enforce.level, 'baseline');
  t.same(toldOf(set.warnings), ['4:12: policy-kind']);
});

const places = (faults: readonly Diagnostic[], dir: string): readonly string[] =>
  faults.map((f) => `${f.file.replace(dir, '.')}:${f.line}: ${f.code}`);

test('loadPolicySet: folders and files are layers, byte order marks and CRLF are read', async (t) => {
  const dir = t.testdir({
    base: {
      'p.yaml': `\uFEFF${policy()}`,
      nested: { 'b.yml': binding('b').replaceAll('\n', '\r\n') },
    },
    'overlay.json': JSON.stringify(documentsOf(binding('b').replace('Deny', 'Audit'))[0]?.value),
  });
  const loaded = await loadPolicySet([joinPath(dir, 'base'), joinPath(dir, 'overlay.json')], {
    now: '2026-11-21T10:00:00Z',
  });
  t.ok(loaded.ok);
  if (!loaded.ok) return;
  t.same(loaded.value.policies[0]?.bindings[0]?.validationActions, ['Audit']);
  t.same(
    loaded.value.files.map((f) => f.replace(dir, '.')),
    ['./base/nested/b.yml', './base/p.yaml', './overlay.json'],
  );
});

test('loadPolicySet: every fault of every file, sorted by place; nothing is loaded', async (t) => {
  const dir = t.testdir({
    'a.yaml': join(
      policy({ validations: "{expression: 'foo'}" }),
      'a: [\n',
      policy({ name: 'q', spec: 'zz: 1' }),
    ),
    'b.yaml': policy({ name: 'r' }),
    'c.yaml': `a: 1\na: 2\n`,
    empty: {},
  });
  await symlink(joinPath(dir, 'loop.yaml'), joinPath(dir, 'loop.yaml'));
  await writeFile(joinPath(dir, 'd.yaml'), Uint8Array.of(0xff, 0xfe, 0xfd));
  const loaded = await loadPolicySet([dir, joinPath(dir, 'empty'), joinPath(dir, 'gone.yaml')], {
    now: '2026-11-21T10:00:00Z',
  });
  t.same(loaded.ok ? [] : places(loaded.error, dir), [
    './a.yaml:7: cel-unknown',
    './a.yaml:9: yaml-syntax',
    './a.yaml:16: policy-field',
    './c.yaml:2: yaml-duplicate-key',
    './d.yaml:0: yaml-syntax',
    './empty:0: file-none',
    './gone.yaml:0: file-unreadable',
    './loop.yaml:0: file-unreadable',
  ]);
});

test('loadPolicySet: without a policy it says under which paths', async (t) => {
  const dir = t.testdir({ 'a.yaml': '# nothing\n', 'b.yaml': '' });
  const loaded = await loadPolicySet([joinPath(dir, 'a.yaml'), joinPath(dir, 'b.yaml')], {
    now: '2026-11-21T10:00:00Z',
  });
  t.same(loaded.ok ? [] : places(loaded.error, dir), [
    './a.yaml:1: policy-idle',
    `./a.yaml, ${dir}/b.yaml:0: policies-empty`,
    './b.yaml:1: policy-idle',
  ]);
  const none = await loadPolicySet([], { now: '2026-11-21T10:00:00Z' });
  t.same(none.ok ? [] : none.error.map((f) => f.code), ['policies-empty']);
});

const versions: readonly [version: string | null, expression: string, ok: boolean][] = [
  ['1.31', 'isIP("1.2.3.4")', true],
  ['1.30', 'isIP("1.2.3.4")', false],
  ['1.33', 'isSemver("1.2.3")', false],
  ['1.34', 'isSemver("1.2.3")', true],
  [null, '[1].includes(1)', true],
  ['1.37', '[1].includes(1)', false],
];

for (const [version, expression, taken] of versions) {
  test(`for Kubernetes ${version ?? 'of any version'}, ${expression} is ${taken ? 'taken' : 'a fault'}`, (t) => {
    const settings = `apiVersion: sekisho.dev/v1alpha1\nkind: PolicySettings\nspec: {${version === null ? '' : `kubernetesVersion: '${version}'`}}\n`;
    // The settings are read first, in whatever layer they stand.
    const result = built(
      join(policy({ validations: `{expression: '${expression}'}` }), binding('p')),
      settings,
    );
    t.equal(result.ok, taken, JSON.stringify(result.ok ? null : result.error));
    if (!result.ok)
      t.match(result.error[0], { code: 'cel-unknown', message: /came with Kubernetes/ });
    t.end();
  });
}
