// The remedies of all findings of a pod as one RFC 6902 patch, told of each finding in turn: applied in order they make the
// pod pass. INVARIANT: a patch is told only after the patched pod has passed every control of every level that it is held
// against; else no finding has any.
import { type FieldPath, toPointer } from '../base/field-path.ts';
import { isObject, type JsonObject } from '../base/json.ts';
import { type Edit, edit } from '../base/json-edit.ts';
import { readPod } from '../k8s/pod.ts';
import type { Evaluated, Registry } from './registry.ts';
import type { LevelVersion, PodFinding } from './types.ts';

/** `evaluated`: of the pod, in order. */
export function withPatches<E extends Evaluated>(
  pod: JsonObject,
  evaluated: readonly E[],
  levels: readonly LevelVersion[],
  registry: Registry,
): readonly E[] {
  // What has no mechanical remedy stays broken, whatever is done about the rest.
  if (evaluated.some(isByHand)) return evaluated;
  const mending: Mending = { pod, taken: [] };
  const patched = evaluated.map((each): E => {
    const { result } = each;
    if (result.kind === 'pass') return each;
    const findings = result.findings.map((finding) => mend(mending, finding));
    return { ...each, result: { ...result, findings } };
  });
  return passes(mending.pod, levels, registry) ? patched : evaluated;
}

function isByHand({ result }: Evaluated): boolean {
  return result.kind === 'fail' && result.findings.some(({ edits }) => edits.length === 0);
}

type Mending = { pod: JsonObject; readonly taken: FieldPath[] };

function mend(mending: Mending, finding: PodFinding): PodFinding {
  const left = finding.edits.filter(({ path }) => !isTaken(path, mending.taken));
  const edits = left.map((each) => moved(each, mending.taken));
  const { value, patch } = edit(mending.pod, edits);
  for (const { path, value: wanted } of left) {
    if (wanted === undefined && typeof path.at(-1) === 'number') mending.taken.push(path);
  }
  if (isObject(value)) mending.pod = value;
  return { ...finding, patch };
}

/** Findings tell places in the pod as it was sent: items of a list move up when one before them is taken out. */
function moved({ path, value }: Edit, taken: readonly FieldPath[]): Edit {
  const steps = path.map((step, depth) =>
    typeof step === 'number' ? step - takenBefore(path, depth, taken) : step,
  );
  return { path: steps, value };
}

/** By the finding of another control, at the same field. */
function isTaken(path: FieldPath, taken: readonly FieldPath[]): boolean {
  return taken.some((gone) => toPointer(gone) === toPointer(path));
}

function takenBefore(path: FieldPath, depth: number, taken: readonly FieldPath[]): number {
  return taken.filter(
    (gone) =>
      gone.length === depth + 1 &&
      gone.slice(0, -1).every((step, i) => step === path[i]) &&
      Number(gone[depth]) < Number(path[depth]),
  ).length;
}

function passes(pod: JsonObject, levels: readonly LevelVersion[], registry: Registry): boolean {
  const read = readPod(pod);
  if (!read.ok) return false;
  return levels.every((level) =>
    registry.evaluate(level, read.value).every(({ result }) => result.kind === 'pass'),
  );
}
