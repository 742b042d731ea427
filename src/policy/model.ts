// Policies as compiled: what the engine runs. Immutable once loaded.
// Upstream: k8s.io/api/admissionregistration/v1, ValidatingAdmissionPolicy and its Binding.
import type { Digest } from '../base/brand.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { JsonObject } from '../base/json.ts';
import type { Program, Variable } from '../cel/program.ts';
import type { LabelSelector } from '../k8s/selector.ts';
import type { Operation } from '../model/attempt.ts';
import type { PodSecurityConfig } from '../pss/types.ts';

export type FailurePolicy = 'Fail' | 'Ignore';

export type ResourceRule = {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  /** `*` is kept as written. */
  readonly operations: readonly (Operation | '*')[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly scope: 'Cluster' | 'Namespaced' | '*';
};

export type MatchResources = {
  readonly matchPolicy: 'Exact' | 'Equivalent';
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
  /** Empty in a binding: everything that the policy matches. */
  readonly resourceRules: readonly ResourceRule[];
  readonly excludeResourceRules: readonly ResourceRule[];
};

export type Validation = {
  /** `POLICY/NAME`, or `POLICY/validations[N]` without names. */
  readonly rule: string;
  readonly program: Program;
  /** Trimmed; "" when there is none. */
  readonly message: string;
  readonly messageExpression: Program | null;
  readonly reason: 'Invalid' | 'Forbidden' | 'RequestEntityTooLarge';
};

export type AuditAnnotation = { readonly key: string; readonly program: Program };
export type MatchCondition = { readonly name: string; readonly program: Program };
export type ValidationAction = 'Deny' | 'Warn' | 'Audit';

export type ParamRef = {
  /** Exactly one of name and selector. */
  readonly name: string | null;
  readonly selector: LabelSelector | null;
  readonly namespace: string | null;
  readonly parameterNotFoundAction: 'Allow' | 'Deny';
};

export type Binding = {
  readonly name: string;
  readonly matchResources: MatchResources | null;
  readonly paramRef: ParamRef | null;
  readonly validationActions: readonly ValidationAction[];
};

export type Policy = {
  readonly name: string;
  readonly failurePolicy: FailurePolicy;
  readonly paramKind: { readonly apiVersion: string; readonly kind: string } | null;
  readonly matchConstraints: MatchResources;
  readonly matchConditions: readonly MatchCondition[];
  readonly variables: readonly Variable[];
  readonly validations: readonly Validation[];
  readonly auditAnnotations: readonly AuditAnnotation[];
  readonly bindings: readonly Binding[];
  /** sekisho.dev/pod-templates: also evaluated on the pod templates of workloads. */
  readonly podTemplates: boolean;
  readonly title: string | null;
  readonly description: string | null;
  readonly remedy: string | null;
  readonly severity: string | null;
  readonly controls: readonly string[];
};

/** Param objects that came with the policies: a file beats the cluster. */
export type FileParam = {
  readonly apiVersion: string;
  readonly kind: string;
  /** "" for a cluster-scoped object, and for one of a custom kind that names none. */
  readonly namespace: string;
  readonly name: string;
  /** Without what only a server fills in (metadata.uid, …): nothing is evaluated that the hash does not cover. */
  readonly object: JsonObject;
};

export type PolicySet = {
  /** Of the canonical content of all documents: the name of the law. */
  readonly hash: Digest;
  /** By name; each has its bindings by name. So equal content is evaluated in the same order, whatever file it came from. */
  readonly policies: readonly Policy[];
  /** Policies that could match this group and resource (`pods`, without subresource), by name. */
  readonly policiesFor: (group: string, resource: string) => readonly Policy[];
  /** By kind, namespace and name. */
  readonly params: readonly FileParam[];
  readonly podSecurity: PodSecurityConfig;
  /** The files that it was loaded from, sorted. */
  readonly files: readonly string[];
  /** What is allowed but hardly meant, such as a policy without a binding. */
  readonly warnings: readonly Diagnostic[];
};
