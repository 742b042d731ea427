// PolicySettings: what changes a verdict and has no upstream format.
import { type FieldPath, formatPath } from '../base/field-path.ts';
import { quote } from '../base/text.ts';
import { nameForms } from '../k8s/names.ts';
import { type WorkloadKind, workloadKinds } from '../k8s/pod-template.ts';
import { parseLevel, parseVersion } from '../pss/levels.ts';
import type { LevelVersion, PodSecurityConfig } from '../pss/types.ts';
import { refuseAnnotations } from './annotations.ts';
import type { Report } from './faults.ts';
import { checkMetadata } from './metadata.ts';
import type { PolicySettings } from './model.ts';
import { errorModes, settingModes, templateModes } from './schema/policy-settings.ts';
import type { WrittenSettings } from './written.ts';

export type SettingsDraft = {
  readonly settings: PolicySettings;
  readonly podSecurity: Pick<PodSecurityConfig, 'templates' | 'floor' | 'workloads'>;
};

export const defaultSettings: SettingsDraft = {
  settings: {
    mode: 'Enforce',
    errors: 'AsPolicy',
    workloads: workloadKinds,
    exceptions: { maxDays: 366, warnDays: 14, namespaces: [] },
    params: { namespaces: [] },
    images: { noMatch: 'deny', onError: 'deny', digests: 'require' },
  },
  podSecurity: { templates: 'Enforce', floor: null, workloads: workloadKinds },
};

type WrittenSpec = NonNullable<WrittenSettings['spec']>;

export function compileSettings(
  { metadata, spec = {} }: WrittenSettings,
  report: Report,
): SettingsDraft {
  checkMetadata(metadata, report);
  refuseAnnotations(metadata, 'PolicySettings', report);
  const { settings, podSecurity } = defaultSettings;
  const workloads = [...workloadKinds, ...customWorkloads(spec.podTemplates ?? [], report)];
  return {
    settings: {
      mode: settingModes.find((each) => each === spec.mode) ?? settings.mode,
      errors: errorModes.find((each) => each === spec.errors) ?? settings.errors,
      workloads,
      exceptions: {
        ...settings.exceptions,
        ...spec.exceptions,
        namespaces: namespacesOf('exceptions', spec.exceptions?.namespaces, report),
      },
      params: { namespaces: namespacesOf('params', spec.params?.namespaces, report) },
      images: settings.images,
    },
    podSecurity: {
      templates:
        templateModes.find((each) => each === spec.podSecurity?.templates) ?? podSecurity.templates,
      floor: floorOf(spec.podSecurity?.floor, report),
      workloads,
    },
  };
}

/** Names of namespaces, or `*` for all of them. */
function namespacesOf(
  field: 'exceptions' | 'params',
  written: readonly string[] = [],
  report: Report,
): readonly string[] {
  for (const [i, name] of written.entries()) {
    if (name === '*' || nameForms['dns-label'].holds(name)) continue;
    const path = ['spec', field, 'namespaces', i];
    const message = `${formatPath(path)} must be "*" or ${nameForms['dns-label'].rule}`;
    report({ path, message });
  }
  return written;
}

function floorOf(
  written: NonNullable<WrittenSpec['podSecurity']>['floor'],
  report: Report,
): LevelVersion | null {
  if (written === undefined) return null;
  const { level = '', version = 'latest' } = written;
  const parsed = parseVersion(version);
  if (parsed === undefined) {
    const path = ['spec', 'podSecurity', 'floor', 'version'];
    const message = `${formatPath(path)} must be "latest" or "v1.N", not ${quote(version)}`;
    report({ path, message });
  }
  return { level: parseLevel(level) ?? 'restricted', version: parsed ?? 'latest' };
}

function customWorkloads(
  written: NonNullable<WrittenSpec['podTemplates']>,
  report: Report,
): readonly WorkloadKind[] {
  const known = new Set(workloadKinds.map(nameOf));
  return written.map(({ apiGroup = '', kind = '', resource = '', path = '' }, i) => {
    const at: FieldPath = ['spec', 'podTemplates', i];
    const workload = { group: apiGroup, kind, resource, path: stepsOf(path) };
    const empty = (['kind', 'resource'] as const).filter((field) => workload[field] === '');
    for (const field of empty) {
      report({ path: [...at, field], message: `${formatPath([...at, field])} must not be empty` });
    }
    if (!pathForm.test(path)) {
      const message = `${formatPath([...at, 'path'])} must be field names and * joined by dots, not ${quote(path)}`;
      report({ path: [...at, 'path'], message, fix: 'for example spec.template' });
    }
    if (known.has(nameOf(workload))) {
      const message = `the templates of ${kind} ${quote(apiGroup)} are known already`;
      report({ path: at, message, fix: 'remove this entry' });
    }
    known.add(nameOf(workload));
    return workload;
  });
}

const pathForm = /^(?:[A-Za-z0-9_-]+|\*)(?:\.(?:[A-Za-z0-9_-]+|\*))*$/;

function stepsOf(path: string): FieldPath {
  return path.split('.');
}

function nameOf({ group, kind }: Pick<WorkloadKind, 'group' | 'kind'>): string {
  return `${group}/${kind}`;
}
