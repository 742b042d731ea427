// Pod Security for one attempt: what pss/ judged, as outcomes under the policy name `pod-security`.
import type { Attempt } from '../model/attempt.ts';
import type { PolicySet } from '../policy/model.ts';
import { judgePodSecurity } from '../pss/admission.ts';
import type { AuditNotes } from './audit-notes.ts';
import type { Outcome } from './outcome.ts';
import type { Surroundings } from './surroundings.ts';

const policy = 'pod-security';

export type PodSecurityOutcomes = {
  readonly outcomes: readonly Outcome[];
  /** In-tree texts. */
  readonly warnings: readonly string[];
};

export function evaluatePodSecurity(
  { podSecurity }: PolicySet,
  attempt: Attempt,
  surroundings: Surroundings,
  notes: AuditNotes,
): PodSecurityOutcomes {
  const judgement = judgePodSecurity(attempt, podSecurity, surroundings.namespaceLabels ?? {});
  for (const [key, value] of Object.entries(judgement.auditAnnotations)) {
    notes.add('pod-security.kubernetes.io', key, value);
  }
  if (judgement.kind === 'error') {
    const { code, message } = judgement;
    return { outcomes: [fault(code, message)], warnings: [] };
  }
  if (judgement.kind === 'none') return { outcomes: [], warnings: [] };
  const outcomes = judgement.results.map(
    ({ id, mode, evaluation }): Outcome => ({
      policy,
      binding: null,
      param: null,
      kind: 'PodSecurity',
      rule: `${policy}/${id}`,
      index: null,
      evaluation,
      enforcement: { kind: 'pod-security', mode },
      controls: [],
    }),
  );
  return { outcomes, warnings: judgement.warnings };
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
