// Pod Security for one attempt: what pss/ judged, as outcomes under the policy name `pod-security`.
// Upstream: the two ways that k8s.io/pod-security-admission/admission has a namespace that cannot be looked up noted.
import type { Attempt } from '../model/attempt.ts';
import type { PolicySet } from '../policy/model.ts';
import { podSecurityIsAskedAt } from '../policy/registration/entries.ts';
import {
  exemption,
  judgePodSecurity,
  type ModeResult,
  podSecurityApplies,
  wouldViolate,
} from '../pss/admission.ts';
import { namespaceApplies } from '../pss/namespaces.ts';
import type { AuditNotes } from './audit-notes.ts';
import { type Excuse, excuseFor } from './excuse.ts';
import { type Outcome, type PodSecurityOutcomes, podSecurityOutcome } from './outcome.ts';
import { evaluateNamespaceLabels, type LookAround } from './pod-security-namespace.ts';
import type { Surroundings } from './surroundings.ts';

/** `exempt`: by its namespace or user, whatever the labels are. */
export type PodSecurityConcern = 'none' | 'exempt' | 'pods' | 'namespace';

export function podSecurityConcern(
  { podSecurity }: PolicySet,
  attempt: Attempt,
  entry: string | undefined,
): PodSecurityConcern {
  if (entry !== undefined && !podSecurityIsAskedAt(entry)) return 'none';
  if (namespaceApplies(attempt)) return 'namespace';
  if (!podSecurityApplies(attempt, podSecurity)) return 'none';
  return exemption(attempt, podSecurity) === undefined ? 'pods' : 'exempt';
}

type Around = LookAround & { readonly surroundings: Surroundings; readonly notes: AuditNotes };

export async function evaluatePodSecurity(
  concern: PodSecurityConcern,
  around: Around,
): Promise<PodSecurityOutcomes> {
  if (concern === 'none') return { outcomes: [], warnings: [] };
  return concern === 'namespace' ? evaluateNamespaceLabels(around) : evaluatePods(around);
}

function evaluatePods({ policySet, attempt, surroundings, notes }: Around): PodSecurityOutcomes {
  const labels = surroundings.namespaceLabels ?? {};
  const judgement = judgePodSecurity(attempt, policySet.podSecurity, labels);
  for (const [key, value] of Object.entries(judgement.auditAnnotations)) note(notes, key, value);
  if (judgement.kind === 'error') {
    const { code, message } = judgement;
    const fault = podSecurityOutcome('', 'enforce', { kind: 'error', code, message });
    return { outcomes: [fault], warnings: [] };
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
  return podSecurityOutcome(id, mode, evaluation);
}

/** As in-tree, where a workload is let through then. */
export function noteMissingNamespace(notes: AuditNotes, attempt: Attempt, cause: string): void {
  const { namespace, resource } = attempt;
  const isPod = resource.group === '' && resource.resource === 'pods';
  const text = `failed to lookup namespace ${JSON.stringify(namespace)}: ${cause}`;
  note(notes, 'error', isPod ? `Internal error occurred: ${text}` : text);
}

function note(notes: AuditNotes, key: string, value: string): void {
  notes.add('pod-security.kubernetes.io', key, value);
}
