// Patches of Pod Security findings: what each control's is, that all of a mode together make the pod or the template pass,
// and that none is told where they would not.
import { test } from 'tap';
import { getIn, isObject, type JsonObject } from '../../src/base/json.ts';
import { applyPatch, type PatchOperation } from '../../src/base/json-patch.ts';
import { workloadKinds } from '../../src/k8s/pod-template.ts';
import type { Finding } from '../../src/model/decision.ts';
import { judgePodSecurity } from '../../src/pss/admission.ts';
import type { LevelVersion, PodSecurityConfig } from '../../src/pss/types.ts';
import { attemptOf } from '../fixtures/attempts.ts';
import { add, remove, replace } from '../fixtures/edits.ts';
import { corpus } from '../fixtures/pss/corpus.ts';

const privileged: LevelVersion = { level: 'privileged', version: 'latest' };

function configOf(enforce: LevelVersion, floor: LevelVersion | null = null): PodSecurityConfig {
  return {
    defaults: { enforce, audit: privileged, warn: privileged },
    exemptions: { usernames: [], namespaces: [], runtimeClasses: [] },
    templates: 'Enforce',
    floor,
    workloads: workloadKinds,
  };
}

type Kind = 'Pod' | 'Deployment';
const group: Readonly<Record<Kind, string>> = { Pod: '', Deployment: 'apps' };
const resource: Readonly<Record<Kind, string>> = { Pod: 'pods', Deployment: 'deployments' };

function findingsOf(
  kind: Kind,
  object: JsonObject,
  config: PodSecurityConfig,
): readonly (Finding & { readonly id: string })[] {
  const attempt = attemptOf({
    kind: { group: group[kind], version: 'v1', kind },
    resource: { group: group[kind], version: 'v1', resource: resource[kind] },
    object,
  });
  const judgement = judgePodSecurity(attempt, config, {});
  if (judgement.kind !== 'judged') return [];
  return judgement.results.flatMap(({ id, evaluation }) =>
    evaluation.kind === 'fail' ? evaluation.findings.map((each) => ({ ...each, id })) : [],
  );
}

function patched(object: JsonObject, patch: readonly PatchOperation[]): JsonObject {
  const applied = applyPatch(object, patch);
  if (!applied.ok || !isObject(applied.value)) throw new Error(JSON.stringify({ object, patch }));
  return applied.value;
}

const versions = [0, 1, 8, 19, 22, 25, 31, 35, 'latest'] as const;
const levels = (['baseline', 'restricted'] as const).flatMap((level) =>
  versions.map((version): LevelVersion => ({ level, version })),
);
const noMechanicalRemedy = ['hostPathVolumes', 'restrictedVolumes'];

/** Every field that the pod breaks a level by has been patched, or none; the patched object passes. */
function isProven(kind: Kind, object: JsonObject, config: PodSecurityConfig): boolean {
  const findings = findingsOf(kind, object, config);
  const patch = findings.flatMap((finding) => finding.patch);
  if (findings.some(({ id }) => noMechanicalRemedy.includes(id))) return patch.length === 0;
  const mended = new Set(findings.flatMap((each) => (each.patch.length > 0 ? [each.path] : [])));
  if (findings.some(({ path }) => !mended.has(path))) return false;
  return findingsOf(kind, patched(object, patch), config).length === 0;
}

for (const kind of ['Pod', 'Deployment'] as const) {
  test(`a ${kind} that breaks a level passes it with the patches of all findings applied in order`, (t) => {
    let broken = 0;
    for (const pod of corpus) {
      const object = kind === 'Pod' ? pod : { spec: { template: pod } };
      for (const level of levels) {
        const config = configOf(level);
        if (findingsOf(kind, object, config).length > 0) broken += 1;
        if (!isProven(kind, object, config)) t.fail(JSON.stringify({ object, level }));
      }
    }
    t.ok(broken > 5_000, 'and they do break it');
    t.end();
  });
}

