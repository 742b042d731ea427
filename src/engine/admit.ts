// The one way to a decision, for the webhook, `check`, tests and replay alike: match, evaluate, decide.
// No clock, network, log or randomness of its own: everything from outside comes through the ports.
import { ok } from '../base/result.ts';
import type { Attempt } from '../model/attempt.ts';
import type { Decision, PortInput } from '../model/decision.ts';
import type { PolicySet } from '../policy/model.ts';
import { auditNotes } from './audit-notes.ts';
import { authorizingOf } from './authorizing.ts';
import { conclude } from './conclude.ts';
import { crowdOf, withoutTemplates } from './crowd.ts';
import { candidatesOf, evaluateCandidate, seenOf, undecided } from './evaluate.ts';
import { deadlineExceeded, gate, timekeeper } from './gate.ts';
import { evaluateImages, imageConcern } from './images/evaluate.ts';
import { createMeter } from './meter.ts';
import type { Outcome } from './outcome.ts';
import { evaluatePodSecurity, noteMissingNamespace, podSecurityConcern } from './pod-security.ts';
import type { Ports } from './ports.ts';
import { nowhere, surroundingsOf } from './surroundings.ts';

export type AdmitOptions = {
  /** Only policies of this entry of the webhook configuration (`fail`, `ignore`, `fail-v1`, …). */
  readonly entry?: string;
};

export async function admit(
  whole: PolicySet,
  attempt: Attempt,
  ports: Ports,
  options: AdmitOptions = {},
): Promise<Decision> {
  const inputs: PortInput[] = [];
  const notes = auditNotes();
  const meter = createMeter();
  const crowd = crowdOf(whole.settings, attempt);
  const done = (found: readonly Outcome[], warnings: readonly string[] = []): Decision => {
    const outcomes = crowd === undefined ? found : [crowd, ...found];
    const celCost = meter.spent();
    return conclude({ policySet: whole, attempt, outcomes, warnings, inputs, notes, celCost });
  };

  if (crowd?.evaluation.kind === 'error') return done([]);
  const policySet = crowd === undefined ? whole : withoutTemplates(whole);
  const { entry } = options;
  const candidates = candidatesOf(policySet, attempt, entry);
  const concern = podSecurityConcern(policySet, attempt, entry);
  const imaged = imageConcern(policySet, attempt, entry);
  const isRest = candidates.length === 0 && imaged.length === 0;
  if (isRest && concern === 'none') return done([]);

  // Who is exempt needs no namespace.
  const isAlone = isRest && concern === 'exempt';
  const found = isAlone ? ok(nowhere) : await surroundingsOf(attempt, ports, inputs);
  if (!found.ok) {
    const { code, message } = found.error;
    if (concern !== 'none') noteMissingNamespace(notes, attempt, message);
    return done([gate('namespace', undecided(attempt, code, message))]);
  }
  const surroundings = found.value;

  const time = timekeeper(attempt, ports.turn);
  const around = { policySet, attempt, ports, surroundings, inputs, notes };
  const judged = await evaluatePodSecurity(concern, { ...around, time });
  if (isRest) return done(judged.outcomes, judged.warnings);
  const outcomes: Outcome[] = [...judged.outcomes];
  const seen = seenOf(attempt, surroundings);
  const { pause, isUp } = time;
  const authorizing = authorizingOf(attempt, ports, inputs);
  const context = { ...around, seen, authorizing, pause, isUp, meter };
  for (const candidate of candidates) {
    if (await isUp()) return done([...outcomes, deadlineExceeded(attempt)], judged.warnings);
    outcomes.push(...(await evaluateCandidate(candidate, context)));
  }
  // Last: registries take what time is left.
  outcomes.push(...(await evaluateImages(imaged, { ...context, time })));
  return done(outcomes, judged.warnings);
}
