// B4–B11, B18–B22, A17: what hides in a pod outside its containers, in volumes, old fields, updates and templates.
import { join } from 'node:path';
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { admit } from '../../src/engine/admit.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import { sekisho } from '../cli/harness.ts';
import { attemptOf } from '../fixtures/attempts.ts';
import { bundlePath } from '../policies/load.ts';
import { wholeSet } from '../policy/texts.ts';
import {
  container,
  created,
  decide,
  denying,
  type Labels,
  pod,
  ports,
  restricted,
  updates,
  workloads,
} from './bundle.ts';

const level = (enforce: string, version = 'latest'): Labels => ({
  'pod-security.kubernetes.io/enforce': enforce,
  'pod-security.kubernetes.io/enforce-version': version,
});

type Row = readonly [name: string, pod: JsonObject, labels: Labels, rule: string | null];

const volume = (source: JsonObject): JsonObject => pod({ volumes: [{ name: 'v', ...source }] });
const secured = (changes: JsonObject): JsonObject =>
  pod({
    securityContext: {
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
      ...changes,
    },
  });
const annotated = (annotations: JsonObject, spec: JsonObject = {}): JsonObject =>
  pod(spec, { annotations });
const evil = `evil.example.org/x@sha256:${'cd34'.repeat(16)}`;
const ported = (port: JsonObject): JsonObject =>
  pod({ containers: [container('web', { ports: [port] })] });
const sysctl = (name: string): JsonObject => secured({ sysctls: [{ name, value: '1' }] });
const token = { serviceAccountToken: { path: 't', audience: 'vault', expirationSeconds: 600 } };

