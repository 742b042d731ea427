// Which updates are judged. A pod: when it adds a container or changes an image, as in-tree. A template is refused only
// when it changes. Upstream: isSignificantPodUpdate in k8s.io/pod-security-admission/admission.
import { toPointer } from '../base/field-path.ts';
import { canonicalJson, get, isArray, type JsonValue } from '../base/json.ts';
import type { WorkloadKind } from '../k8s/pod-template.ts';
import type { Attempt } from '../model/attempt.ts';
import { type Subject, workloadSubjects } from './templates.ts';

/** Of a pod. */
export function isSignificant({ operation, object, oldObject }: Attempt): boolean {
  if (operation !== 'UPDATE') return true;
  const [now, before] = [get(object, 'spec'), get(oldObject, 'spec')];
  for (const place of ['containers', 'initContainers']) {
    const [a, b] = [listOf(now, place), listOf(before, place)];
    if (a.length !== b.length) return true;
    if (a.some((container, i) => imageOf(container) !== imageOf(b[i]))) return true;
  }
  const old = byName(listOf(before, 'ephemeralContainers'));
  return listOf(now, 'ephemeralContainers').some((container) => {
    const same = old.get(get(container, 'name'));
    return same === undefined || imageOf(container) !== imageOf(same);
  });
}

/** Of several with one name the first, as in-tree. */
function byName(containers: readonly JsonValue[]): ReadonlyMap<JsonValue | undefined, JsonValue> {
  return new Map(containers.toReversed().map((each) => [get(each, 'name'), each]));
}

function listOf(spec: JsonValue | undefined, place: string): readonly JsonValue[] {
  const list = get(spec, place);
  return isArray(list) ? list : [];
}

/** Absent and empty are the same, as for Go. */
function imageOf(container: JsonValue | undefined): JsonValue {
  return get(container, 'image') ?? '';
}

/** Whether a template is another one than stood at its place. One that was there before the level was must not keep its
 * owner from being scaled down, or from losing its last finalizer: its pods are refused in any case. */
export function changedTemplates(
  { operation, kind, oldObject }: Attempt,
  workloads: readonly WorkloadKind[],
): (subject: Subject) => boolean {
  if (operation !== 'UPDATE' || oldObject === null) return () => true;
  const before = new Set(workloadSubjects(kind, oldObject, workloads).map(keyOf));
  return (subject) => !before.has(keyOf(subject));
}

function keyOf({ pod, path }: Subject): string {
  return `${toPointer(path)} ${canonicalJson(pod)}`;
}
