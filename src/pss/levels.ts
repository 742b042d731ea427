// Namespace labels to a level and version for each mode.
// Upstream: PolicyToEvaluate, ParseLevel and ParseVersion in k8s.io/pod-security-admission/api.
import { type Level, type LevelVersion, levels, type ModeLevels, type Version } from './types.ts';

export const labelPrefix = 'pod-security.kubernetes.io/';

export function parseLevel(text: string): Level | undefined {
  return levels.find((level) => level === text);
}

/** `latest` or `v1.N`. */
export function parseVersion(text: string): Version | undefined {
  if (text === 'latest') return 'latest';
  const minor = Number(/^v1\.(0|[1-9][0-9]*)$/.exec(text)?.[1] ?? Number.NaN);
  return Number.isSafeInteger(minor) ? minor : undefined;
}

/** `restricted:latest`, `baseline:v1.30`. */
export function formatLevelVersion({ level, version }: LevelVersion): string {
  return `${level}:${version === 'latest' ? version : `v1.${version}`}`;
}

/** True when `floor` may ask for something that `level` does not. A stricter level of another version does not imply
 * the floor: versions add checks. */
export function isBelow(level: LevelVersion, floor: LevelVersion): boolean {
  const stricter = levels.indexOf(level.level) >= levels.indexOf(floor.level);
  return !stricter || (floor.level !== 'privileged' && level.version !== floor.version);
}

export type LabelFault = {
  readonly label: string;
  readonly value: string;
  readonly message: string;
};

/** Word for word as in-tree. */
export function describeFault({ label, value, message }: LabelFault): string {
  return `metadata.labels[${label}]: Invalid value: ${JSON.stringify(value)}: ${message}`;
}

/** Several are in brackets, as in-tree. */
export function describeFaults(faults: readonly LabelFault[]): string {
  const texts = faults.map(describeFault);
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}

export type Labels = Readonly<Record<string, string>>;
type Mode = keyof ModeLevels;
type Suffix = '' | '-version';

/** Looked up for every pod. */
const labelNames = {
  enforce: `${labelPrefix}enforce`,
  'enforce-version': `${labelPrefix}enforce-version`,
  audit: `${labelPrefix}audit`,
  'audit-version': `${labelPrefix}audit-version`,
  warn: `${labelPrefix}warn`,
  'warn-version': `${labelPrefix}warn-version`,
} as const satisfies Readonly<Record<`${Mode}${Suffix}`, string>>;

function own(labels: Labels, label: string): string | undefined {
  return Object.hasOwn(labels, label) ? labels[label] : undefined;
}

/** Labels above defaults. Always gives levels, whatever is wrong: a bad enforce level is restricted, a bad audit or
 * warn level privileged, a bad version latest. */
export function modeLevels(
  labels: Labels,
  defaults: ModeLevels,
): { readonly levels: ModeLevels; readonly faults: readonly LabelFault[] } {
  const faults: LabelFault[] = [];
  const enforce = modeLevel('enforce', 'restricted', labels, defaults, faults);
  const audit = modeLevel('audit', 'privileged', labels, defaults, faults);
  const warn = modeLevel('warn', 'privileged', labels, defaults, faults);
  return { levels: { enforce, audit, warn: warnOf(labels, enforce, warn) }, faults };
}

function modeLevel(
  mode: Mode,
  onFault: Level,
  labels: Labels,
  defaults: ModeLevels,
  faults: LabelFault[],
): LevelVersion {
  const read = <T>(
    suffix: Suffix,
    parse: (text: string) => T | undefined,
    message: string,
    bad: T,
    absent: T,
  ): T => {
    const label = labelNames[`${mode}${suffix}`];
    const value = own(labels, label);
    if (value === undefined) return absent;
    const parsed = parse(value);
    if (parsed === undefined) faults.push({ label, value, message });
    return parsed ?? bad;
  };
  const { level, version } = defaults[mode];
  return {
    level: read('', parseLevel, `must be one of ${levels.join(', ')}`, onFault, level),
    version: read<Version>(
      '-version',
      parseVersion,
      'must be "latest" or "v1.x"',
      'latest',
      version,
    ),
  };
}

/** A namespace that enforces more than it warns about is warned about as much. */
function warnOf(labels: Labels, enforce: LevelVersion, warn: LevelVersion): LevelVersion {
  const explicit = parseLevel(own(labels, labelNames.enforce) ?? '') !== undefined;
  const stricter = levels.indexOf(enforce.level) > levels.indexOf(warn.level);
  if (own(labels, labelNames.warn) !== undefined || !explicit || !stricter) return warn;
  return {
    level: enforce.level,
    version: own(labels, labelNames['warn-version']) === undefined ? enforce.version : warn.version,
  };
}
