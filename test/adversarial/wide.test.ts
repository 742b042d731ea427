// B31: a pod of a few kilobytes that breaks one rule ten thousand times over. It is refused as any other; what is told,
// kept and tried of it is bounded, for all of that is done while nobody else is answered.
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { admit } from '../../src/engine/admit.ts';
import type { RuleResult } from '../../src/model/decision.ts';
import { attemptOf } from '../fixtures/attempts.ts';
import { wholeSet } from '../policy/texts.ts';
import { container, created, decide, denying, image, pod, ports, workloads } from './bundle.ts';

const many = 3_000;
const most = 101;

function times<T>(make: (i: number) => T): readonly T[] {
  return Array.from({ length: many }, (_, i) => make(i));
}

const one = (changes: JsonObject): JsonObject => pod({ containers: [container('web', changes)] });

const wide: readonly (readonly [name: string, rule: string, pod: JsonObject])[] = [
  [
    'added capabilities',
    'capabilities_restricted',
    one({ securityContext: { capabilities: { drop: ['ALL'], add: times((i) => `CAP_${i}`) } } }),
  ],
  [
    'host ports',
    'hostPorts',
    one({ ports: times((i) => ({ containerPort: i + 1, hostPort: i + 1 })) }),
  ],
  [
    'sysctls',
    'sysctls',
    pod({ securityContext: { sysctls: times((i) => ({ name: `kernel.${i}`, value: '1' })) } }),
  ],
  [
    'volumes of the host',
    'restrictedVolumes',
    pod({ volumes: times((i) => ({ name: `v${i}`, hostPath: { path: '/' } })) }),
  ],
  [
    'AppArmor annotations',
    'appArmorProfile',
    pod(
      {},
      {
        annotations: Object.fromEntries(
          times((i) => [`container.apparmor.security.beta.kubernetes.io/c${i}`, 'unconfined']),
        ),
      },
    ),
  ],
  [
    'containers without a security context',
    'allowPrivilegeEscalation',
    pod({ containers: times((i) => ({ name: `c${i}`, image: 'x' })) }),
  ],
];

function enforced(results: readonly RuleResult[], rule: string): RuleResult | undefined {
  return results.find((each) => each.rule === `pod-security/${rule}` && each.mode === 'enforce');
}

const holders = [created, ...workloads.slice(0, 1)];

for (const { name: holder, attempt } of holders) {
  test(`${holder} that breaks a control thousands of times is refused, and what is told of it is bounded`, async (t) => {
    for (const [name, rule, object] of wide) {
      const { allowed, results } = await decide(attempt(object));
      t.equal(allowed, false, name);
      const ofPods = results.filter(({ kind }) => kind === 'PodSecurity');
      const { findings = [], message = '' } = enforced(ofPods, rule) ?? {};
      t.equal(findings.length, most, `${name}: findings`);
      t.match(findings.at(-1), { message: `has ${many - most + 1} more fields like these` }, name);
      t.ok(message.length > many, `${name}: the in-tree text names them all`);
      t.ok(
        ofPods.every((each) => each.findings.every(({ patch }) => patch.length === 0)),
        `${name}: no patch that mends a part`,
      );
    }
  });
}

const rollouts = wholeSet(`
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: baseline}
---
apiVersion: sekisho.dev/v1alpha1
kind: PolicySettings
spec: {podTemplates: [{preset: argo-rollouts}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: named, annotations: {sekisho.dev/pod-templates: "true"}}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]}
      - {apiGroups: [argoproj.io], apiVersions: [v1alpha1], operations: [CREATE, UPDATE], resources: [experiments]}
  validations: [{expression: "has(object.metadata)"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: named}
spec: {policyName: named, validationActions: [Deny]}
`);

type Templates = readonly JsonObject[];

const plain = (name: string): JsonObject => ({
  template: { spec: { containers: [{ name, image }] } },
});
const privileged = { name: 'web', image, securityContext: { privileged: true } };
const bad: JsonObject = { template: { spec: { containers: [privileged] } } };
const web = (length: number): Templates => Array.from({ length }, () => plain('web'));

const gone = { finalizers: [] };
const kept = { finalizers: ['example.com/kept'] };

function experiment(templates: Templates, metadata: JsonObject, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Experiment',
    metadata: { name: 'web', namespace: 'shop', ...metadata },
    spec: { ...spec, templates },
  };
}

async function decideExperiment(object: JsonObject, oldObject: JsonObject | null) {
  const attempt = attemptOf({
    kind: { group: 'argoproj.io', version: 'v1alpha1', kind: 'Experiment' },
    resource: { group: 'argoproj.io', version: 'v1alpha1', resource: 'experiments' },
    operation: oldObject === null ? 'CREATE' : 'UPDATE',
    object,
    oldObject,
  });
  return admit(rollouts, attempt, ports({}));
}

const most200 = 'sekisho/pod-templates';
const crowds: readonly (readonly [
  name: string,
  now: JsonObject,
  before: JsonObject | null,
  rules: readonly string[],
])[] = [
  ['CREATE with 200', experiment(web(200), {}), null, []],
  ['CREATE with 201', experiment(web(201), {}), null, [most200]],
  ['UPDATE from 200 to 201', experiment(web(201), {}), experiment(web(200), {}), [most200]],
  ['UPDATE from 202 to 201', experiment(web(201), {}), experiment(web(202), {}), [most200]],
  ['UPDATE of one of 201', experiment([...web(200), bad], {}), experiment(web(201), {}), [most200]],
  [
    'UPDATE that only moves one of 201',
    experiment([plain('first'), ...web(200)], {}),
    experiment([...web(200), plain('first')], {}),
    [most200],
  ],
];

for (const [name, object, oldObject, rules] of crowds) {
  test(`${name} pod templates of a custom resource: 200 are judged, more are refused`, async (t) => {
    const decision = await decideExperiment(object, oldObject);
    t.same(denying(decision), rules);
    t.equal(decision.allowed, rules.length === 0);
  });
}

const settled: readonly (readonly [name: string, metadata: JsonObject, spec: JsonObject])[] = [
  ['takes off the last finalizer', gone, {}],
  ['scales', kept, { replicas: 0 }],
];

for (const [name, metadata, spec] of settled) {
  test(`an update that ${name} of 5,000 pod templates is allowed, and judges none of them`, async (t) => {
    const held = [...web(4_999), bad];
    const decision = await decideExperiment(
      experiment(held, metadata, spec),
      experiment(held, kept),
    );
    t.equal(decision.allowed, true);
    t.match(
      decision.results.map(({ rule, evaluation, code }) => [rule, evaluation, code]),
      [
        [most200, 'skip', 'templates-unchanged'],
        ['named/validations[0]', 'pass', null],
      ],
    );
    t.equal(decision.results.length, 2, 'the object itself is judged, and nothing in it');
  });
}
