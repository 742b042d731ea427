// What the gate itself could not do: outcomes of kind Sekisho, denials unless they are skips. And the time that it may take.
import type { Attempt } from '../model/attempt.ts';
import type { Evaluation } from '../model/decision.ts';
import type { Outcome } from './outcome.ts';
import type { Turn } from './ports.ts';

/** An outcome under the rule `sekisho/NAME`. */
export function gate(name: string, evaluation: Evaluation): Outcome {
  return {
    policy: 'sekisho',
    binding: null,
    param: null,
    kind: 'Sekisho',
    rule: `sekisho/${name}`,
    index: null,
    evaluation,
    enforcement: { kind: 'gate' },
    controls: [],
  };
}

export function deadlineExceeded({ deadline }: Attempt): Outcome {
  return gate('deadline', {
    kind: 'error',
    code: 'deadline-exceeded',
    message: `not every policy could be evaluated within ${deadline} ms; try again`,
  });
}

/** The event loop is given a turn when an evaluation has held it this long, in milliseconds. */
const longestHold = 10;

export type Timekeeper = {
  /** True once the deadline has passed; lets other requests run in between, and only then is it a promise. */
  isUp(): boolean | Promise<boolean>;
  /** Between two expressions: something to wait for when the event loop was held too long. */
  pause(): Promise<void> | undefined;
};

export function timekeeper(attempt: Attempt, turn: Turn): Timekeeper {
  let held = turn.elapsed();
  const pause = (): Promise<void> | undefined =>
    turn.elapsed() - held > longestHold
      ? turn.yield().then(() => {
          held = turn.elapsed();
        })
      : undefined;
  const hasPassed = (): boolean => attempt.deadline !== null && turn.elapsed() >= attempt.deadline;
  return { pause, isUp: () => pause()?.then(hasPassed) ?? hasPassed() };
}
