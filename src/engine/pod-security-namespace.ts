// Pod Security for a Namespace: wrong labels as a refusal; for a stricter level a look at the pods that run there, bounded
// in number and time as in-tree. What was seen is noted as counts, not as pods: that is enough to say the same again.
import type { Attempt } from '../model/attempt.ts';
import type { PortInput } from '../model/decision.ts';
import type { PolicySet } from '../policy/model.ts';
import { formatLevelVersion } from '../pss/levels.ts';
import { judgeNamespace } from '../pss/namespaces.ts';
import {
  notListed,
  prioritised,
  runningWarnings,
  type Tally,
  type Tallying,
  tallyFor,
} from '../pss/running-pods.ts';
import type { LevelVersion } from '../pss/types.ts';
import type { Timekeeper } from './gate.ts';
import { labelsOf } from './match.ts';
import { type PodSecurityOutcomes, podSecurityOutcome } from './outcome.ts';
import type { Ports } from './ports.ts';
import { input } from './surroundings.ts';

export type LookAround = {
  readonly policySet: PolicySet;
  readonly attempt: Attempt;
  readonly ports: Ports;
  readonly time: Timekeeper;
  readonly inputs: PortInput[];
};

export async function evaluateNamespaceLabels(look: LookAround): Promise<PodSecurityOutcomes> {
  const { attempt, policySet } = look;
  const labels = { now: labelsOf(attempt.object), before: labelsOf(attempt.oldObject) };
  const judgement = judgeNamespace(attempt, labels, policySet.podSecurity);
  switch (judgement.kind) {
    case 'none':
      return { outcomes: [], warnings: [] };
    case 'invalid': {
      const outcome = podSecurityOutcome('labels', 'enforce', judgement.evaluation);
      return { outcomes: [outcome], warnings: [] };
    }
    case 'ignored':
      return { outcomes: [], warnings: [judgement.warning] };
    case 'stricter':
      return { outcomes: [], warnings: await runningPods(look, judgement.enforce) };
  }
}

const mostPods = 3000;
const longest = 1000;
/** Of the time, for the list; the rest is for looking at it. */
const listing = 0.75;

async function runningPods(look: LookAround, enforce: LevelVersion): Promise<readonly string[]> {
  const { attempt, policySet, ports, inputs } = look;
  if (ports.inventory === undefined) return [];
  const started = ports.turn.elapsed();
  const time = attempt.deadline === null ? longest : halfUpTo(attempt.deadline - started);
  const question = {
    namespace: attempt.name,
    limit: mostPods,
    within: Math.floor(time * listing),
  };
  const asked = { ...question, level: formatLevelVersion(enforce) };
  const answer = await ports.inventory(question);
  if (!answer.ok) {
    // The in-tree text does not say why.
    inputs.push(input('inventory', asked, { fault: answer.error.message }, attempt.now));
    return [notListed];
  }
  const { value, total, at } = answer.value;
  const pods = prioritised(value, policySet.podSecurity.exemptions.runtimeClasses);
  const tallying = tallyFor(enforce);
  await addAll(tallying, pods, started + time, look);
  const tally = tallying.tally(pods.length + Math.max(0, total - value.length));
  inputs.push(input('inventory', asked, noted(tally), at));
  return runningWarnings(attempt.name, enforce, tally);
}

/** Not more than half of what is left. */
function halfUpTo(left: number): number {
  return Math.max(0, Math.min(longest, left / 2));
}

/** One at least. */
async function addAll(
  tallying: Tallying,
  pods: Parameters<typeof prioritised>[0],
  until: number,
  { ports, time }: LookAround,
): Promise<void> {
  for (const pod of pods) {
    tallying.add(pod);
    const wait = time.pause();
    if (wait !== undefined) await wait;
    if (ports.turn.elapsed() >= until) return;
  }
}

function noted({ total, checked, broken }: Tally) {
  return { total, checked, broken: broken.map((each) => ({ ...each })) };
}
