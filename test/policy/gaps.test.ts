// What webhook configurations leave out of what a policy set matches: none for what `sekisho webhook` prints, and each way
// to leave something out is told with the policy that misses it.
import { test } from 'tap';
import type { JsonObject, JsonValue } from '../../src/base/json.ts';
import type { PolicySet } from '../../src/policy/model.ts';
import { webhookObjects } from '../../src/policy/registration/configuration.ts';
import { gapsOf } from '../../src/policy/registration/gaps.ts';
import { wholeSet } from './texts.ts';

const policy = (name: string, rules: string, more = ''): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${name}}
spec:
  matchConstraints: {resourceRules: [${rules}]}
  validations: [{expression: 'true'}]
${more}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: ${name}}
spec: {policyName: ${name}, validationActions: [Deny]}
---`;

const rule = (group: string, resources: string, operations = 'CREATE, UPDATE'): string =>
  `{apiGroups: ['${group}'], apiVersions: [v1], operations: [${operations}], resources: [${resources}]}`;

const policySet = wholeSet(
  [
    policy('services', rule('', 'services', "'*'")),
    policy('ingresses', rule('networking.k8s.io', 'ingresses, networkpolicies')),
    policy('soft', rule('', 'configmaps'), '  failurePolicy: Ignore'),
  ].join('\n'),
);

const registration = {
  name: 'sekisho',
  client: { kind: 'service', namespace: 'sekisho', name: 'sekisho', port: 443, ca: null },
  ...{ timeoutSeconds: 10, excludedNamespaces: ['sekisho'], adminGroups: [], certManager: null },
} as const;

type Webhook = { [field: string]: JsonValue };

/** What is printed, with each webhook changed; null: left out. */
function printed(
  change: (webhook: Webhook) => Webhook | null,
  of: PolicySet = policySet,
): readonly JsonObject[] {
  const [configuration] = webhookObjects(of, registration);
  if (configuration === undefined) throw new Error('nothing was printed');
  const webhooks = configuration['webhooks'] as readonly Webhook[];
  const changed = webhooks.map((webhook) => change({ ...webhook })).filter((each) => each !== null);
  return [{ ...configuration, webhooks: changed }];
}

/** `KIND POLICY`, each once. */
function told(configurations: readonly JsonObject[], of = policySet): readonly string[] {
  const gaps = gapsOf(of, configurations);
  return [...new Set(gaps.map(({ kind, policy }) => `${kind} ${policy ?? '-'}`))].sort();
}

const isOf = (webhook: Webhook, entry: string): boolean =>
  JSON.stringify(webhook['clientConfig']).includes(`/validate/${entry}"`);
const rulesOf = (webhook: Webhook): Webhook[] => webhook['rules'] as unknown[] as Webhook[];
const withRules = (webhook: Webhook, change: (rule: Webhook) => Webhook[]): Webhook => ({
  ...webhook,
  rules: rulesOf(webhook).flatMap(change),
});
const names = (each: Webhook, field: string): readonly string[] => each[field] as string[];

test('what is printed leaves nothing out', (t) => {
  t.same(told(printed((webhook) => webhook)), []);
  t.same(
    told([...printed((webhook) => webhook), { webhooks: [{ name: 'another.example.com' }] }]),
    [],
  );
  t.end();
});

const everybody = [
  'never-asked ingresses',
  'never-asked pod-security',
  'never-asked services',
  'never-asked soft',
];

