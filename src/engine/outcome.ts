// One rule's evaluation before it is decided what to do about it.
import type { Evaluation, ParamName, PodSecurityMode, ResultKind } from '../model/decision.ts';
import type { FailurePolicy, ValidationAction } from '../policy/model.ts';

export type ImageAction = 'deny' | 'warn' | 'allow';

/** Who asked for the rule, and what it wants done: all that `decide` reads beside the evaluation. */
export type Enforcement =
  | {
      readonly kind: 'policy';
      readonly failurePolicy: FailurePolicy;
      readonly validationActions: readonly ValidationAction[];
      /** A fault of the configuration denies under Fail whatever the binding's actions are, as in-tree. */
      readonly alwaysDenies: boolean;
    }
  | { readonly kind: 'pod-security'; readonly mode: PodSecurityMode }
  | { readonly kind: 'image-policy'; readonly onFail: ImageAction; readonly onError: ImageAction }
  | { readonly kind: 'gate' };

export type Outcome = {
  readonly policy: string;
  readonly binding: string | null;
  readonly param: ParamName | null;
  readonly kind: ResultKind;
  readonly rule: string;
  /** Position of the validation in its policy; null for anything else. */
  readonly index: number | null;
  readonly evaluation: Evaluation;
  readonly enforcement: Enforcement;
  readonly controls: readonly string[];
};

export type PodSecurityOutcomes = {
  readonly outcomes: readonly Outcome[];
  /** In-tree texts. */
  readonly warnings: readonly string[];
};

/** `id`: of the control, or what else the rule is about. */
export function podSecurityOutcome(
  id: string,
  mode: PodSecurityMode,
  evaluation: Evaluation,
): Outcome {
  const policy = 'pod-security';
  return {
    policy,
    binding: null,
    param: null,
    kind: 'PodSecurity',
    rule: id === '' ? policy : `${policy}/${id}`,
    index: null,
    evaluation,
    enforcement: { kind: 'pod-security', mode },
    controls: [],
  };
}
