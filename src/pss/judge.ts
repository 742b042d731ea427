// One pod held against levels: each control once, the findings at their places in the object that was sent, with the patch
// that makes the pod pass.
import type { Pod } from '../k8s/pod.ts';
import type { Evaluation } from '../model/decision.ts';
import { withPatches } from './patch.ts';
import type { Evaluated, Registry } from './registry.ts';
import type { Subject } from './templates.ts';
import type { LevelVersion } from './types.ts';

export type Judged = {
  /** Of the control. */
  readonly id: string;
  readonly level: LevelVersion;
  readonly evaluation: Evaluation;
};

/** Judges a pod once by the same levels, however many modes ask for them. */
export function levelsJudge(
  registry: Registry,
  pod: Pod,
  { pod: object, held, place }: Subject,
): (asked: readonly LevelVersion[]) => readonly Judged[] {
  const known: { readonly asked: readonly LevelVersion[]; readonly judged: readonly Judged[] }[] =
    [];
  return (asked) => {
    const before = known.find((each) => areSame(each.asked, asked));
    if (before !== undefined) return before.judged;
    const levels = asked.map(held);
    const found = levels.map((level) => evaluatedAt(registry, level, pod)).reduce(failingOf);
    const told = found.some(isFailed) ? withPatches(object, found, levels, registry) : found;
    const judged = told.map(({ id, level, result }) => {
      return { id, level, evaluation: evaluationOf(result, place) };
    });
    known.push({ asked, judged });
    return judged;
  };
}

function areSame(one: readonly LevelVersion[], other: readonly LevelVersion[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ level, version }, i) => level === other[i]?.level && version === other[i].version)
  );
}

type EvaluatedAt = Evaluated & { readonly level: LevelVersion };

function evaluatedAt(registry: Registry, level: LevelVersion, pod: Pod): readonly EvaluatedAt[] {
  return registry.evaluate(level, pod).map(({ id, result }) => ({ id, result, level }));
}

function isFailed({ result }: Evaluated): boolean {
  return result.kind === 'fail';
}

/** Of two levels that a mode asks for, the failing one is told. */
function failingOf(
  first: readonly EvaluatedAt[],
  second: readonly EvaluatedAt[],
): readonly EvaluatedAt[] {
  const byId = new Map(first.map((each) => [each.id, each]));
  for (const each of second) {
    const before = byId.get(each.id);
    if (before === undefined || !isFailed(before)) byId.set(each.id, each);
  }
  return [...byId.values()];
}

type Failed = Extract<Evaluated['result'], { kind: 'fail' }>;

function told({ reason, detail }: Failed): string {
  return detail === '' ? reason : `${reason} (${detail})`;
}

function evaluationOf(result: Evaluated['result'], place: Subject['place']): Evaluation {
  if (result.kind === 'pass') return result;
  return {
    kind: 'fail',
    code: 'pod-security-violation',
    reason: 'Forbidden',
    message: told(result),
    findings: result.findings.map(({ edits: _, ...finding }) => place(finding)),
  };
}
