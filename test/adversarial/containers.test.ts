// A16, B1–B6, B9, B16–B22: every rule in every place where a container can hide, in every object that brings a pod.
// One list of places, one of workload kinds, one of subresources, for Pod Security and the bundle alike.
import { join } from 'node:path';
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { controls } from '../../src/pss/controls/index.ts';
import { sekisho } from '../cli/harness.ts';
import { bundlePath } from '../policies/load.ts';
import { namespaces, outcome, podReview, serve } from '../server/harness.ts';
import {
  bundle,
  container,
  created,
  decide,
  denying,
  type Holder,
  image,
  pod,
  restricted,
  unknownSubresource,
  updates,
  workloads,
} from './bundle.ts';

type Place = {
  readonly name: string;
  /** A pod that holds this container there, beside a good one. */
  readonly hold: (bad: JsonObject) => JsonObject;
  readonly path: string;
};

const beside =
  (field: string, more: JsonObject = {}) =>
  (bad: JsonObject): JsonObject =>
    pod(
      field === 'containers'
        ? { containers: [container('web'), bad] }
        : { [field]: [container('good'), { ...bad, ...more }] },
    );

const places: readonly Place[] = [
  { name: 'initContainers', hold: beside('initContainers'), path: 'spec.initContainers[1]' },
  {
    name: 'a sidecar',
    hold: beside('initContainers', { restartPolicy: 'Always' }),
    path: 'spec.initContainers[1]',
  },
  { name: 'containers', hold: beside('containers'), path: 'spec.containers[1]' },
  {
    name: 'ephemeralContainers',
    hold: beside('ephemeralContainers'),
    path: 'spec.ephemeralContainers[1]',
  },
];

type Violation = {
  readonly rule: string;
  readonly container: JsonObject;
  /** Below the container; null for a rule of a policy, whose findings have no path yet. */
  readonly at: string | null;
  /** Rules that do not ask it of ephemeral containers. */
  readonly notEphemeral?: true;
  /** At the restricted level another control stands in for it. */
  readonly baseline?: true;
};

const good = container('x')['securityContext'] as JsonObject;
const secured = (changes: JsonObject): JsonObject =>
  container('bad', { securityContext: { ...good, ...changes } });

const pss = (id: string, at: string, changes: JsonObject): Violation => ({
  rule: `pod-security/${id}`,
  container: secured(changes),
  at: `securityContext.${at}`,
});
const own = (rule: string, changes: JsonObject, more: Partial<Violation> = {}): Violation => ({
  rule,
  container: container('bad', changes),
  at: null,
  ...more,
});

const violations: readonly Violation[] = [
  pss('privileged', 'privileged', { privileged: true }),
  pss('allowPrivilegeEscalation', 'allowPrivilegeEscalation', { allowPrivilegeEscalation: true }),
  {
    ...pss('capabilities_baseline', 'capabilities.add[0]', {
      capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] },
    }),
    baseline: true,
  },
  pss('capabilities_restricted', 'capabilities.drop', { capabilities: { drop: ['all'] } }),
  { ...pss('procMount', 'procMount', { procMount: 'Unmasked' }), baseline: true },
  pss('procMount_restricted', 'procMount', { procMount: 'Unmasked' }),
  {
    ...pss('seccompProfile_baseline', 'seccompProfile.type', {
      seccompProfile: { type: 'Unconfined' },
    }),
    baseline: true,
  },
  pss('seLinuxOptions', 'seLinuxOptions.type', { seLinuxOptions: { type: 'spc_t' } }),
  pss('seccompProfile_restricted', 'seccompProfile.type', {
    seccompProfile: { type: 'Unconfined' },
  }),
  pss('runAsNonRoot', 'runAsNonRoot', { runAsNonRoot: false }),
  pss('runAsUser', 'runAsUser', { runAsUser: 0 }),
  pss('appArmorProfile', 'appArmorProfile.type', { appArmorProfile: { type: 'Unconfined' } }),
  pss('windowsHostProcess', 'windowsOptions.hostProcess', {
    windowsOptions: { hostProcess: true },
  }),
  {
    rule: 'pod-security/hostPorts',
    container: container('bad', { ports: [{ containerPort: 80, hostPort: 80 }] }),
    at: 'ports[0].hostPort',
  },
  {
    rule: 'pod-security/hostProbesAndHostLifecycle',
    container: container('bad', {
      livenessProbe: { httpGet: { host: '169.254.169.254', port: 80 } },
    }),
    at: 'livenessProbe.httpGet.host',
  },
  own('no-privileged-containers/privileged', secured({ privileged: true })),
  own('read-only-root-filesystem/read-only-root', secured({ readOnlyRootFilesystem: false })),
  own('read-only-root-filesystem/read-only-root', {
    securityContext: { ...good, readOnlyRootFilesystem: null },
  }),
  own('allowed-registries/allowed', {
    image: image.replace('registry.example.com', 'evil.example.org'),
  }),
  own('allowed-registries/fully-qualified', { image: 'nginx' }),
  own('images-by-digest/digest', { image: 'registry.example.com/shop/web:1.4' }),
  own('resource-limits/memory-limit', { resources: {} }, { notEphemeral: true }),
  own(
    'resource-limits/requests',
    { resources: { limits: { memory: '1Gi' } } },
    { notEphemeral: true },
  ),
];

