// Outcomes to a Decision: what is refused, excused, warned about and noted in the API server's audit log.
// Upstream: texts and keys of k8s.io/apiserver/pkg/admission/plugin/policy/validating/dispatcher.go.
import type { Attempt } from '../model/attempt.ts';
import type {
  Action,
  Decision,
  DecisionRequest,
  PortInput,
  RuleResult,
  UsedException,
} from '../model/decision.ts';
import type { Exception, PolicySet } from '../policy/model.ts';
import { scrubText } from '../redact/scrub.ts';
import type { AuditNotes } from './audit-notes.ts';
import { decide, isEnding, type Law } from './decide.ts';
import { type Excused, excuseFor } from './excuse.ts';
import type { Outcome } from './outcome.ts';
import { redactInputs, scrubbed, withoutCredentialsIn } from './quoted.ts';

export type Conclusion = {
  readonly policySet: PolicySet;
  readonly attempt: Attempt;
  readonly outcomes: readonly Outcome[];
  /** Pod Security's own, in-tree texts. */
  readonly warnings: readonly string[];
  readonly inputs: readonly PortInput[];
  readonly notes: AuditNotes;
  readonly celCost?: number;
};

/** INVARIANT: allowed exactly when no result denies, and under AuditOnly none does. */
export function conclude(conclusion: Conclusion): Decision {
  const { policySet, attempt, outcomes, warnings, inputs, notes, celCost = 0 } = conclusion;
  const law: Law = { settings: policySet.settings, now: attempt.now };
  const excused = outcomes.map(withoutCredentialsIn).map(excuseFor(policySet, attempt));
  const decided = excused.map((each) => decide(each, law));
  const denying = decided.filter((result) => result.actions.includes('deny'));
  const auditOnly = law.settings.mode === 'AuditOnly';
  const results = auditOnly ? decided.map(onlyAudited) : decided;
  // Nearly all results are passes, which nothing follows from.
  const acting = results.filter(({ actions }) => actions.length > 0);
  const used = usedBy(excused);
  return {
    request: requestOf(attempt),
    allowed: auditOnly || denying.length === 0,
    ...(auditOnly ? { mode: 'AuditOnly', wouldDeny: rulesOf(denying) } : {}),
    ...(used.length === 0 ? {} : { exceptions: used.map(usedException) }),
    policySet: policySet.hash,
    results,
    warnings: [
      ...new Set([
        ...warnings.map((text) => scrubText(text, [])),
        ...policyWarnings(acting),
        ...imageWarnings(acting),
        ...(used.length === 0 ? [] : endingWarnings(excused, law)),
      ]),
    ],
    auditAnnotations: {
      ...scrubbed(notes.all()),
      ...(acting.length === 0 ? {} : validationFailures(outcomes, results)),
    },
    inputs: redactInputs(inputs, attempt),
    ...(celCost > 0 ? { celCost } : {}),
  };
}

function usedBy(excused: readonly Excused[]): readonly Exception[] {
  const used = new Set<Exception>();
  for (const { by } of excused) for (const exception of by) used.add(exception);
  return [...used];
}

function onlyAudited(result: RuleResult): RuleResult {
  const actions = result.actions.map((action): Action => (action === 'deny' ? 'audit' : action));
  return { ...result, actions: [...new Set(actions)] };
}

function rulesOf(results: readonly RuleResult[]): readonly string[] {
  return [...new Set(results.map(({ rule }) => rule))];
}

function usedException(exception: Exception): UsedException {
  const { name, rules, reason, owner, ticket, approvedBy, expires } = exception;
  const approval = { claimedBy: approvedBy, verified: false } as const;
  return { name, rules, reason, owner, ticket, approval, expires };
}

function requestOf(attempt: Attempt): DecisionRequest {
  const { uid, operation, kind, resource, subResource, namespace, name, userInfo } = attempt;
  return {
    uid,
    operation,
    kind,
    resource,
    ...(subResource === '' ? {} : { subResource }),
    namespace,
    name,
    userInfo: { username: userInfo.username, groups: userInfo.groups },
    dryRun: attempt.dryRun,
  };
}

function policyWarnings(results: readonly RuleResult[]): readonly string[] {
  return results
    .filter(
      ({ kind, actions, exception }) =>
        kind === 'ValidatingAdmissionPolicy' && actions.includes('warn') && exception === null,
    )
    .map(
      ({ policy, binding, message }) =>
        `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${binding}': ${message}`,
    );
}

function imageWarnings(results: readonly RuleResult[]): readonly string[] {
  const warning = results.filter(
    (result) => result.kind === 'ClusterImagePolicy' && result.actions.includes('warn'),
  );
  return warning.flatMap(({ rule, evaluation, message, findings }) => {
    if (evaluation !== 'fail') return [`${rule}: ${message}`];
    const told = findings.filter(({ exception }) => exception === undefined);
    return told.map((finding) => `${rule}: ${finding.path} ${finding.message}`);
  });
}

/** One for each exception, not for each finding. */
function endingWarnings(excused: readonly Excused[], law: Law): readonly string[] {
  return excused
    .flatMap(({ outcome, by }) => by.map((exception) => ({ rule: outcome.rule, exception })))
    .filter(({ exception }) => isEnding(exception, law))
    .map(
      ({ rule, exception: { name, expires, owner } }) =>
        `${rule} is broken, and permitted by exception "${name}" only until ${expires}; owner: ${owner}`,
    );
}

const failureKey = 'validation.policy.admission.k8s.io/validation_failure';
const maxFailures = 50;

/** The annotation that the API server would have written for the Audit action. */
function validationFailures(
  outcomes: readonly Outcome[],
  results: readonly RuleResult[],
): Readonly<Record<string, string>> {
  const failures = outcomes.flatMap((outcome, i) => {
    const { policy, binding, index, enforcement } = outcome;
    const { actions = [], message = '' } = results[i] ?? {};
    if (enforcement.kind !== 'policy' || !actions.includes('audit')) return [];
    const { validationActions } = enforcement;
    return [{ message, policy, binding, expressionIndex: index ?? 0, validationActions }];
  });
  if (failures.length === 0) return {};
  return { [failureKey]: JSON.stringify(failures.slice(0, maxFailures)) };
}
