// Custom resources of well-known projects: what of each is judged, and where a finding then points to.
import { test } from 'tap';
import type { JsonObject, JsonValue } from '../../src/base/json.ts';
import { podTemplates, workloadKinds } from '../../src/k8s/pod-template.ts';
import { type PresetName, presetKinds, presetNames } from '../../src/k8s/pod-template-presets.ts';
import { entriesOf } from '../../src/policy/registration/entries.ts';
import { judgePodSecurity } from '../../src/pss/admission.ts';
import type { Level, PodSecurityConfig } from '../../src/pss/types.ts';
import { attemptOf } from '../fixtures/attempts.ts';
import { wholeSet } from '../policy/texts.ts';

const privileged = { level: 'privileged', version: 'latest' } as const;
const config: PodSecurityConfig = {
  defaults: { enforce: privileged, audit: privileged, warn: privileged },
  exemptions: { usernames: [], namespaces: [], runtimeClasses: [] },
  templates: 'Enforce',
  floor: null,
  workloads: [...workloadKinds, ...presetNames.flatMap(presetKinds)],
};

/** The paths that break what the namespace enforces. */
function broken(group: string, kind: string, object: JsonObject, level: Level = 'baseline') {
  const found = config.workloads.find((each) => each.group === group && each.kind === kind);
  const resource = { group, version: 'v1', resource: found?.resource ?? '' };
  const attempt = attemptOf({ kind: { group, version: 'v1', kind }, resource, object });
  const judgement = judgePodSecurity(attempt, config, {
    'pod-security.kubernetes.io/enforce': level,
    'pod-security.kubernetes.io/warn': 'privileged',
  });
  if (judgement.kind !== 'judged') return [judgement.kind];
  return judgement.results.flatMap(({ mode, evaluation }) =>
    mode === 'enforce' && evaluation.kind === 'fail'
      ? evaluation.findings.map(({ path, pointer }) => `${path} ${pointer}`)
      : [],
  );
}

const hostPid: JsonObject = { spec: { hostPID: true, containers: [] } };
const inside = (path: readonly string[], value: JsonValue): JsonObject => {
  const [first = '', ...rest] = path;
  return { [first]: rest.length === 0 ? value : inside(rest, value) };
};

for (const name of presetNames) {
  for (const { group, kind, path, part } of presetKinds(name)) {
    if (part !== undefined) continue;
    test(`${name}: the template of a ${kind} is judged, and named where it stands`, (t) => {
      const keys = path.map((step) => (step === '*' ? 'one' : String(step)));
      const where = `${keys.join('.')}.spec.hostPID /${keys.join('/')}/spec/hostPID`;
      t.same(broken(group, kind, inside(keys, hostPid)), [where]);
      t.end();
    });
  }
}

const bad: JsonObject = { name: 'x', securityContext: { privileged: true } };
const place = (path: string, pointer: string): string => `${path} ${pointer}`;
const parts: readonly [string, string, string, JsonObject, readonly string[]][] = [
  [
    'tekton.dev',
    'Task',
    'steps, sidecars and volumes',
    {
      spec: {
        steps: [{ name: 'ok' }, bad],
        sidecars: [bad],
        volumes: [{ name: 'v', hostPath: { path: '/' } }],
      },
    },
    [
      place('spec.volumes[0].hostPath', '/spec/volumes/0/hostPath'),
      place(
        'spec.sidecars[0].securityContext.privileged',
        '/spec/sidecars/0/securityContext/privileged',
      ),
      place('spec.steps[1].securityContext.privileged', '/spec/steps/1/securityContext/privileged'),
    ],
  ],
  [
    'tekton.dev',
    'TaskRun',
    'the pod template and the task of its own',
    { spec: { podTemplate: { hostNetwork: true }, taskSpec: { steps: [bad] } } },
    [
      place('spec.podTemplate.hostNetwork', '/spec/podTemplate/hostNetwork'),
      place(
        'spec.taskSpec.steps[0].securityContext.privileged',
        '/spec/taskSpec/steps/0/securityContext/privileged',
      ),
    ],
  ],
  [
    'tekton.dev',
    'Pipeline',
    'tasks of its own',
    { spec: { tasks: [{ taskRef: { name: 'a' } }, { taskSpec: { steps: [bad] } }] } },
    [
      place(
        'spec.tasks[1].taskSpec.steps[0].securityContext.privileged',
        '/spec/tasks/1/taskSpec/steps/0/securityContext/privileged',
      ),
    ],
  ],
  [
    'tekton.dev',
    'PipelineRun',
    'the pod templates of its runs',
    { spec: { taskRunTemplate: { podTemplate: { hostNetwork: true } } } },
    [
      place(
        'spec.taskRunTemplate.podTemplate.hostNetwork',
        '/spec/taskRunTemplate/podTemplate/hostNetwork',
      ),
    ],
  ],
  [
    'kubevirt.io',
    'VirtualMachine',
    'disks of the host',
    {
      spec: {
        template: {
          spec: {
            domain: { devices: {} },
            volumes: [
              { name: 'root', containerDisk: { image: 'fedora' } },
              { name: 'host', hostDisk: { path: '/var/disk.img', type: 'Disk' } },
            ],
          },
        },
      },
    },
    [place('spec.template.spec.volumes[1].hostDisk', '/spec/template/spec/volumes/1/hostDisk')],
  ],
];