const rows: readonly Row[] = [
  [
    'B9: an image volume of another registry',
    volume({ image: { reference: evil } }),
    restricted,
    'allowed-registries/allowed',
  ],
  [
    'B9: an image volume by tag',
    volume({ image: { reference: 'registry.example.com/x:1' } }),
    restricted,
    'images-by-digest/digest',
  ],
  [
    'B9: an image volume without an image',
    volume({ image: {} }),
    restricted,
    'allowed-registries/fully-qualified',
  ],
  [
    'B10: a projected token',
    volume({ projected: { sources: [token] } }),
    restricted,
    'no-automount-service-account-token/projected-token',
  ],
  [
    'B10: a projected token under the name of the automatic one',
    pod({ volumes: [{ name: 'kube-api-access-x', projected: { sources: [token] } }] }),
    restricted,
    'no-automount-service-account-token/projected-token',
  ],
  [
    'B10: an ephemeral volume is a claim',
    volume({ ephemeral: { volumeClaimTemplate: {} } }),
    restricted,
    null,
  ],
  [
    'B11: an allowed source beside hostPath, restricted',
    volume({ configMap: { name: 'c' }, hostPath: { path: '/' } }),
    restricted,
    'pod-security/restrictedVolumes',
  ],
  [
    'B11: an allowed source beside hostPath, baseline',
    volume({ configMap: { name: 'c' }, hostPath: { path: '/' } }),
    {},
    'pod-security/hostPathVolumes',
  ],
  [
    'B11: two allowed sources',
    volume({ configMap: { name: 'c' }, emptyDir: {} }),
    restricted,
    'pod-security/restrictedVolumes',
  ],
  [
    'B11: an unknown source',
    volume({ warpDrive: {} }),
    restricted,
    'pod-security/restrictedVolumes',
  ],
  [
    'B11: an unknown source beside an allowed one',
    volume({ emptyDir: {}, warpDrive: {} }),
    restricted,
    'pod-security/restrictedVolumes',
  ],
  [
    'B11: gitRepo',
    volume({ gitRepo: { repository: 'x' } }),
    restricted,
    'pod-security/restrictedVolumes',
  ],
  [
    'B18: a capability with its prefix',
    pod({
      containers: [
        container('w', { securityContext: { capabilities: { add: ['CAP_SYS_ADMIN'] } } }),
      ],
    }),
    {},
    'pod-security/capabilities_baseline',
  ],
  [
    'B18: a capability in lower case',
    pod({
      containers: [
        container('w', { securityContext: { capabilities: { add: ['net_bind_service'] } } }),
      ],
    }),
    {},
    'pod-security/capabilities_baseline',
  ],
  [
    'B19: a seccomp annotation before 1.19',
    annotated({ 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' }),
    level('baseline', 'v1.18'),
    'pod-security/seccompProfile_baseline',
  ],
  [
    'B19: a seccomp annotation of a container before 1.19',
    annotated({ 'container.seccomp.security.alpha.kubernetes.io/web': 'unconfined' }),
    level('baseline', 'v1.18'),
    'pod-security/seccompProfile_baseline',
  ],
  [
    'B19: the annotation means nothing since',
    annotated({ 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' }),
    level('baseline', 'v1.19'),
    null,
  ],
  [
    'B19: an AppArmor annotation',
    annotated({ 'container.apparmor.security.beta.kubernetes.io/web': 'unconfined' }),
    level('baseline'),
    'pod-security/appArmorProfile',
  ],
  [
    'B19: an AppArmor annotation of a container that is not there',
    annotated({ 'container.apparmor.security.beta.kubernetes.io/gone': 'unconfined' }),
    level('baseline'),
    'pod-security/appArmorProfile',
  ],
  ['B20: an unsafe sysctl', sysctl('kernel.msgmax'), restricted, 'pod-security/sysctls'],
  ['B20: a safe sysctl', sysctl('net.ipv4.tcp_syncookies'), restricted, null],
  [
    'B20: a safe sysctl with slashes',
    sysctl('net/ipv4/tcp_syncookies'),
    restricted,
    'pod-security/sysctls',
  ],
  ['B20: a wildcard', sysctl('net.ipv4.*'), restricted, 'pod-security/sysctls'],
  [
    'B20: one that became safe later',
    sysctl('net.ipv4.tcp_keepalive_time'),
    level('baseline', 'v1.28'),
    'pod-security/sysctls',
  ],
  [
    'B21: hostProcess of the pod',
    secured({ windowsOptions: { hostProcess: true } }),
    {},
    'pod-security/windowsHostProcess',
  ],
  [
    'B21: hostProcess of a container',
    pod({
      containers: [container('w', { securityContext: { windowsOptions: { hostProcess: true } } })],
    }),
    level('baseline'),
    'pod-security/windowsHostProcess',
  ],
  [
    'B21: Windows lifts no check that Linux needs before 1.25',
    pod({
      os: { name: 'windows' },
      securityContext: {},
      containers: [{ ...container('w'), securityContext: {} }],
    }),
    level('restricted', 'v1.24'),
    'pod-security/allowPrivilegeEscalation',
  ],
  [
    'B21: Windows lifts no other check',
    pod({ os: { name: 'windows' }, hostNetwork: true }),
    restricted,
    'pod-security/hostNamespaces',
  ],
  ['B22: hostNetwork', pod({ hostNetwork: true }), {}, 'no-host-namespaces/host-network'],
  ['B22: hostPID', pod({ hostPID: true }), {}, 'no-host-namespaces/host-pid'],
  ['B22: hostIPC', pod({ hostIPC: true }), {}, 'no-host-namespaces/host-ipc'],
  [
    'B22: a user namespace lifts nothing before 1.35',
    pod({ hostUsers: false, securityContext: { runAsUser: 0 } }),
    level('restricted', 'v1.34'),
    'pod-security/runAsUser',
  ],
  [
    'B22: a user namespace lifts no control that it makes no harmless',
    pod({ hostUsers: false, hostPID: true }),
    level('restricted', 'v1.35'),
    'pod-security/hostNamespaces',
  ],
  ['B22: hostPort 0', ported({ containerPort: 80, hostPort: 0 }), restricted, null],
  [
    'B22: hostPort 1',
    ported({ containerPort: 80, hostPort: 1 }),
    restricted,
    'pod-security/hostPorts',
  ],
  [
    'B22: a lifecycle hook to another host',
    pod({
      containers: [
        container('w', { lifecycle: { preStop: { httpGet: { host: '10.0.0.1', port: 1 } } } }),
      ],
    }),
    {},
    'pod-security/hostProbesAndHostLifecycle',
  ],
  [
    'B22: root by the pod, overridden in the container',
    { ...secured({ runAsNonRoot: false }) },
    restricted,
    'pod-security/runAsNonRoot',
  ],
  [
    'B22: hostAliases, shareProcessNamespace and tolerations are no matter of Pod Security',
    pod({
      hostAliases: [{ ip: '1.2.3.4', hostnames: ['x'] }],
      shareProcessNamespace: true,
      tolerations: [{ operator: 'Exists' }],
    }),
    restricted,
    null,
  ],
  [
    'B22: a runtimeClassName excuses nothing that is not named',
    pod({ runtimeClassName: 'kata', hostPID: true }),
    restricted,
    'pod-security/hostNamespaces',
  ],
];

for (const [name, object, labels, rule] of rows) {
  test(`${name}: ${rule === null ? 'allowed' : 'refused'}, as a pod, an update and in every template`, async (t) => {
    for (const holder of [created, ...workloads]) {
      const decision = await decide(holder.attempt(object), labels);
      const rules = denying(decision);
      if (rule === null) t.same(rules, [], holder.name);
      else t.ok(rules.includes(rule), `${holder.name}: ${rules.join()}`);
    }
    const folder = t.testdir({
      'o.json': JSON.stringify(object),
      'ns.json': JSON.stringify({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'shop', labels },
      }),
    });
    const args = ['check', join(folder, 'o.json'), '--cluster-objects', join(folder, 'ns.json')];
    t.equal(
      (await sekisho(folder, [...args, '-p', bundlePath])).code,
      rule === null ? 0 : 1,
      'check',
    );
  });
}

const updateOf = (subResource: string) =>
  updates.find(
    ({ name }) => name === (subResource === '' ? 'an UPDATE of a Pod' : `pods/${subResource}`),
  );
const resized = pod({
  containers: [
    container('web', {
      resources: { limits: { memory: '1Gi' }, requests: { cpu: '2', memory: '1Gi' } },
    }),
  ],
});

const changes: readonly (readonly [string, string, JsonObject, boolean])[] = [
  ['B4: resize that changes resources only', 'resize', resized, true],
  [
    'B4: resize that smuggles an image',
    'resize',
    pod({ containers: [container('web', { image: evil })] }),
    false,
  ],
  [
    'B4: resize that smuggles a security context',
    'resize',
    pod({
      containers: [container('web', { image: `${evil}`, securityContext: { privileged: true } })],
    }),
    false,
  ],
  [
    'B1: an ephemeral container that is privileged',
    'ephemeralcontainers',
    pod({ ephemeralContainers: [container('debug', { securityContext: { privileged: true } })] }),
    false,
  ],
  [
    'B1: an ephemeral container that keeps the rules',
    'ephemeralcontainers',
    pod({ ephemeralContainers: [container('debug')] }),
    true,
  ],
];
for (const [name, subResource, object, allowed] of changes) {
  test(`${name}: ${allowed ? 'allowed' : 'refused'}`, async (t) => {
    const decision = await decide(updateOf(subResource)?.attempt(object) ?? {});
    t.equal(decision.allowed, allowed, denying(decision).join());
  });
}

const law = (more: string): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: p}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [pods, configmaps, services]}
  validations: [{expression: "!has(object.metadata.labels) || !('bad' in object.metadata.labels)"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: p}
spec: {policyName: p, validationActions: [Deny]}
${more}`;

for (const kind of ['Pod', 'ConfigMap', 'Service']) {
  test(`A17: a ${kind} that is being deleted is judged like any other; its finalizers may go`, async (t) => {
    const resource = `${kind.toLowerCase()}s`;
    const going = { name: 'web', deletionTimestamp: '2026-11-21T09:00:00Z', finalizers: ['a/b'] };
    const spec = kind === 'Pod' ? { spec: pod()['spec'] ?? null } : {};
    const attempt = (metadata: JsonObject): Attempt =>
      attemptOf({
        operation: 'UPDATE',
        kind: { group: '', version: 'v1', kind },
        resource: { group: '', version: 'v1', resource },
        object: { metadata, ...spec },
        oldObject: { metadata: going, ...spec },
      });
    const set = wholeSet(law(''));
    const bad = await admit(set, attempt({ ...going, labels: { bad: 'x' } }), ports({}));
    t.equal(bad.allowed, false);
    const { finalizers: _, ...without } = going;
    t.equal((await admit(set, attempt(without), ports({}))).allowed, true);
  });
}

test('A17, B24: Pod Security looks for a significant change, a policy judges every UPDATE that it matches', async (t) => {
  const broken = pod({ hostNetwork: true });
  const labelled = pod({ hostNetwork: true }, { labels: { bad: 'x' } });
  const update = { operation: 'UPDATE', oldObject: broken } as const;
  const labels = level('baseline');
  const decision = await admit(
    wholeSet(law('')),
    attemptOf({ ...update, object: labelled }),
    ports(labels),
  );
  t.same(denying(decision), ['p/validations[0]']);
  const same = await admit(
    wholeSet(law('')),
    attemptOf({ ...update, object: broken }),
    ports(labels),
  );
  t.same([same.allowed, same.results.map((r) => r.rule)], [true, ['p/validations[0]']]);
});

const templatesWarn = `---
apiVersion: sekisho.dev/v1alpha1
kind: PolicySettings
spec: {podSecurity: {templates: Warn}}
`;
test('B6: templates follow PolicySettings: refused by default, warned about with templates: Warn', async (t) => {
  const config =
    '---\napiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\ndefaults: {enforce: baseline, warn: baseline}\n';
  for (const holder of workloads) {
    const attempt = attemptOf(holder.attempt(pod({ hostNetwork: true })));
    const enforced = await admit(wholeSet(law(config)), attempt, ports({}));
    t.same(denying(enforced), ['pod-security/hostNamespaces'], holder.name);
    const warned = await admit(wholeSet(law(config + templatesWarn)), attempt, ports({}));
    t.equal(warned.allowed, true, holder.name);
    t.match(
      warned.warnings,
      [/^would violate PodSecurity "baseline:latest": host namespaces/],
      holder.name,
    );
  }
});

/** Written out: the tables of the source are not asked where templates stand. */
const literal: readonly JsonObject[] = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet']
  .map(
    (kind): JsonObject => ({
      apiVersion: 'apps/v1',
      kind,
      spec: { template: { spec: { hostPID: true } } },
    }),
  )
  .concat([
    {
      apiVersion: 'v1',
      kind: 'ReplicationController',
      spec: { template: { spec: { hostPID: true } } },
    },
    { apiVersion: 'v1', kind: 'PodTemplate', template: { spec: { hostPID: true } } },
    { apiVersion: 'batch/v1', kind: 'Job', spec: { template: { spec: { hostPID: true } } } },
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      spec: { jobTemplate: { spec: { template: { spec: { hostPID: true } } } } },
    },
  ]);

test('B6: the templates of the eight kinds, as kubectl would apply them', async (t) => {
  const objects = literal.map((object) => ({
    ...object,
    metadata: { name: 'web', namespace: 'shop' },
  }));
  const folder = t.testdir({
    'o.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
  });
  const { stdout } = await sekisho(folder, [
    'check',
    join(folder, 'o.json'),
    '-p',
    bundlePath,
    '-o',
    'json',
  ]);
  const { decisions } = JSON.parse(stdout);
  t.equal(decisions.length, 8);
  for (const { request, results } of decisions) {
    const broken = results.filter((r: { actions: string[] }) => r.actions.includes('deny'));
    const rules = broken.map((r: { rule: string }) => r.rule);
    t.ok(rules.includes('pod-security/hostNamespaces'), request.kind.kind);
    t.ok(rules.includes('no-host-namespaces/host-pid'), request.kind.kind);
  }
});
