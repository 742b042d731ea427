// An Attempt to a Decision before its deadline, whatever happens: no policies, a port that hangs, a bug of ours.
// Each of these is a refusal with its code, in the same shape as any other decision, so that it can be recorded.
import type { Logger } from 'pino';
import type { Code } from '../base/codes.ts';
import type { AdmitOptions, admit } from '../engine/admit.ts';
import { auditNotes } from '../engine/audit-notes.ts';
import { conclude } from '../engine/conclude.ts';
import { deadlineExceeded, gate } from '../engine/gate.ts';
import type { Outcome } from '../engine/outcome.ts';
import type { Turn } from '../engine/ports.ts';
import type { Attempt } from '../model/attempt.ts';
import type { Decision } from '../model/decision.ts';
import type { PolicySet } from '../policy/model.ts';
import { stepsAside } from './aside.ts';
import { type Law, noPolicySet } from './law.ts';
import { late, within } from './within.ts';

export type Judge = {
  readonly law: () => Law | null;
  readonly log: Logger;
  readonly admit: typeof admit;
};

/** `turn.elapsed` counts from the arrival of the request; `leave` gives up its place while a registry is waited for.
 * Never rejects. */
export async function judge(
  { law, log, admit }: Judge,
  attempt: Attempt,
  { turn, leave }: { readonly turn: Turn; readonly leave: () => void },
  options: AdmitOptions,
): Promise<Decision> {
  const inForce = law();
  if (inForce === null) {
    const reason = refused('policies', 'policies-unavailable', 'no policy set is loaded');
    return decisionOf(noPolicySet(), attempt, reason);
  }
  const { policySet, facts } = inForce;
  const ports = { ...facts(attempt.now), turn };
  const { images } = ports;
  const asked = images === undefined ? ports : { ...ports, images: stepsAside(images, leave) };
  const work = admit(policySet, attempt, asked, options).catch((error: unknown) => {
    log.error(
      { err: error, uid: attempt.uid },
      'a fault of Sekisho itself; the request is refused',
    );
    const reason = refused('internal', 'internal-error', 'Sekisho failed to decide; it is logged');
    return decisionOf(policySet, attempt, reason);
  });
  const left = attempt.deadline === null ? null : attempt.deadline - turn.elapsed();
  const decided = await within(left, work);
  return decided === late ? decisionOf(policySet, attempt, deadlineExceeded(attempt)) : decided;
}

function refused(name: string, code: Code, message: string): Outcome {
  return gate(name, { kind: 'error', code, message });
}

function decisionOf(policySet: PolicySet, attempt: Attempt, outcome: Outcome): Decision {
  const nothing = { warnings: [], inputs: [], notes: auditNotes() };
  return conclude({ policySet, attempt, outcomes: [outcome], ...nothing });
}
