// Documents as they are written, once the schema knows the types of their fields. Every field may be absent, and an
// enumeration may hold another word: that is a fault already, and what is made from such a document is never used.
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { WrittenSelector } from '../k8s/selector.ts';

export type WrittenMetadata = {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};

export type WrittenRule = {
  readonly resourceNames?: readonly string[];
  readonly operations?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  readonly resources?: readonly string[];
  readonly scope?: string;
};

export type WrittenMatchResources = {
  readonly namespaceSelector?: WrittenSelector;
  readonly objectSelector?: WrittenSelector;
  readonly resourceRules?: readonly WrittenRule[];
  readonly excludeResourceRules?: readonly WrittenRule[];
  readonly matchPolicy?: string;
};

export type WrittenNamed = { readonly name?: string; readonly expression?: string };

export type WrittenValidation = {
  readonly expression?: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
};

export type WrittenAuditAnnotation = { readonly key?: string; readonly valueExpression?: string };

export type WrittenPolicy = {
  readonly metadata?: WrittenMetadata;
  readonly spec?: {
    readonly failurePolicy?: string;
    readonly paramKind?: { readonly apiVersion?: string; readonly kind?: string };
    readonly matchConstraints?: WrittenMatchResources;
    readonly matchConditions?: readonly WrittenNamed[];
    readonly variables?: readonly WrittenNamed[];
    readonly validations?: readonly WrittenValidation[];
    readonly auditAnnotations?: readonly WrittenAuditAnnotation[];
  };
};

export type WrittenParamRef = {
  readonly name?: string;
  readonly namespace?: string;
  readonly selector?: WrittenSelector;
  readonly parameterNotFoundAction?: string;
};

export type WrittenBinding = {
  readonly metadata?: WrittenMetadata;
  readonly spec?: {
    readonly policyName?: string;
    readonly paramRef?: WrittenParamRef;
    readonly matchResources?: WrittenMatchResources;
    readonly validationActions?: readonly string[];
  };
};

export type WrittenPodSecurity = {
  readonly defaults?: Readonly<Partial<Record<PodSecurityDefault, string>>>;
  readonly exemptions?: {
    readonly usernames?: readonly string[];
    readonly namespaces?: readonly string[];
    readonly runtimeClasses?: readonly string[];
  };
};
export type PodSecurityMode = 'enforce' | 'audit' | 'warn';
export type PodSecurityDefault = PodSecurityMode | `${PodSecurityMode}-version`;

export type WrittenAdmissionConfiguration = {
  readonly plugins?: readonly {
    readonly name?: string;
    readonly path?: string;
    readonly configuration?: JsonValue;
  }[];
};

export type WrittenSettings = {
  readonly metadata?: WrittenMetadata;
  readonly spec?: {
    readonly mode?: string;
    readonly errors?: string;
    readonly kubernetesVersion?: string;
    readonly podSecurity?: {
      readonly templates?: string;
      readonly floor?: { readonly level?: string; readonly version?: string };
    };
    readonly podTemplates?: readonly {
      readonly preset?: string;
      readonly apiGroup?: string;
      readonly kind?: string;
      readonly resource?: string;
      readonly path?: string;
    }[];
    readonly exceptions?: {
      readonly maxDays?: number;
      readonly warnDays?: number;
      readonly namespaces?: readonly string[];
    };
    readonly params?: { readonly namespaces?: readonly string[] };
    readonly images?: {
      readonly noMatch?: string;
      readonly onError?: string;
      readonly digests?: string;
    };
  };
};

export type WrittenException = {
  readonly metadata?: WrittenMetadata;
  readonly spec?: {
    readonly rules?: readonly string[];
    readonly match?: {
      readonly namespaces?: readonly string[];
      readonly names?: readonly string[];
      readonly workloads?: readonly { readonly kind?: string; readonly name?: string }[];
      readonly images?: readonly string[];
      readonly users?: readonly string[];
    };
    readonly reason?: string;
    readonly owner?: string;
    readonly ticket?: string;
    readonly approvedBy?: string;
    readonly expires?: string;
  };
};

type WrittenChanges = Readonly<Record<string, JsonValue>>;

export type WrittenCase = {
  readonly name?: string;
  readonly object?: JsonObject;
  readonly file?: string;
  readonly changes?: WrittenChanges;
  readonly oldObject?: JsonObject;
  readonly oldFile?: string;
  readonly oldChanges?: WrittenChanges;
  readonly operation?: string;
  readonly resource?: {
    readonly group?: string;
    readonly version?: string;
    readonly resource?: string;
    readonly scope?: string;
  };
  readonly subResource?: string;
  readonly objectName?: string;
  readonly user?: {
    readonly username?: string;
    readonly uid?: string;
    readonly groups?: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  readonly namespace?: {
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly params?: readonly JsonObject[];
  readonly time?: string;
  readonly dryRun?: boolean;
  readonly expect?: WrittenExpectation;
};

export type WrittenExpectation = {
  readonly allowed?: boolean;
  readonly denied?: readonly string[];
  readonly warned?: readonly string[];
  readonly excused?: readonly string[];
  readonly wouldDeny?: readonly string[];
  readonly errors?: readonly string[];
  readonly findings?: readonly string[];
  readonly warnings?: number | readonly string[];
  readonly message?: string;
};

export type WrittenPolicyTest = {
  readonly metadata?: WrittenMetadata;
  readonly spec?: {
    readonly policies?: readonly string[];
    readonly base?: JsonObject;
    readonly cases?: readonly WrittenCase[];
  };
};
