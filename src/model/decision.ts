// What was decided and why, in the shape that `-o json` prints and a ledger record carries (design, sections 2 and 4).
import type { Digest } from '../base/brand.ts';
import type { Code } from '../base/codes.ts';
import type { JsonValue } from '../base/json.ts';
import type { PatchOperation } from '../base/json-patch.ts';
import type { GroupVersionKind, GroupVersionResource } from '../k8s/gvk.ts';
import type { Operation } from './attempt.ts';

export type Action = 'deny' | 'warn' | 'audit';

/** Where a field stands in the source; only `check` knows it. */
export type SourcePosition = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
};

/** One violation at one field. `value` is null when the field is not set. */
export type Finding = {
  /** `spec.containers[0].image`; "" when no field can be named. */
  readonly path: string;
  /** RFC 6901. */
  readonly pointer: string;
  readonly value: JsonValue;
  /** The values that pass, as text; `unset` stands for leaving the field out. */
  readonly allowed: readonly string[];
  /** What is wrong, without the path: `spec.hostNetwork is true` reads as path + ' ' + message. */
  readonly message: string;
  /** What to do, a sentence without its full stop. */
  readonly remedy: string;
  readonly patch: readonly PatchOperation[];
  /** The exception that permits it. */
  readonly exception?: string;
  readonly position?: SourcePosition;
};

/** What happened when a rule was evaluated. */
export type Evaluation =
  | { readonly kind: 'pass' }
  | {
      readonly kind: 'fail';
      readonly code: Code;
      readonly reason: string;
      readonly message: string;
      readonly findings: readonly Finding[];
    }
  /** `remedy`: what the policy says to do; absent where it says nothing of this. */
  | {
      readonly kind: 'error';
      readonly code: Code;
      readonly message: string;
      readonly remedy?: string;
    }
  | { readonly kind: 'unknown'; readonly code: Code; readonly message: string }
  | { readonly kind: 'skip'; readonly code: Code; readonly message: string };

export type ResultKind =
  | 'ValidatingAdmissionPolicy'
  | 'PodSecurity'
  | 'ClusterImagePolicy'
  | 'Sekisho';

export type PodSecurityMode = 'enforce' | 'audit' | 'warn';

/** `NAME` or `NAMESPACE/NAME` of the param object that this result was made with. */
export type ParamName = string;

/** One rule that matched, evaluated once (for each param object and mode), and what was done about it. */
export type RuleResult = {
  readonly policy: string;
  readonly binding: string | null;
  readonly param: ParamName | null;
  readonly kind: ResultKind;
  readonly rule: string;
  readonly mode: PodSecurityMode | null;
  readonly evaluation: Evaluation['kind'];
  /** Empty for a pass. */
  readonly actions: readonly Action[];
  readonly code: Code | null;
  /** The policy's own reason (Invalid, Forbidden, …) on a fail. */
  readonly reason: string | null;
  /** The in-tree text of this rule; "" for a pass. */
  readonly message: string;
  readonly findings: readonly Finding[];
  /** The names of the exceptions that permit all of its findings, joined by a comma. */
  readonly exception: string | null;
  readonly controls: readonly string[];
};

/** What a port answered, kept so that the decision can be made again. */
export type PortInput = {
  readonly port: 'namespace' | 'params' | 'authorizer' | 'images' | 'inventory';
  readonly question: JsonValue;
  readonly answer: JsonValue;
  /** RFC 3339: when the answer was true. */
  readonly at: string;
  /** JSON pointers into `answer` of what was taken out. */
  readonly redacted: readonly string[];
};

export type DecisionRequest = {
  readonly uid: string;
  readonly operation: Operation;
  readonly kind: GroupVersionKind;
  readonly resource: GroupVersionResource;
  readonly subResource?: string;
  readonly namespace: string;
  readonly name: string;
  readonly userInfo: { readonly username: string; readonly groups: readonly string[] };
  readonly dryRun: boolean;
};

/** An exception that excused something. Its approval is what its author wrote: nobody has verified it. */
export type UsedException = {
  readonly name: string;
  readonly rules: readonly string[];
  readonly reason: string;
  readonly owner: string;
  readonly ticket: string;
  readonly approval: { readonly claimedBy: string; readonly verified: false };
  /** RFC 3339. */
  readonly expires: string;
};

export type Decision = {
  readonly request: DecisionRequest;
  readonly allowed: boolean;
  /** Only in a policy set that refuses nothing; `wouldDeny` are then the rules that would have. */
  readonly mode?: 'AuditOnly';
  readonly wouldDeny?: readonly string[];
  /** Absent when none was used. */
  readonly exceptions?: readonly UsedException[];
  readonly policySet: Digest;
  readonly results: readonly RuleResult[];
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
  readonly inputs: readonly PortInput[];
  /** Of all expressions together, in the API server's units; absent when none was evaluated. */
  readonly celCost?: number;
};
