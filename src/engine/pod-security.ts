// Pod Security for one attempt: what pss/ judged, as outcomes under the policy name `pod-security`.
import type { Attempt } from '../model/attempt.ts';
import type { PolicySet } from '../policy/model.ts';
import { judgePodSecurity, type ModeResult, wouldViolate } from '../pss/admission.ts';
import type { AuditNotes } from './audit-notes.ts';
import { type Excuse, excuseFor } from './excuse.ts';
import type { Outcome } from './outcome.ts';
import type { Surroundings } from './surroundings.ts';

const policy = 'pod-security';

export type PodSecurityOutcomes = {
  readonly outcomes: readonly Outcome[];
  /** In-tree texts. */
  readonly warnings: readonly string[];
};

export function evaluatePodSecurity(
  policySet: PolicySet,
  attempt: Attempt,
  surroundings: Surroundings,
  notes: AuditNotes,
): PodSecurityOutcomes {
  const labels = surroundings.namespaceLabels ?? {};
  const judgement = judgePodSecurity(attempt, policySet.podSecurity, labels);
  for (const [key, value] of Object.entries(judgement.auditAnnotations)) {
    notes.add('pod-security.kubernetes.io', key, value);
  }
  if (judgement.kind === 'error') {
    const { code, message } = judgement;
    return { outcomes: [fault(code, message)], warnings: [] };
  }
  if (judgement.kind === 'none') return { outcomes: [], warnings: [] };
  const outcomes = judgement.results.map(outcomeOf);
  return { outcomes, warnings: warningsOf(judgement.results, excuseFor(policySet, attempt)) };
}

/** What is excused is not warned about, nor is a request that is refused anyway. */
function warningsOf(results: readonly ModeResult[], excuse: Excuse): readonly string[] {
  const left = results.filter(
    (result) => result.evaluation.kind === 'fail' && !excuse(outcomeOf(result)).whole,
  );
  const denied = left.some(({ mode }) => mode === 'enforce');
  return denied ? [] : wouldViolate(left, 'warn');
}

function outcomeOf({ id, mode, evaluation }: ModeResult): Outcome {
  return {
    policy,
    binding: null,
    param: null,
    kind: 'PodSecurity',
    rule: `${policy}/${id}`,
    index: null,
    evaluation,
    enforcement: { kind: 'pod-security', mode },
    controls: [],
  };
}

function fault(code: 'malformed-object', message: string): Outcome {
  return {
    policy,
    binding: null,
    param: null,
    kind: 'PodSecurity',
    rule: policy,
    index: null,
    evaluation: { kind: 'error', code, message },
    enforcement: { kind: 'pod-security', mode: 'enforce' },
    controls: [],
  };
}