for (const [group, kind, what, object, wanted] of parts) {
  test(`${kind}: ${what} are judged as parts of a pod`, (t) => {
    t.same([...broken(group, kind, object)].sort(), [...wanted].sort());
    t.end();
  });
}

const plain: readonly [string, string, JsonObject][] = [
  ['tekton.dev', 'Task', { spec: { steps: [{ name: 'ok', image: 'a' }] } }],
  [
    'tekton.dev',
    'TaskRun',
    { spec: { taskRef: { name: 'a' }, podTemplate: { nodeSelector: { a: 'b' } } } },
  ],
  [
    'kubevirt.io',
    'VirtualMachineInstance',
    {
      spec: {
        domain: {},
        volumes: [
          { name: 'd', cloudInitNoCloud: {} },
          { name: 'e', containerDisk: {} },
        ],
      },
    },
  ],
];

for (const [group, kind, object] of plain) {
  test(`${kind}: what restricted wants to be set may be set elsewhere`, (t) => {
    t.same(broken(group, kind, object, 'restricted'), []);
    t.end();
  });
}

test('a preset names no kind and path twice, and none that is built in', (t) => {
  const names = config.workloads.map(
    ({ group, kind, path }) => `${group}/${kind} ${path.join('.')}`,
  );
  t.equal(new Set(names).size, names.length);
  const groups: Record<PresetName, number> = {
    ...{ 'argo-rollouts': 4, knative: 2, kubevirt: 3, tekton: 11, kubeflow: 7 },
  };
  for (const name of presetNames) t.equal(presetKinds(name).length, groups[name], name);
  t.end();
});

test('the webhook asks about every kind of a preset, in any version, once', (t) => {
  const text = `{apiVersion: pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration}\n---\n{apiVersion: sekisho.dev/v1alpha1, kind: PolicySettings, spec: {podTemplates: [${presetNames
    .map((preset) => `{preset: ${preset}}`)
    .join(', ')}]}}`;
  const rules = entriesOf(wholeSet(text)).flatMap((entry) => entry.rules);
  for (const { group, resource } of presetNames.flatMap(presetKinds)) {
    const asking = rules.filter(
      ({ apiGroups, resources }) => apiGroups.includes(group) && resources.includes(resource),
    );
    t.match(asking, [{ apiVersions: ['*'], operations: ['CREATE', 'UPDATE'] }], resource);
    t.equal(asking.flatMap(({ resources }) => resources).filter((r) => r === resource).length, 1);
  }
  t.end();
});

test('a policy on templates sees no parts of pods', (t) => {
  const task = { group: 'tekton.dev', version: 'v1', kind: 'Task' };
  t.same(podTemplates(task, { spec: { steps: [bad] } }, config.workloads), []);
  const rollout = { group: 'argoproj.io', version: 'v1', kind: 'Rollout' };
  t.equal(podTemplates(rollout, { spec: { template: hostPid } }, config.workloads).length, 1);
  t.end();
});
