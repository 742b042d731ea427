// Policies as compiled: what the engine runs. Immutable once loaded.
// Upstream: k8s.io/api/admissionregistration/v1, ValidatingAdmissionPolicy and its Binding.
import type { Digest } from '../base/brand.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { Program, Variable } from '../cel/program.ts';
import type { Authority } from '../images/model.ts';
import type { WorkloadKind } from '../k8s/pod-template.ts';
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

/** A finding at a field of this name, below whatever else, is mended by this value. */
export type FieldRemedy = { readonly field: readonly string[]; readonly value: JsonValue };

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
  /** sekisho.dev/patch */
  readonly patch: readonly FieldRemedy[];
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

/** PolicySettings, but for what Pod Security reads. */
export type PolicySettings = {
  /** AuditOnly: nothing is refused. */
  readonly mode: 'Enforce' | 'AuditOnly';
  /** Deny: an error refuses whatever failurePolicy and validationActions say. */
  readonly errors: 'AsPolicy' | 'Deny';
  /** The built-in kinds with pod templates, then custom ones. */
  readonly workloads: readonly WorkloadKind[];
  readonly exceptions: {
    readonly maxDays: number;
    readonly warnDays: number;
    /** Where PolicyException objects of a cluster count; `*` is everywhere. */
    readonly namespaces: readonly string[];
  };
  /** Where namespaced params of a cluster are read; `*` is everywhere. */
  readonly params: { readonly namespaces: readonly string[] };
  readonly images: ImageSettings;
};

/** Every criterion that is given must hold, by any of its values; null: not given. */
export type ExceptionMatch = {
  readonly namespaces: readonly string[] | null;
  readonly names: readonly string[] | null;
  readonly workloads: readonly { readonly kind: string; readonly name: string }[] | null;
  readonly images: readonly Digest[] | null;
  readonly users: readonly string[] | null;
};

/** A time-boxed permission to break named rules. Who approved it is what its author claims. */
export type Exception = {
  readonly name: string;
  /** Rule ids, or the name of a policy for all its rules. */
  readonly rules: readonly string[];
  readonly match: ExceptionMatch;
  readonly reason: string;
  readonly owner: string;
  readonly ticket: string;
  readonly approvedBy: string;
  /** RFC 3339 in UTC: from this moment on it is over. */
  readonly expires: string;
};

/** A CEL condition over verified data only; `message`: what to say when it does not hold, "" when its author says nothing. */
export type ImageCondition = { readonly program: Program; readonly message: string };

/** One signer of a ClusterImagePolicy: `static` verifies nothing. */
export type ImageAuthority =
  | {
      readonly kind: 'static';
      readonly name: string;
      readonly action: 'pass' | 'fail';
      readonly message: string;
    }
  | {
      readonly kind: 'verified';
      readonly name: string;
      readonly authority: Authority;
      /** Each must be there and hold; none: a signature must. */
      readonly attestations: readonly {
        readonly name: string;
        readonly predicateType: string;
        readonly condition: ImageCondition | null;
      }[];
    };

/** ClusterImagePolicy. */
export type ImagePolicy = {
  readonly name: string;
  readonly mode: 'enforce' | 'warn';
  /** As written; an image that any of them names is covered. */
  readonly globs: readonly string[];
  /** Empty: every resource. */
  readonly match: readonly {
    readonly group: string;
    readonly version: string;
    readonly resource: string;
    readonly selector: LabelSelector | null;
  }[];
  /** sekisho.dev/namespace-selector; null: every namespace. */
  readonly namespaceSelector: LabelSelector | null;
  /** Any of them suffices. */
  readonly authorities: readonly ImageAuthority[];
  /** Of the whole policy, over what its authorities verified. */
  readonly condition: ImageCondition | null;
  readonly title: string | null;
  readonly remedy: string | null;
  readonly severity: string | null;
  readonly controls: readonly string[];
};

/** What PolicySettings say of images. */
export type ImageSettings = {
  /** An image that no ClusterImagePolicy covers, once there is one. */
  readonly noMatch: 'deny' | 'warn' | 'allow';
  /** What could not be verified or found out. */
  readonly onError: 'deny' | 'warn' | 'allow';
  /** A tag where a digest was verified. */
  readonly digests: 'require' | 'warn' | 'resolve';
};

export type PolicySet = {
  /** Of the canonical content of all documents: the name of the law. */
  readonly hash: Digest;
  /** What the hash is of: whoever keeps it can show later what the law was. */
  readonly text: string;
  /** By name; each has its bindings by name. So equal content is evaluated in the same order, whatever file it came from. */
  readonly policies: readonly Policy[];
  /** Policies that could match this group and resource (`pods`, without subresource), by name. */
  readonly policiesFor: (group: string, resource: string) => readonly Policy[];
  /** By kind, namespace and name. */
  readonly params: readonly FileParam[];
  readonly podSecurity: PodSecurityConfig;
  /** By name. */
  readonly imagePolicies: readonly ImagePolicy[];
  readonly settings: PolicySettings;
  /** By name. No two can relieve the same finding. */
  readonly exceptions: readonly Exception[];
  /** The files that it was loaded from, sorted. */
  readonly files: readonly string[];
  /** What is allowed but hardly meant, such as a policy without a binding. */
  readonly warnings: readonly Diagnostic[];
  /** Files of comments alone: an example that nobody has filled in. For whoever starts a gate, not for every check. */
  readonly idle: readonly Diagnostic[];
};