const rows: readonly (readonly [string, readonly JsonObject[], readonly string[]])[] = [
  ['no configuration', [], everybody],
  [
    'a configuration of somebody else',
    [{ metadata: { name: 'x' }, webhooks: [{ name: 'a.b' }] }],
    everybody,
  ],
  [
    'the entry of one failurePolicy is missing',
    printed((webhook) => (isOf(webhook, 'ignore-v1') ? null : webhook)),
    ['never-asked soft'],
  ],
  [
    'a rule is missing',
    printed((webhook) =>
      withRules(webhook, (each) => (names(each, 'resources').includes('ingresses') ? [] : [each])),
    ),
    ['never-asked ingresses'],
  ],
  [
    'a resource of a rule is missing',
    printed((webhook) =>
      withRules(webhook, (each) => [
        { ...each, resources: names(each, 'resources').filter((name) => name !== 'ingresses') },
      ]),
    ),
    ['rules ingresses'],
  ],
  [
    'an operation is missing: DELETE and CONNECT of a star',
    printed((webhook) =>
      withRules(webhook, (each) =>
        names(each, 'resources').includes('services')
          ? [{ ...each, operations: ['CREATE', 'UPDATE'] }]
          : [each],
      ),
    ),
    ['rules services'],
  ],
  [
    'only cluster-scoped objects',
    printed((webhook) => withRules(webhook, (each) => [{ ...each, scope: 'Cluster' }])),
    everybody,
  ],
  [
    'another version: the object would come converted',
    printed((webhook) =>
      withRules(webhook, (each) => [{ ...each, apiVersions: ['v1', 'v1beta1'] }]),
    ),
    everybody,
  ],
  [
    'failurePolicy Ignore',
    printed((webhook) => ({ ...webhook, failurePolicy: 'Ignore' })),
    ['failure-policy ingresses', 'failure-policy pod-security', 'failure-policy services'],
  ],
  [
    'matchPolicy Exact',
    printed((webhook) => ({ ...webhook, matchPolicy: 'Exact' })),
    ['ingresses', 'pod-security', 'services', 'soft'].map((name) => `match-policy ${name}`),
  ],
  [
    'namespaces by a label that anybody may set',
    printed((webhook) => ({ ...webhook, namespaceSelector: { matchLabels: { gate: 'on' } } })),
    ['namespaces -'],
  ],
  [
    'only some namespaces by name',
    printed((webhook) => ({
      ...webhook,
      namespaceSelector: {
        matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['a'] }],
      },
    })),
    ['namespaces -'],
  ],
  [
    'more namespaces left out by name, as --exclude-namespace does',
    printed((webhook) => ({
      ...webhook,
      namespaceSelector: {
        matchExpressions: [
          { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['a', 'b'] },
        ],
      },
    })),
    [],
  ],
  [
    'objects by a label',
    printed((webhook) => ({
      ...webhook,
      objectSelector: { matchExpressions: [{ key: 'skip', operator: 'DoesNotExist' }] },
    })),
    ['objects -'],
  ],
  [
    'a match condition of somebody',
    printed((webhook) => ({
      ...webhook,
      matchConditions: [{ name: 'x', expression: "request.userInfo.username != 'me'" }],
    })),
    ['conditions -'],
  ],
  ['two seconds', printed((webhook) => ({ ...webhook, timeoutSeconds: 2 })), ['timeout -']],
];

for (const [what, configurations, wanted] of rows) {
  test(`told: ${what}`, (t) => {
    t.same(told(configurations), wanted);
    t.end();
  });
}

test('other paths that lead to us count: /validate for all, /validate/fail and /validate/ignore for half', (t) => {
  const at = (path: (webhook: Webhook) => string | null, marked = true): readonly JsonObject[] =>
    printed((webhook) => {
      const to = path(webhook);
      const service = { namespace: 'sekisho', name: 'sekisho', path: to };
      const name = marked ? 'gate.sekisho.dev' : 'gate.example.com';
      return to === null ? null : { ...webhook, name, clientConfig: { service } };
    }).map((each) => (marked ? each : { ...each, metadata: { name: 'x' } }));
  const half = (webhook: Webhook): string =>
    webhook['failurePolicy'] === 'Fail' ? '/validate/fail' : '/validate/ignore';
  t.same(told(at(half)), []);
  t.same(told(at((webhook) => (isOf(webhook, 'ignore-v1') ? null : half(webhook)))), [
    'never-asked soft',
  ]);
  t.notOk(told(at(() => '/validate')).some((each) => each.startsWith('never')));
  t.same(told(at(() => '/validate', false)), everybody, 'another gate may have this path');
  const url = printed((webhook) => ({
    ...webhook,
    clientConfig: { url: `https://gate:8443${half(webhook)}` },
  }));
  t.same(told(url), []);
  t.end();
});

test('what several webhooks ask about together is asked about', (t) => {
  const split = printed((webhook) =>
    withRules(webhook, (each) =>
      names(each, 'operations').flatMap((operation) =>
        (operation === '*' ? ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] : [operation]).flatMap(
          (one) =>
            names(each, 'resources').map((resource) => ({
              ...each,
              operations: [one],
              resources: [resource],
            })),
        ),
      ),
    ),
  );
  t.same(told(split), []);
  t.end();
});

test('a policy without a binding needs nobody to ask', (t) => {
  const text = policy('bound', rule('', 'services'));
  const unbound = policy('unbound', rule('', 'secrets')).split('---')[0] ?? '';
  const both = wholeSet(`${text}${unbound}`);
  t.same(
    told(
      printed((webhook) => webhook, wholeSet(text)),
      both,
    ),
    [],
  );
  t.end();
});