test('a pod that a floor and its labels both hold has one patch for the two', (t) => {
  const config = configOf(
    { level: 'baseline', version: 'latest' },
    { level: 'restricted', version: 22 },
  );
  for (const pod of corpus) if (!isProven('Pod', pod, config)) t.fail(JSON.stringify(pod));
  t.end();
});

type Row = readonly [
  rule: string,
  spec: JsonObject,
  level: LevelVersion,
  patches: readonly (readonly PatchOperation[])[],
];

const baseline: LevelVersion = { level: 'baseline', version: 'latest' };
const restricted: LevelVersion = { level: 'restricted', version: 'latest' };
const seccompProfile = { type: 'RuntimeDefault' };
const own = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const safe = { runAsNonRoot: true, seccompProfile };
const c = (container: JsonObject): JsonObject => ({ containers: [{ name: 'c', ...container }] });
const inContext = (securityContext: JsonObject): JsonObject => c({ securityContext });
const podWith = (more: JsonObject): JsonObject => ({
  ...inContext(own),
  securityContext: { ...safe, ...more },
});
const context = '/spec/containers/0/securityContext';

const rows: readonly Row[] = [
  [
    'privileged is set to false',
    inContext({ privileged: true }),
    baseline,
    [[replace(`${context}/privileged`, false)]],
  ],
  [
    'host namespaces are set to false',
    { hostNetwork: true, hostPID: true, ...c({}) },
    baseline,
    [[replace('/spec/hostNetwork', false)], [replace('/spec/hostPID', false)]],
  ],
  [
    'capabilities are taken out of their list one by one, and what stays moves up',
    inContext({ capabilities: { add: ['SYS_ADMIN', 'CHOWN', 'SYS_TIME'] } }),
    baseline,
    [[remove(`${context}/capabilities/add/0`)], [remove(`${context}/capabilities/add/1`)]],
  ],
  [
    'with the last of them the list goes, and what it alone was in',
    inContext({ capabilities: { add: ['SYS_ADMIN', 'SYS_TIME'] }, privileged: false }),
    baseline,
    [[remove(`${context}/capabilities/add/0`)], [remove(`${context}/capabilities`)]],
  ],
  [
    'a host port is taken out',
    c({ ports: [{ containerPort: 80, hostPort: 80 }] }),
    baseline,
    [[remove('/spec/containers/0/ports/0/hostPort')]],
  ],
  [
    'a port that is nothing else stays in the list, so that no other moves',
    c({ ports: [{ hostPort: 80 }, { hostPort: 81 }] }),
    baseline,
    [
      [remove('/spec/containers/0/ports/0/hostPort')],
      [remove('/spec/containers/0/ports/1/hostPort')],
    ],
  ],
  [
    'sysctls are taken out',
    { securityContext: { sysctls: [{ name: 'a' }, { name: 'b' }] }, ...c({}) },
    baseline,
    [[remove('/spec/securityContext/sysctls/0')], [remove('/spec/securityContext')]],
  ],
  [
    'a profile that is no default is one, and loses its file',
    inContext({ seccompProfile: { type: 'Unconfined', localhostProfile: 'a' } }),
    baseline,
    [
      [
        replace(`${context}/seccompProfile/type`, 'RuntimeDefault'),
        remove(`${context}/seccompProfile/localhostProfile`),
      ],
    ],
  ],
  [
    'AppArmor profiles too',
    inContext({ appArmorProfile: { type: 'Unconfined' } }),
    baseline,
    [[replace(`${context}/appArmorProfile/type`, 'RuntimeDefault')]],
  ],
  [
    'options of SELinux are taken out',
    inContext({ seLinuxOptions: { type: 'spc_t', user: 'u' }, privileged: false }),
    baseline,
    [[remove(`${context}/seLinuxOptions/type`)], [remove(`${context}/seLinuxOptions`)]],
  ],
  [
    'procMount is Default',
    inContext({ procMount: 'Unmasked' }),
    baseline,
    [[replace(`${context}/procMount`, 'Default')]],
  ],
  [
    'a host process is none',
    inContext({ windowsOptions: { hostProcess: true } }),
    baseline,
    [[replace(`${context}/windowsOptions/hostProcess`, false)]],
  ],
  [
    'a probe asks the pod itself',
    c({ livenessProbe: { httpGet: { port: 80, host: 'a' } } }),
    baseline,
    [[remove('/spec/containers/0/livenessProbe/httpGet/host')]],
  ],
  [
    'a seccomp annotation of old is taken out',
    { __annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' }, ...c({}) },
    { level: 'baseline', version: 1 },
    [[remove('/metadata/annotations')]],
  ],
  [
    'what restricted wants of all containers is said once, of the pod, and its parents are made',
    c({}),
    restricted,
    [
      [add(context, { allowPrivilegeEscalation: false })],
      [add(`${context}/capabilities`, { drop: ['ALL'] })],
      [add('/spec/securityContext', { runAsNonRoot: true })],
      [add('/spec/securityContext/seccompProfile', { type: 'RuntimeDefault' })],
    ],
  ],
  [
    'a container that says no to it is contradicted, and the pod says it for the others',
    { containers: [{ name: 'a', securityContext: { ...own, runAsNonRoot: false } }], ...podSafe() },
    restricted,
    [[replace(`${context}/runAsNonRoot`, true), add('/spec/securityContext/runAsNonRoot', true)]],
  ],
  [
    'the user 0 is taken out',
    podWith({ runAsUser: 0 }),
    restricted,
    [[remove('/spec/securityContext/runAsUser')]],
  ],
  [
    'a list of what is dropped is the list of all',
    { securityContext: safe, ...inContext({ ...own, capabilities: { drop: ['NET_RAW'] } }) },
    restricted,
    [[replace(`${context}/capabilities/drop`, ['ALL'])]],
  ],
  [
    'null is as if it were not there',
    { securityContext: safe, ...c({ securityContext: null }) },
    restricted,
    [
      [replace(context, { allowPrivilegeEscalation: false })],
      [add(`${context}/capabilities`, { drop: ['ALL'] })],
    ],
  ],
  [
    'a volume of the host has no mechanical remedy, and then nothing else has',
    { hostPID: true, volumes: [{ name: 'v', hostPath: { path: '/' } }], ...c({}) },
    baseline,
    [[], []],
  ],
];

function podSafe(): JsonObject {
  return { securityContext: { seccompProfile } };
}

for (const [rule, { __annotations: annotations, ...spec }, level, patches] of rows) {
  test(`patches: ${rule}`, (t) => {
    const pod: JsonObject = { metadata: { annotations: annotations ?? {} }, spec };
    const found = findingsOf('Pod', pod, configOf(level));
    t.same(
      found.map(({ patch }) => patch),
      patches,
    );
    if (patches.every((each) => each.length > 0)) t.ok(isProven('Pod', pod, configOf(level)));
    t.end();
  });
}

test('patches of what the labels forbid are not told where the floor forbids what they leave', (t) => {
  const config = configOf({ level: 'baseline', version: 27 }, { level: 'baseline', version: 0 });
  const names = ['kernel.x', 'net.ipv4.ip_local_reserved_ports'];
  const sysctls = names.map((name) => ({ name, value: '1' }));
  const found = findingsOf('Pod', { spec: podWith({ sysctls }) }, config);
  t.same(
    found.map(({ value, patch }) => [value, patch]),
    [['kernel.x', []]],
  );
  t.end();
});

test('the patch of a template stands below the template', (t) => {
  const spec = { hostPID: true, ...c({}) };
  const [finding] = findingsOf('Deployment', { spec: { template: { spec } } }, configOf(baseline));
  t.same(finding?.patch, [replace('/spec/template/spec/hostPID', false)]);
  t.notOk(finding !== undefined && getIn({ ...finding }, ['edits']), 'and edits stay inside');
  t.end();
});
