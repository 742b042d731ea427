// PolicySettings: what changes a verdict and has no upstream format.
import { type FieldPath, formatPath } from '../base/field-path.ts';
import { quote } from '../base/text.ts';
import { nameForms } from '../k8s/names.ts';
import { type WorkloadKind, workloadKinds } from '../k8s/pod-template.ts';
import { presetKinds, presetNames } from '../k8s/pod-template-presets.ts';
import { parseLevel, parseVersion } from '../pss/levels.ts';
import type { LevelVersion, PodSecurityConfig } from '../pss/types.ts';
import { refuseAnnotations } from './annotations.ts';
import type { Report } from './faults.ts';
import { checkMetadata } from './metadata.ts';
import type { ImageSettings, PolicySettings } from './model.ts';
import {
  digestModes,
  errorModes,
  imageSettingModes,
  settingModes,
  templateModes,
} from './schema/policy-settings.ts';
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
      images: imagesOf(spec.images),
    },
    podSecurity: {
      templates:
        templateModes.find((each) => each === spec.podSecurity?.templates) ?? podSecurity.templates,
      floor: floorOf(spec.podSecurity?.floor, report),
      workloads,
    },
  };
}

function imagesOf(written: WrittenSpec['images'] = {}): ImageSettings {
  const { noMatch, onError, digests } = defaultSettings.settings.images;
  return {
    noMatch: imageSettingModes.find((each) => each === written.noMatch) ?? noMatch,
    onError: imageSettingModes.find((each) => each === written.onError) ?? onError,
    digests: digestModes.find((each) => each === written.digests) ?? digests,
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

type WrittenTemplates = NonNullable<WrittenSpec['podTemplates']>[number];

/** Kinds of custom resources: each written out, or those of a preset. A kind is told once. */
function customWorkloads(
  written: readonly WrittenTemplates[],
  report: Report,
): readonly WorkloadKind[] {
  const known = new Set(workloadKinds.map(nameOf));
  return written.flatMap((entry, i) => {
    const at: FieldPath = ['spec', 'podTemplates', i];
    const kinds = presetOf(entry, at, report) ?? [writtenKind(entry, at, report)];
    const twice = kinds.find((each) => known.has(nameOf(each)));
    if (twice !== undefined) {
      const message = `the templates of ${twice.kind} ${quote(twice.group)} are known already`;
      report({ path: at, message, fix: 'remove this entry' });
    }
    for (const each of kinds) known.add(nameOf(each));
    return kinds;
  });
}

function presetOf(
  { preset, ...others }: WrittenTemplates,
  at: FieldPath,
  report: Report,
): readonly WorkloadKind[] | undefined {
  if (preset === undefined) return undefined;
  const path = [...at, 'preset'];
  const [other] = Object.keys(others);
  if (other !== undefined) {
    const message = `${formatPath(path)} says all: ${other} must not stand beside it`;
    report({ path, message, fix: 'write the kind out in an entry of its own' });
  }
  const name = presetNames.find((each) => each === preset);
  return name === undefined ? [] : presetKinds(name);
}

function writtenKind(entry: WrittenTemplates, at: FieldPath, report: Report): WorkloadKind {
  const { apiGroup = '', kind = '', resource = '', path = '' } = entry;
  for (const field of ['apiGroup', 'kind', 'resource', 'path'] as const) {
    const isMissing = entry[field] === undefined;
    if (!isMissing && (entry[field] !== '' || field === 'apiGroup' || field === 'path')) continue;
    const where = isMissing ? at : [...at, field];
    const name = formatPath([...at, field]);
    report({ path: where, message: `${name} ${isMissing ? 'is missing' : 'must not be empty'}` });
  }
  if (entry.path !== undefined && !pathForm.test(path)) {
    const message = `${formatPath([...at, 'path'])} must be field names and * joined by dots, not ${quote(path)}`;
    report({ path: [...at, 'path'], message, fix: 'for example spec.template' });
  }
  return { group: apiGroup, kind, resource, path: stepsOf(path) };
}

const pathForm = /^(?:[A-Za-z0-9_-]+|\*)(?:\.(?:[A-Za-z0-9_-]+|\*))*$/;

function stepsOf(path: string): FieldPath {
  return path.split('.');
}

function nameOf({ group, kind }: Pick<WorkloadKind, 'group' | 'kind'>): string {
  return `${group}/${kind}`;
}
