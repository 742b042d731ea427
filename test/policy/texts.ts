// Policies as text, and what is built of them.
import type { Diagnostic } from '../../src/base/diagnostic.ts';
import type { Result } from '../../src/base/result.ts';
import { buildPolicySet } from '../../src/policy/build.ts';
import type { PolicySet } from '../../src/policy/model.ts';
import type { SourceDocument } from '../../src/yaml/document.ts';
import { readDocuments } from '../../src/yaml/read.ts';

export function documentsOf(text: string, file = 'a.yaml'): readonly SourceDocument[] {
  const { documents, faults } = readDocuments(text, file);
  if (faults.length > 0)
    throw new Error(`the text of a test is no YAML: ${JSON.stringify(faults)}`);
  return documents;
}

/** One layer for each text. */
export function built(...texts: readonly string[]): Result<PolicySet, readonly Diagnostic[]> {
  return buildPolicySet(
    texts.map((text, i) => documentsOf(text, `${'abcdef'[i]}.yaml`)),
    { now: '2026-11-21T10:00:00Z' },
  );
}

export function wholeSet(...texts: readonly string[]): PolicySet {
  const result = built(...texts);
  if (!result.ok) throw new Error(JSON.stringify(result.error, null, 1));
  return result.value;
}

export const onPods =
  '{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}';

export type PolicyText = {
  readonly name?: string;
  readonly metadata?: string;
  readonly annotations?: string;
  readonly rules?: string;
  readonly match?: string;
  readonly spec?: string;
  readonly validations?: string;
};

/** Flow-style pieces in a policy that is whole without them. */
export function policy(piece: PolicyText = {}): string {
  return `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${piece.name ?? 'p'}, annotations: {${piece.annotations ?? ''}}${piece.metadata ?? ''}}
spec:
  matchConstraints: {resourceRules: [${piece.rules ?? onPods}]${piece.match ?? ''}}
  ${piece.spec ?? ''}
  validations: [${piece.validations ?? "{expression: 'has(object.spec)'}"}]
`;
}

export function binding(name: string, more = '', of = 'p'): string {
  return `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: ${name}}
spec: {policyName: ${of}, validationActions: [Deny]${more}}
`;
}

export const join = (...documents: readonly string[]): string => documents.join('---\n');
