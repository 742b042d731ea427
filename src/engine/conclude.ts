// Outcomes to a Decision: what is refused, warned about and noted in the API server's audit log.
// Upstream: texts and keys of k8s.io/apiserver/pkg/admission/plugin/policy/validating/dispatcher.go.
import type { Attempt } from '../model/attempt.ts';
import type { Decision, DecisionRequest, PortInput, RuleResult } from '../model/decision.ts';
import type { PolicySet } from '../policy/model.ts';
import type { AuditNotes } from './audit-notes.ts';
import { decide } from './decide.ts';
import type { Outcome } from './outcome.ts';

export type Conclusion = {
  readonly policySet: PolicySet;
  readonly attempt: Attempt;
  readonly outcomes: readonly Outcome[];
  /** Pod Security's own, in-tree texts. */
  readonly warnings: readonly string[];
  readonly inputs: readonly PortInput[];
  readonly notes: AuditNotes;
};

/** INVARIANT: allowed exactly when no result denies. */
export function conclude(conclusion: Conclusion): Decision {
  const { policySet, attempt, outcomes, warnings, inputs, notes } = conclusion;
  const results = outcomes.map(decide);
  return {
    request: requestOf(attempt),
    allowed: !results.some((result) => result.actions.includes('deny')),
    policySet: policySet.hash,
    results,
    warnings: [...new Set([...warnings, ...policyWarnings(results)])],
    auditAnnotations: { ...notes.all(), ...validationFailures(outcomes) },
    inputs,
  };
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
    .filter((r) => r.kind === 'ValidatingAdmissionPolicy' && r.actions.includes('warn'))
    .map(
      ({ policy, binding, message }) =>
        `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${binding}': ${message}`,
    );
}

const failureKey = 'validation.policy.admission.k8s.io/validation_failure';
const maxFailures = 50;

/** The annotation that the API server would have written for the Audit action. */
function validationFailures(outcomes: readonly Outcome[]): Readonly<Record<string, string>> {
  const failures = outcomes.flatMap((outcome) => {
    const { policy, binding, index, enforcement } = outcome;
    const { actions, message } = decide(outcome);
    if (enforcement.kind !== 'policy' || !actions.includes('audit')) return [];
    const { validationActions } = enforcement;
    return [{ message, policy, binding, expressionIndex: index ?? 0, validationActions }];
  });
  if (failures.length === 0) return {};
  return { [failureKey]: JSON.stringify(failures.slice(0, maxFailures)) };
}
