// What is said of a Namespace that is created or changed: labels that are wrong are refused, and a stricter enforce level
// asks for a look at the pods that run there. Upstream: ValidateNamespace in k8s.io/pod-security-admission/admission.
import { formatPath, toPointer } from '../base/field-path.ts';
import { quote } from '../base/text.ts';
import type { Attempt } from '../model/attempt.ts';
import type { Evaluation, Finding, PodSecurityMode } from '../model/decision.ts';
import {
  describeFaults,
  formatLevelVersion,
  type LabelFault,
  type Labels,
  labelPrefix,
  modeLevels,
} from './levels.ts';
import { type LevelVersion, levels, type ModeLevels, type PodSecurityConfig } from './types.ts';

export type NamespaceJudgement =
  | { readonly kind: 'none' }
  | { readonly kind: 'invalid'; readonly evaluation: Evaluation }
  /** It is exempt: its labels change nothing. */
  | { readonly kind: 'ignored'; readonly warning: string }
  /** The pods of the namespace are to be held against the new level. */
  | { readonly kind: 'stricter'; readonly enforce: LevelVersion };

export type NamespaceLabels = { readonly now: Labels; readonly before: Labels };

const none: NamespaceJudgement = { kind: 'none' };

export function namespaceApplies({ resource, operation, subResource }: Attempt): boolean {
  const isNamespaces = resource.group === '' && resource.resource === 'namespaces';
  const isWritten = operation === 'CREATE' || operation === 'UPDATE';
  return isNamespaces && isWritten && subResource === '';
}

export function judgeNamespace(
  { operation, name, namespace }: Attempt,
  labels: NamespaceLabels,
  { defaults, exemptions }: Pick<PodSecurityConfig, 'defaults' | 'exemptions'>,
): NamespaceJudgement {
  const isNew = operation === 'CREATE';
  const now = modeLevels(labels.now, defaults);
  const before = isNew ? { levels: defaults, faults: [] } : modeLevels(labels.before, defaults);
  // What was wrong before may stay: who changes something else is not to blame.
  if (now.faults.length > 0 && !isSame(now.faults, before.faults)) return invalid(name, now.faults);
  const [wanted, had] = [now.levels.enforce, before.levels.enforce];
  if (!isNew && !isStricter(wanted, had)) return none;
  if (namespace !== '' && exemptions.namespaces.includes(namespace)) {
    return ignored(name, now.levels, labels.now, defaults);
  }
  return isNew ? none : { kind: 'stricter', enforce: wanted };
}

function isSame(a: readonly LabelFault[], b: readonly LabelFault[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Another version counts: it may ask for more. */
function isStricter(now: LevelVersion, before: LevelVersion): boolean {
  if (now.level === 'privileged') return false;
  return now.version !== before.version || levels.indexOf(now.level) > levels.indexOf(before.level);
}

function invalid(name: string, faults: readonly LabelFault[]): NamespaceJudgement {
  const evaluation: Evaluation = {
    kind: 'fail',
    code: 'pod-security-label',
    reason: 'Invalid',
    message: `Namespace ${JSON.stringify(name)} is invalid: ${describeFaults(faults)}`,
    findings: faults.map(findingOf),
  };
  return { kind: 'invalid', evaluation };
}

function findingOf({ label, value, message }: LabelFault): Finding {
  const path = ['metadata', 'labels', label];
  const isVersion = label.endsWith('-version');
  const known = levels.map(quote).join(', ');
  return {
    path: formatPath(path),
    pointer: toPointer(path),
    value,
    allowed: isVersion ? ['latest', 'v1.N'] : levels,
    message: `is ${quote(value)}: ${message}`,
    remedy: isVersion
      ? 'set it to "latest", or to a version such as "v1.30"'
      : `set it to ${known}`,
    patch: [],
  };
}

const modes: readonly PodSecurityMode[] = ['enforce', 'audit', 'warn'];

function ignored(
  name: string,
  wanted: ModeLevels,
  labels: Labels,
  defaults: ModeLevels,
): NamespaceJudgement {
  if (modes.every((mode) => wanted[mode].level === 'privileged')) return none;
  if (modes.every((mode) => isEquivalent(wanted[mode], defaults[mode]))) return none;
  const said = modes
    .filter((mode) => wanted[mode].level !== 'privileged' && isLabelled(mode, labels))
    .map((mode) => `${mode}=${formatLevelVersion(wanted[mode])}`);
  const warning = `namespace ${JSON.stringify(name)} is exempt from Pod Security, and the policy (${said.join(', ')}) will be ignored`;
  return { kind: 'ignored', warning };
}

function isEquivalent(a: LevelVersion, b: LevelVersion): boolean {
  return a.level === b.level && (a.level === 'privileged' || a.version === b.version);
}

function isLabelled(mode: PodSecurityMode, labels: Labels): boolean {
  return ['', '-version'].some((suffix) => Object.hasOwn(labels, `${labelPrefix}${mode}${suffix}`));
}
