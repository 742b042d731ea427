// The one way to a decision, for the webhook, `check`, tests and replay alike: match, evaluate, decide.
// No clock, network, log or randomness of its own: everything from outside comes through the ports.
import type { Attempt } from '../model/attempt.ts';
import type { Decision, PortInput } from '../model/decision.ts';
import type { PolicySet } from '../policy/model.ts';
import { podSecurityIsAskedAt } from '../policy/registration/entries.ts';
import { podSecurityApplies } from '../pss/admission.ts';
import { auditNotes } from './audit-notes.ts';
import { authorizingOf } from './authorizing.ts';
import { conclude } from './conclude.ts';
import { candidatesOf, evaluateCandidate, seenOf, undecided } from './evaluate.ts';
import { deadlineExceeded, gate, timekeeper } from './gate.ts';
import type { Outcome } from './outcome.ts';
import { evaluatePodSecurity } from './pod-security.ts';
import type { Ports } from './ports.ts';
import { surroundingsOf } from './surroundings.ts';

export type AdmitOptions = {
  /** Only policies of this entry of the webhook configuration (`fail`, `ignore`, `fail-v1`, …). */
  readonly entry?: string;
};

export async function admit(
  policySet: PolicySet,
  attempt: Attempt,
  ports: Ports,
  options: AdmitOptions = {},
): Promise<Decision> {
  const inputs: PortInput[] = [];
  const notes = auditNotes();
  const meter = { celCost: 0 };
  const done = (outcomes: readonly Outcome[], warnings: readonly string[] = []): Decision =>
    conclude({ policySet, attempt, outcomes, warnings, inputs, notes, ...meter });

  const { entry } = options;
  const candidates = candidatesOf(policySet, attempt, entry);
  const podSecurity =
    (entry === undefined || podSecurityIsAskedAt(entry)) &&
    podSecurityApplies(attempt, policySet.podSecurity);
  if (candidates.length === 0 && !podSecurity) return done([]);

  const found = await surroundingsOf(attempt, ports, inputs);
  if (!found.ok) {
    const { code, message } = found.error;
    return done([gate('namespace', undecided(attempt, code, message))]);
  }
  const surroundings = found.value;

  const judged = podSecurity
    ? evaluatePodSecurity(policySet, attempt, surroundings, notes)
    : { outcomes: [], warnings: [] };
  const outcomes: Outcome[] = [...judged.outcomes];
  const seen = seenOf(attempt, surroundings);
  const time = timekeeper(attempt, ports.turn);
  const { pause } = time;
  const authorizing = authorizingOf(attempt, ports, inputs);
  const asked = { policySet, attempt, ports, surroundings, seen };
  const context = { ...asked, authorizing, inputs, notes, pause, meter };
  for (const candidate of candidates) {
    if (await time.isUp()) return done([...outcomes, deadlineExceeded(attempt)], judged.warnings);
    outcomes.push(...(await evaluateCandidate(candidate, context)));
  }
  return done(outcomes, judged.warnings);
}
