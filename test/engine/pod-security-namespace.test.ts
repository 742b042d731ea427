// A Namespace through the whole engine: what refuses its labels, how its pods are asked for, and what of them is noted.
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { err, ok } from '../../src/base/result.ts';
import { admit } from '../../src/engine/admit.ts';
import type { InventoryQuestion, Ports } from '../../src/engine/ports.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import { attemptOf, now } from '../fixtures/attempts.ts';
import { plainPorts } from '../fixtures/ports.ts';
import { wholeSet } from '../policy/texts.ts';

const settings = `
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
exemptions: {usernames: [robot], namespaces: [kube-system], runtimeClasses: [kata]}
`;
const policySet = wholeSet(settings);

const label = 'pod-security.kubernetes.io/enforce';
const namespace = (level: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', labels: { [label]: level } },
});
const tightened = attemptOf({
  kind: { group: '', version: 'v1', kind: 'Namespace' },
  resource: { group: '', version: 'v1', resource: 'namespaces' },
  operation: 'UPDATE',
  name: 'shop',
  namespace: 'shop',
  object: namespace('baseline'),
  oldObject: namespace('privileged'),
});

const pod = (name: string, spec: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    containers: [{ name: 'c', image: 'i', env: [{ name: 'KEY', value: 'secret' }] }],
    ...spec,
  },
});
const pods = [
  pod('b', { hostPID: true }),
  pod('a', { hostPID: true }),
  pod('kata', { hostPID: true, runtimeClassName: 'kata' }),
  pod('good', {}),
];

type Asked = { readonly asked: InventoryQuestion[]; readonly ports: Ports };

/** Each look at the clock takes `tick` milliseconds. */
function portsWith(changes: Partial<Ports> = {}, tick = 0): Asked {
  const asked: InventoryQuestion[] = [];
  let elapsed = -tick;
  const ports: Ports = {
    ...plainPorts,
    namespace: async () => err({ code: 'namespace-unavailable', message: 'gone' }),
    async inventory(question) {
      asked.push(question);
      return ok({ value: pods, total: 6, at: now });
    },
    turn: {
      elapsed() {
        elapsed += tick;
        return elapsed;
      },
      yield: async () => undefined,
    },
    ...changes,
  };
  return { asked, ports };
}

test('a stricter level is told about the pods that break it; counts are noted, and no pod', async (t) => {
  const { asked, ports } = portsWith();
  const decision = await admit(policySet, tightened, ports);
  t.equal(decision.allowed, true);
  t.same(decision.warnings, [
    'new PodSecurity enforce level only checked against the first 3 of 5 existing pods',
    'existing pods in namespace "shop" violate the new PodSecurity enforce level "baseline:latest"',
    'a (and 1 other pod): host namespaces',
  ]);
  t.same(asked, [{ namespace: 'shop', limit: 3000, within: 750 }]);
  t.same(decision.inputs, [
    {
      port: 'inventory',
      question: { namespace: 'shop', limit: 3000, within: 750, level: 'baseline:latest' },
      answer: {
        total: 5,
        checked: 3,
        broken: [{ reasons: 'host namespaces', first: 'a', pods: 2 }],
      },
      at: now,
      redacted: [],
    },
  ]);
  t.notMatch(JSON.stringify(decision), 'secret');
});

test('no more than half of the time that is left is taken, and one pod is looked at in any case', async (t) => {
  const { asked, ports } = portsWith({}, 100);
  const decision = await admit(policySet, { ...tightened, deadline: 600 }, ports);
  const within = asked[0]?.within ?? 0;
  t.ok(within > 0 && within < 225, String(within));
  const told = [/^existing pods in namespace "shop" violate/, /^[ab]: host namespaces$/];
  t.match(decision.warnings, [/checked against the first [12] of 5 existing pods/, ...told]);
  const late = await admit(policySet, { ...tightened, deadline: 1 }, portsWith({}, 100).ports);
  t.match(late.warnings, [/checked against the first 1 of 5 existing pods/, ...told]);
});

test('pods that cannot be listed, or nobody can list, keep nobody from changing labels', async (t) => {
  const fault = async () => err({ code: 'inventory-unavailable', message: 'no' } as const);
  const failed = await admit(policySet, tightened, portsWith({ inventory: fault }).ports);
  t.match(failed, {
    allowed: true,
    warnings: ['failed to list pods while checking new PodSecurity enforce level'],
    inputs: [{ port: 'inventory', answer: { fault: 'no' } }],
  });
  const { inventory: _, ...without } = portsWith().ports;
  t.match(await admit(policySet, tightened, without), { allowed: true, warnings: [] });
});

test('a wrong label is refused, under its own rule, and no pod is listed for it', async (t) => {
  const { asked, ports } = portsWith();
  const attempt = { ...tightened, object: namespace('strict') };
  const decision = await admit(policySet, attempt, ports);
  t.match(decision, {
    allowed: false,
    results: [
      {
        rule: 'pod-security/labels',
        code: 'pod-security-label',
        reason: 'Invalid',
        actions: ['deny'],
      },
    ],
  });
  t.same(asked, []);
});

const podIn = (changes: Partial<Attempt>): Attempt =>
  attemptOf({ object: pod('web', { hostPID: true }), ...changes });
const robot = { username: 'robot', uid: '', groups: [], extra: {} };
const key = 'pod-security.kubernetes.io/error';
const lookups: readonly [string, Partial<Attempt>, boolean, Record<string, string>][] = [
  [
    'a pod is refused',
    {},
    false,
    { [key]: 'Internal error occurred: failed to lookup namespace "shop": gone' },
  ],
  [
    'a workload is refused',
    {
      kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
    },
    false,
    { [key]: 'failed to lookup namespace "shop": gone' },
  ],
  [
    'an exempt user need not know it',
    { userInfo: robot },
    true,
    { 'pod-security.kubernetes.io/exempt': 'user' },
  ],
  [
    'nor does who writes to an exempt namespace',
    { namespace: 'kube-system' },
    true,
    { 'pod-security.kubernetes.io/exempt': 'namespace' },
  ],
];

for (const [name, attempt, allowed, auditAnnotations] of lookups) {
  test(`a namespace that cannot be looked up: ${name}`, async (t) => {
    const decision = await admit(policySet, podIn(attempt), portsWith().ports);
    t.equal(decision.allowed, allowed);
    t.same(decision.auditAnnotations, auditAnnotations);
  });
}
