// What a control is, and the words that all of them use. Upstream: checks.go and helpers.go of
// k8s.io/pod-security-admission/policy; reason and detail are its texts, byte for byte.
import { type FieldPath, formatPath, toPointer } from '../base/field-path.ts';
import type { JsonValue } from '../base/json.ts';
import type { Edit } from '../base/json-edit.ts';
import { count, plural, quote } from '../base/text.ts';
import type { PlacedContainer } from '../k8s/containers.ts';
import type { Pod } from '../k8s/pod.ts';
import type { ControlResult, Level, PodFinding } from './types.ts';

export type Check = (pod: Pod) => ControlResult;

export type VersionedCheck = {
  /** The minor of v1.N from which on it is in force. */
  readonly since: number;
  readonly check: Check;
  /** Baseline controls that are not evaluated beside it. */
  readonly overrides?: readonly string[];
};

export type Control = {
  readonly id: string;
  readonly level: Exclude<Level, 'privileged'>;
  /** Rising. */
  readonly versions: readonly VersionedCheck[];
};

export const pass: ControlResult = { kind: 'pass' };

/** Made only where it is told. */
export type Found = () => PodFinding;

export function foundAt<T>(bad: readonly T[], at: (each: T) => FindingAt): readonly Found[] {
  return bad.map((each) => () => finding(at(each)));
}

/** Of one control in one pod; the detail names them all. */
const mostFindings = 100;

/** Fails when there are findings. Threat: a pod of a few kilobytes can break one control ten thousand times, and whatever
 * is done for each finding is done while nobody else is answered. */
export function result(
  found: readonly Found[],
  reason: string,
  detail: () => string,
): ControlResult {
  if (found.length === 0) return pass;
  const findings = found.slice(0, mostFindings).map((make) => make());
  const more = found.length - findings.length;
  const all = more > 0 ? [...findings, rest(more)] : findings;
  return { kind: 'fail', reason, detail: detail(), findings: all };
}

/** INVARIANT: what is left out is a finding of the whole pod: an exception that covers some fields must not excuse it. */
function rest(more: number): PodFinding {
  return finding({
    path: [],
    value: undefined,
    allowed: [],
    message: `has ${count(more, 'more field')} like these`,
    remedy: 'mend them as the others',
    edits: [],
  });
}

export type FindingAt = {
  readonly path: FieldPath;
  readonly value: JsonValue | undefined;
  readonly allowed: readonly string[];
  /** Reads on from the path; the container's name is added. */
  readonly message: string;
  readonly remedy: string;
  /** The remedy, where it is mechanical. */
  readonly edits: readonly Edit[];
  readonly container?: PlacedContainer | undefined;
};

export function finding(at: FindingAt): PodFinding {
  const { path, value, allowed, message, remedy, edits, container } = at;
  const of = container === undefined ? '' : ` (container ${quote(nameOf(container))})`;
  return {
    path: formatPath(path),
    pointer: toPointer(path),
    value: value ?? null,
    allowed,
    message: `${message}${of}`,
    remedy,
    patch: [],
    edits,
  };
}

export function set(path: FieldPath, value: JsonValue): Edit {
  return { path, value };
}

export function remove(path: FieldPath): Edit {
  return { path, value: undefined };
}

/** Of a finding whose remedy is another value for its own field. */
export function setTo(path: FieldPath, value: JsonValue): Pick<FindingAt, 'path' | 'edits'> {
  return { path, edits: [set(path, value)] };
}

/** Of a finding whose remedy is to leave its own field out. */
export function removed(path: FieldPath): Pick<FindingAt, 'path' | 'edits'> {
  return { path, edits: [remove(path)] };
}

/** Only a profile of type Localhost may name a file. */
export function runtimeDefault(profile: FieldPath): readonly Edit[] {
  return [set([...profile, 'type'], 'RuntimeDefault'), remove([...profile, 'localhostProfile'])];
}

export function nameOf({ container }: PlacedContainer): string {
  return container.name ?? '';
}

/** `"a", "b"`, as in-tree: names are not escaped. */
export function quoteAll(names: Iterable<string>): string {
  return `"${[...names].join('", "')}"`;
}

/** Distinct, in the order of their bytes. */
export function sorted(names: Iterable<string>): readonly string[] {
  return [...new Set(names)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** `container "a"` or `containers "a", "b"`. */
export function containersNamed(containers: readonly PlacedContainer[]): string {
  const names = containers.map(nameOf);
  return `${plural(names.length, 'container')} ${quoteAll(names)}`;
}

/** `pod and containers "a", "b"`: who set something. */
export function setters(pod: boolean, containers: readonly PlacedContainer[]): string {
  return [
    ...(pod ? ['pod'] : []),
    ...(containers.length > 0 ? [containersNamed(containers)] : []),
  ].join(' and ');
}

export function isSet<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}

/** From 1.25 on, controls that only Linux knows leave Windows pods alone. */
export function exceptWindows(check: Check): Check {
  return (pod) => (pod.spec.os?.name === 'windows' ? pass : check(pod));
}

/** From 1.35 on, controls that a user namespace makes harmless leave its pods alone. */
export function exceptUserNamespace(check: Check): Check {
  return (pod) => (pod.spec.hostUsers === false ? pass : check(pod));
}
