// PodSecurityConfiguration, alone or inside an AdmissionConfiguration, and its in-tree defaults.
// Upstream: k8s.io/pod-security-admission/admission/api/v1/defaults.go and .../api/validation.
import { type FieldPath, formatPath } from '../base/field-path.ts';
import { joinQuote, quote } from '../base/text.ts';
import { nameForms } from '../k8s/names.ts';
import { parseLevel, parseVersion } from '../pss/levels.ts';
import { type LevelVersion, levels, type PodSecurityConfig } from '../pss/types.ts';
import { onceEach, type Report } from './faults.ts';
import { suggest } from './suggest.ts';
import type { PodSecurityMode, WrittenPodSecurity } from './written.ts';

/** All but what PolicySettings say. */
export type PodSecurityDraft = Omit<PodSecurityConfig, 'templates' | 'floor' | 'workloads'>;

/** Absent fields, and an absent configuration, are the in-tree defaults: privileged, latest, nobody exempt. */
export function compilePodSecurity(written: WrittenPodSecurity, report: Report): PodSecurityDraft {
  const { defaults = {}, exemptions = {} } = written;
  const mode = (name: PodSecurityMode): LevelVersion => levelVersion(name, defaults, report);
  const { usernames = [], namespaces = [], runtimeClasses = [] } = exemptions;
  checkNames('usernames', usernames, 'set', report);
  checkNames('namespaces', namespaces, 'dns-label', report);
  checkNames('runtimeClasses', runtimeClasses, 'dns-subdomain', report);
  return {
    defaults: { enforce: mode('enforce'), audit: mode('audit'), warn: mode('warn') },
    exemptions: { usernames, namespaces, runtimeClasses },
  };
}

function levelVersion(
  mode: PodSecurityMode,
  defaults: NonNullable<WrittenPodSecurity['defaults']>,
  report: Report,
): LevelVersion {
  // As in-tree, an empty text is the default too.
  const level = defaults[mode] || 'privileged';
  const version = defaults[`${mode}-version`] || 'latest';
  const [parsedLevel, parsedVersion] = [parseLevel(level), parseVersion(version)];
  if (parsedLevel === undefined) {
    const message = `defaults.${mode} must be one of ${joinQuote(levels)}, not ${quote(level)}`;
    report({ path: ['defaults', mode], message, fix: suggest(level, levels) });
  }
  if (parsedVersion === undefined) {
    const path = ['defaults', `${mode}-version`];
    const message = `${formatPath(path)} must be "latest" or "v1.N", not ${quote(version)}`;
    report({ path, message });
  }
  return { level: parsedLevel ?? 'restricted', version: parsedVersion ?? 'latest' };
}

function checkNames(
  field: string,
  names: readonly string[],
  form: 'set' | 'dns-label' | 'dns-subdomain',
  report: Report,
): void {
  const distinct = onceEach(report);
  for (const [i, name] of names.entries()) {
    const path: FieldPath = ['exemptions', field, i];
    const isGood = form === 'set' ? name !== '' : nameForms[form].holds(name);
    const rule = form === 'set' ? 'a name' : nameForms[form].rule;
    if (!isGood) report({ path, message: `${formatPath(path)} must be ${rule}` });
    distinct(path, name);
  }
}