const holders: readonly Holder[] = [created, ...updates, unknownSubresource, ...workloads];

/** Where the rule is asked: of a subresource that nobody knows yet only Pod Security judges the Pod. */
function isAsked({ rule, notEphemeral }: Violation, place: Place, holder: Holder): boolean {
  if (notEphemeral && place.name === 'ephemeralContainers') return false;
  return holder !== unknownSubresource || rule.startsWith('pod-security/');
}

for (const violation of violations) {
  test(`A16: ${violation.rule} in every place and object`, async (t) => {
    for (const place of places) {
      for (const holder of holders.filter((each) => isAsked(violation, place, each))) {
        const attempt = holder.attempt(place.hold(violation.container));
        const decision = await decide(attempt, violation.baseline ? {} : restricted);
        const name = `${place.name} of ${holder.name}`;
        t.ok(denying(decision).includes(violation.rule), `${name}: ${denying(decision).join()}`);
        t.equal(decision.allowed, false, name);
        if (violation.at === null) continue;
        const paths = decision.results.flatMap((r) => r.findings.map((f) => f.path));
        t.ok(
          paths.some((path) => path.endsWith(`${place.path}.${violation.at}`)),
          `${name}: ${paths.join()}`,
        );
      }
    }
  });
}

test('the good pod is allowed in every object: the refusals above are for what they break', async (t) => {
  for (const holder of holders) {
    for (const place of places) {
      const decision = await decide(holder.attempt(place.hold(container('also-good'))));
      t.equal(
        decision.allowed,
        true,
        `${place.name} of ${holder.name}: ${denying(decision).join()}`,
      );
    }
  }
});

test('the table above names every rule of the bundle and every control that looks into containers', (t) => {
  const ofPods = new Set([
    'no-host-namespaces',
    'no-automount-service-account-token',
    'default-deny-network-policy',
  ]);
  const rules = bundle.policies
    .filter(({ podTemplates, name }) => podTemplates && !ofPods.has(name))
    .flatMap(({ validations }) => validations.map(({ rule }) => rule));
  const podWide = new Set(['hostNamespaces', 'hostPathVolumes', 'sysctls', 'restrictedVolumes']);
  const ids = controls.map(({ id }) => id).filter((id) => !podWide.has(id));
  for (const rule of [...rules, ...ids.map((id) => `pod-security/${id}`)]) {
    t.ok(
      violations.some((each) => each.rule === rule),
      rule,
    );
  }
  t.end();
});

test('A16 through the server: no place and no workload slips past', async (t) => {
  const { call } = await serve(t, {
    settings: () => ({ policies: [bundlePath] }),
    files: {},
  });
  for (const holder of [created, ...workloads]) {
    for (const place of places) {
      const attempt = holder.attempt(place.hold(secured({ privileged: true })));
      const { kind, resource, object = null } = attempt;
      const named =
        kind === undefined ? {} : { kind, requestKind: kind, resource, requestResource: resource };
      const reply = await call({ body: podReview({}, { ...named, namespace: 'capture', object }) });
      t.equal(outcome(reply), '200 denied', `${place.name} of ${holder.name}`);
      t.match(
        reply.json.response?.auditAnnotations?.['denied-by'],
        'no-privileged-containers/privileged',
      );
    }
  }
});

test('A16 and B8 in check: every manifest, every item of a List, every document is refused', async (t) => {
  const objects = [created, ...workloads].flatMap((holder) =>
    places
      .filter(({ name }) => name !== 'ephemeralContainers')
      .map((place) => holder.attempt(place.hold(secured({ privileged: true }))).object ?? {}),
  );
  const folder = t.testdir({
    'list.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
    'documents.yaml': objects.map((object) => JSON.stringify(object)).join('\n---\n'),
    'namespaces.yaml': namespaces,
  });
  const { code, stdout } = await sekisho(folder, [
    'check',
    join(folder, 'list.json'),
    join(folder, 'documents.yaml'),
    '-p',
    bundlePath,
    '-o',
    'json',
  ]);
  const { summary } = JSON.parse(stdout);
  t.equal(code, 1);
  t.match(summary, { attempts: 2 * objects.length, allowed: 0, denied: 2 * objects.length });
});
