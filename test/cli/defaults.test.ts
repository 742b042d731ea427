// `check` judges a manifest as the API server would show it: by defaults that nobody wrote, told where they would stand.
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { type Ran, sekisho } from './harness.ts';

const policy = (
  ...expressions: readonly string[]
): string => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: p}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - {apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"]}
  validations:
${expressions.map((each) => `  - expression: ${JSON.stringify(each)}`).join('\n')}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: p}
spec: {policyName: p, validationActions: [Deny]}
`;

async function check(
  t: Test,
  manifest: string,
  expressions: readonly string[],
  old?: string,
): Promise<Ran> {
  const files = { 'm.yaml': manifest, 'p.yaml': policy(...expressions) };
  const folder = t.testdir(old === undefined ? files : { ...files, 'old.yaml': old });
  const before = old === undefined ? [] : ['--old', join(folder, 'old.yaml')];
  const args = ['check', '-p', join(folder, 'p.yaml'), join(folder, 'm.yaml'), ...before];
  return sekisho(folder, args);
}

const pod = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  volumes:
  - name: a
    emptyDir: {}
  containers:
  - name: web
    image: nginx:1.2
    resources:
      limits:
        memory: 1024Mi
`;

const places: readonly [rule: string, expression: string, place: string][] = [
  [
    'a field that has a default',
    "object.spec.containers.all(c, c.imagePullPolicy == 'Always')",
    'm.yaml:9:5',
  ],
  ['what admission adds', '!object.spec.volumes.exists(v, has(v.projected))', 'm.yaml:5:3'],
  [
    'a field of a struct that is always there',
    'has(object.spec.securityContext.runAsNonRoot)',
    'm.yaml:4:1',
  ],
  [
    'a request that follows from a limit',
    "object.spec.containers.all(c, quantity(c.resources.requests.memory).isLessThan(quantity('1Gi')))",
    'm.yaml:11:5',
  ],
  [
    'a quantity in its canonical form, at the field',
    "object.spec.containers.all(c, c.resources.limits.memory == '1024Mi')",
    'm.yaml:13:17',
  ],
];

test('a finding about what nobody wrote stands at the nearest parent that is written', async (t) => {
  for (const [rule, expression, place] of places) {
    const { code, stdout } = await check(t, pod, [expression]);
    t.equal(code, 1, rule);
    t.equal(stdout.split(': p/')[0], place, rule);
  }
});

const verdicts: readonly [rule: string, manifest: string, expression: string][] = [
  [
    'an empty list is not there',
    pod.replace('metadata: {', 'metadata: {finalizers: [], '),
    '!has(object.metadata.finalizers)',
  ],
  ['null is not there', `${pod}  hostNetwork: null\n`, '!has(object.spec.hostNetwork)'],
  [
    'false is not there where it is no pointer',
    `${pod}  hostPID: false\n`,
    '!has(object.spec.hostPID)',
  ],
  ['false is there where it is one', `${pod}  hostUsers: false\n`, 'has(object.spec.hostUsers)'],
  [
    'a role without rules has null',
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\n',
    'has(object.rules) && object.rules == null',
  ],
  [
    'a Service has an address',
    'apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}\n',
    "object.spec.clusterIP != 'None' && object.spec.ports[0].targetPort == 80",
  ],
  [
    'texts of a Secret are in its data',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: b}\n',
    "!has(object.stringData) && object.data.a == 'Yg=='",
  ],
  [
    'templates have the defaults of templates',
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: a}]}}}\n`,
    "object.spec.replicas == 1 && object.spec.template.spec.containers[0].imagePullPolicy == 'Always' && !has(object.spec.template.spec.serviceAccountName)",
  ],
];

test('policies decide as they would in a cluster', async (t) => {
  for (const [rule, manifest, expression] of verdicts) {
    const { code, stdout, stderr } = await check(t, manifest, [expression]);
    t.equal(code, 0, `${rule}\n${stdout}${stderr}`);
  }
});

test('an update differs from what was there only where it was written so', async (t) => {
  const same = await check(t, pod, ['object.spec == oldObject.spec'], pod);
  t.equal(same.code, 0, same.stdout);
  const other = await check(t, pod.replace('1.2', '1.3'), ['object.spec == oldObject.spec'], pod);
  t.equal(other.code, 1);
});

test('a field that Kubernetes does not know is noted, and policies see it', async (t) => {
  const odd = pod.replace('  volumes:', '  hostNetwrok: true\n  volumes:');
  const { code, stdout } = await check(t, odd, ['!has(object.spec.hostNetwrok)']);
  t.equal(code, 1);
  t.match(stdout, 'note: spec.hostNetwrok is no field of "Pod" in Kubernetes 1.36');
  const nasty = odd
    .replaceAll('hostNetwrok', '"a\\e[31m"')
    .replace('spec:', 'b: 1\nc: 2\nd: 3\nspec:');
  const told = await check(t, nasty, ['true']);
  t.notMatch(told.stdout, '\u001b[31m');
  t.match(told.stdout, 'b, c, d and 1 other field are no fields of');
});
