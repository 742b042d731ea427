// B31: a pod of a few kilobytes that breaks one rule ten thousand times over. It is refused as any other; what is told,
// kept and tried of it is bounded, for all of that is done while nobody else is answered.
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { admit } from '../../src/engine/admit.ts';
import type { Attempt, Operation } from '../../src/model/attempt.ts';
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
`);

function experiment(templates: number): Partial<Attempt> {
  const template = { spec: { containers: [{ name: 'web', image }] } };
  const spec = { templates: Array.from({ length: templates }, () => ({ template })) };
  return {
    kind: { group: 'argoproj.io', version: 'v1alpha1', kind: 'Experiment' },
    resource: { group: 'argoproj.io', version: 'v1alpha1', resource: 'experiments' },
    object: { metadata: { name: 'web', namespace: 'shop' }, spec },
  };
}

const crowds: readonly (readonly [templates: number, operation: Operation, rules: string[]])[] = [
  [200, 'CREATE', []],
  [201, 'CREATE', ['sekisho/pod-templates']],
  [201, 'UPDATE', ['sekisho/pod-templates']],
];

for (const [templates, operation, rules] of crowds) {
  test(`${operation} of a custom resource with ${templates} pod templates: 200 are judged, more are refused`, async (t) => {
    const attempt = attemptOf({ ...experiment(templates), operation });
    const decision = await admit(rollouts, attempt, ports({}));
    t.same(denying(decision), rules);
    t.equal(decision.allowed, rules.length === 0);
  });
}
