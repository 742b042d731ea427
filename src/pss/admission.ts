// Who is judged by Pod Security, and when. Upstream: admission.go of k8s.io/pod-security-admission/admission.
// It differs in one thing, on purpose: with `templates: Enforce` a workload is refused for its template.
import { type FieldPath, formatPath, toPointer } from '../base/field-path.ts';
import { get, isArray, type JsonObject, type JsonValue } from '../base/json.ts';
import { type Pod, readPod } from '../k8s/pod.ts';
import { podTemplate, workloadKinds } from '../k8s/pod-template.ts';
import type { Attempt } from '../model/attempt.ts';
import { judgedInOwner } from '../model/controllers.ts';
import type { Evaluation, Finding, PodSecurityMode } from '../model/decision.ts';
import { controls } from './controls/index.ts';
import { formatLevelVersion, modeLevels } from './levels.ts';
import { createRegistry, type Evaluated } from './registry.ts';
import type { LevelVersion, ModeLevels, PodSecurityConfig } from './types.ts';

export type ModeResult = {
  /** Of the control. */
  readonly id: string;
  readonly mode: PodSecurityMode;
  readonly level: LevelVersion;
  readonly evaluation: Evaluation;
};

/** `auditAnnotations` and `warnings` are what the in-tree plugin would have written. */
export type PodSecurityJudgement = {
  readonly auditAnnotations: Readonly<Record<string, string>>;
} & (
  | { readonly kind: 'none' }
  | {
      readonly kind: 'judged';
      readonly results: readonly ModeResult[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'error'; readonly code: 'malformed-object'; readonly message: string }
);

export const registry = createRegistry(controls);

/** Any other subresource is expected to carry a Pod, and is judged: one that is not known fails safe. */
const ignoredPodSubresources: ReadonlySet<string> = new Set([
  'exec',
  'attach',
  'binding',
  'eviction',
  'log',
  'portforward',
  'proxy',
  'status',
]);

type Labels = Readonly<Record<string, string>>;

function isPods({ resource }: Attempt): boolean {
  return resource.group === '' && resource.resource === 'pods';
}

/** False where no namespace need be looked up: what is attempted is no matter of Pod Security. */
export function podSecurityApplies(attempt: Attempt): boolean {
  if (attempt.operation !== 'CREATE' && attempt.operation !== 'UPDATE') return false;
  if (isPods(attempt)) return !ignoredPodSubresources.has(attempt.subResource);
  const { group, resource } = attempt.resource;
  const workload = workloadKinds.some((w) => w.group === group && w.resource === resource);
  return workload && attempt.subResource === '' && !judgedInOwner(attempt);
}

/** Judges a pod or a workload's template by the labels of its namespace. */
export function judgePodSecurity(
  attempt: Attempt,
  config: PodSecurityConfig,
  namespaceLabels: Labels,
): PodSecurityJudgement {
  if (!podSecurityApplies(attempt)) return none();
  const { exemptions } = config;
  if (attempt.namespace !== '' && exemptions.namespaces.includes(attempt.namespace))
    return exempt('namespace');
  if (
    attempt.userInfo.username !== '' &&
    exemptions.usernames.includes(attempt.userInfo.username)
  ) {
    return exempt('user');
  }
  const { levels, faults } = modeLevels(namespaceLabels, config.defaults);
  const isPod = isPods(attempt);
  const modes: readonly PodSecurityMode[] =
    isPod || config.templates === 'Enforce' ? ['enforce', 'audit', 'warn'] : ['audit', 'warn'];
  if (faults.length === 0 && modes.every((mode) => levels[mode].level === 'privileged')) {
    return none(isPod ? { 'enforce-policy': 'privileged:latest' } : {});
  }
  const subject = isPod ? wholePod(attempt) : template(attempt);
  if (subject === undefined) return none();
  const pod = readPod(subject.pod);
  if (!pod.ok) return malformed(subject.path, pod.error);
  if (isPod && !isSignificant(attempt)) return none();
  const { runtimeClassName } = pod.value.spec;
  if (runtimeClassName && exemptions.runtimeClasses.includes(runtimeClassName))
    return exempt('runtimeClass');
  const errors = faults.map(
    ({ label, value, message }) => `${label}: Invalid value: ${JSON.stringify(value)}: ${message}`,
  );
  const parsed = errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`;
  return judge(
    pod.value,
    subject.path,
    levels,
    modes,
    isPod,
    errors.length === 0 ? {} : { error: `Failed to parse policy: ${parsed}` },
  );
}

function none(auditAnnotations: Readonly<Record<string, string>> = {}): PodSecurityJudgement {
  return { kind: 'none', auditAnnotations };
}

function exempt(why: string): PodSecurityJudgement {
  return none({ exempt: why });
}

function malformed(path: FieldPath, message: string): PodSecurityJudgement {
  const where = path.length === 0 ? '' : `${formatPath(path)}: `;
  return {
    kind: 'error',
    code: 'malformed-object',
    message: `${where}${message}`,
    auditAnnotations: {},
  };
}

type Subject = { readonly pod: JsonObject; readonly path: FieldPath };

function wholePod({ object }: Attempt): Subject {
  return { pod: object ?? {}, path: [] };
}

function template({ kind, object }: Attempt): Subject | undefined {
  return object === null ? { pod: {}, path: [] } : podTemplate(kind, object);
}

function judge(
  pod: Pod,
  path: FieldPath,
  levels: ModeLevels,
  modes: readonly PodSecurityMode[],
  isPod: boolean,
  errors: Readonly<Record<string, string>>,
): PodSecurityJudgement {
  const known = new Map<string, readonly Evaluated[]>();
  const evaluated = (mode: PodSecurityMode): readonly Evaluated[] => {
    const key = formatLevelVersion(levels[mode]);
    const found = known.get(key) ?? registry.evaluate(levels[mode], pod);
    known.set(key, found);
    return found;
  };
  const results = modes.flatMap((mode) =>
    evaluated(mode).map(({ id, result }): ModeResult => {
      const evaluation = evaluationOf(result, path);
      return { id, mode, level: levels[mode], evaluation };
    }),
  );
  const textOf = (mode: PodSecurityMode): string =>
    evaluated(mode)
      .flatMap(({ result }) => (result.kind === 'fail' ? [told(result)] : []))
      .join(', ');
  const would = (mode: PodSecurityMode): string =>
    `would violate PodSecurity ${JSON.stringify(formatLevelVersion(levels[mode]))}: ${textOf(mode)}`;
  const denied = modes.includes('enforce') && textOf('enforce') !== '';
  return {
    kind: 'judged',
    results,
    // A request that is refused is not warned about too.
    warnings: !denied && textOf('warn') !== '' ? [would('warn')] : [],
    auditAnnotations: {
      ...errors,
      ...(isPod ? { 'enforce-policy': formatLevelVersion(levels.enforce) } : {}),
      ...(textOf('audit') === '' ? {} : { 'audit-violations': would('audit') }),
    },
  };
}

type Failed = Extract<Evaluated['result'], { kind: 'fail' }>;

function told({ reason, detail }: Failed): string {
  return detail === '' ? reason : `${reason} (${detail})`;
}

function evaluationOf(result: Evaluated['result'], path: FieldPath): Evaluation {
  if (result.kind === 'pass') return result;
  return {
    kind: 'fail',
    code: 'pod-security-violation',
    reason: 'Forbidden',
    message: told(result),
    findings:
      path.length === 0 ? result.findings : result.findings.map((each) => below(path, each)),
  };
}

/** A finding of a pod in a template, at its real place in the owner. */
function below(path: FieldPath, finding: Finding): Finding {
  return {
    ...finding,
    path: `${formatPath(path)}.${finding.path}`,
    pointer: `${toPointer(path)}${finding.pointer}`,
  };
}

/** An update is judged when it adds a container or changes an image. */
function isSignificant({ operation, object, oldObject }: Attempt): boolean {
  if (operation !== 'UPDATE') return true;
  const [now, before] = [get(object, 'spec'), get(oldObject, 'spec')];
  for (const place of ['containers', 'initContainers']) {
    const [a, b] = [listOf(now, place), listOf(before, place)];
    if (a.length !== b.length) return true;
    if (a.some((container, i) => imageOf(container) !== imageOf(b[i]))) return true;
  }
  const old = listOf(before, 'ephemeralContainers');
  return listOf(now, 'ephemeralContainers').some((container) => {
    const same = old.find((each) => get(each, 'name') === get(container, 'name'));
    return same === undefined || imageOf(container) !== imageOf(same);
  });
}

function listOf(spec: JsonValue | undefined, place: string): readonly JsonValue[] {
  const list = get(spec, place);
  return isArray(list) ? list : [];
}

/** Absent and empty are the same, as for Go. */
function imageOf(container: JsonValue | undefined): JsonValue {
  return get(container, 'image') ?? '';
}
