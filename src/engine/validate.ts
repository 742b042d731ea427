// One ValidatingAdmissionPolicy, one binding, one param object: match conditions, validations, audit annotations.
// Upstream: validator.go in k8s.io/apiserver/pkg/admission/plugin/policy/validating; texts are the API server's.
import type { Code } from '../base/codes.ts';
import { activate } from '../cel/activation.ts';
import { matchConditionsBudget, policyBudget } from '../cel/limits.ts';
import type { Activation, CelOutcome, Program, Roots } from '../cel/program.ts';
import type { Evaluation, Finding } from '../model/decision.ts';
import type { Policy, Validation } from '../policy/model.ts';

/** `alwaysDenies`: denies under failurePolicy Fail whatever the binding's actions are. */
export type Judged = {
  readonly rule: string;
  /** Position of the validation in its policy; null for anything else. */
  readonly index: number | null;
  readonly evaluation: Evaluation;
  readonly alwaysDenies: boolean;
};

/** `judged` is empty when a match condition is false: the policy does not apply. */
export type Validated = {
  readonly judged: readonly Judged[];
  readonly annotations: readonly { readonly key: string; readonly value: string }[];
};

const nothing: Validated = { judged: [], annotations: [] };
const outOfBudget =
  'validation failed due to running out of cost budget, no further validation rules will be run';
const maxMessageBytes = 5 * 1024;
const maxAnnotationBytes = 10 * 1024;

/** Evaluates a policy over its roots; never throws. `shown`: the roots without secrets. Texts that leave are made from
 * them, so that no expression can quote, cut or encode a secret into its message. */
export function validate(policy: Policy, roots: Roots, shown: () => Roots): Validated {
  const conditions = matchConditions(policy, roots);
  if (conditions.kind === 'no') return nothing;
  if (conditions.kind === 'error') return whole(policy, conditions.evaluation);
  const activation = activate(roots, policy.variables, { total: policyBudget });
  const judged: Judged[] = [];
  for (const [index, validation] of policy.validations.entries()) {
    const evaluation = evaluateValidation(validation, activation, policy, shown);
    if (activation.budget.total <= 0) {
      return whole(policy, error('cost-exceeded', outOfBudget));
    }
    judged.push({ rule: validation.rule, index, evaluation, alwaysDenies: false });
  }
  if (policy.auditAnnotations.length === 0) return { judged, annotations: [] };
  const audited = auditAnnotations(policy, shown());
  return { judged: [...judged, ...audited.judged], annotations: audited.annotations };
}

type Conditions =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no' }
  | { readonly kind: 'error'; readonly evaluation: Evaluation };

/** A false condition wins over any error; under Ignore an error means that the policy does not apply. */
function matchConditions(policy: Policy, roots: Roots): Conditions {
  if (policy.matchConditions.length === 0) return { kind: 'yes' };
  const activation = activate({ ...roots, namespaceObject: null }, [], {
    total: matchConditionsBudget,
  });
  const errors: string[] = [];
  for (const { program } of policy.matchConditions) {
    const outcome = program.evaluate(activation);
    if (activation.budget.total <= 0) errors.push(outOfBudget);
    else if (outcome.kind === 'error') errors.push(resulted(program, outcome.message));
    else if (outcome.value === false) return { kind: 'no' };
    if (activation.budget.total <= 0) break;
  }
  if (errors.length === 0) return { kind: 'yes' };
  if (policy.failurePolicy === 'Ignore') return { kind: 'no' };
  const [first = ''] = errors;
  const message = errors.length === 1 ? first : `[${errors.join(', ')}]`;
  return { kind: 'error', evaluation: error('expression-error', message) };
}

function evaluateValidation(
  validation: Validation,
  activation: Activation,
  policy: Policy,
  shown: () => Roots,
): Evaluation {
  const outcome = validation.program.evaluate(activation);
  if (outcome.kind === 'error') {
    return error(outcome.code, resulted(validation.program, outcome.message));
  }
  if (outcome.value === true) return { kind: 'pass' };
  const message = failureMessage(validation, () =>
    activate(shown(), policy.variables, activation.budget),
  );
  return {
    kind: 'fail',
    code: 'validation-failed',
    reason: validation.reason,
    message,
    findings: [findingOf(message, policy)],
  };
}

/** The messageExpression when it gives one fit line, else the message, else the expression itself. */
function failureMessage(validation: Validation, shown: () => Activation): string {
  const made = validation.messageExpression?.evaluate(shown());
  return (
    lineOf(made) || validation.message || `failed expression: ${validation.program.source.trim()}`
  );
}

function lineOf(outcome: CelOutcome | undefined): string {
  if (outcome?.kind !== 'value' || typeof outcome.value !== 'string') return '';
  const text = outcome.value.trim();
  return text.includes('\n') || Buffer.byteLength(text) > maxMessageBytes ? '' : text;
}

/** The expression itself cannot be traced to a field yet: the path is "", the whole object. */
function findingOf(message: string, policy: Policy): Finding {
  return {
    path: '',
    pointer: '',
    value: null,
    allowed: [],
    message,
    remedy: policy.remedy ?? '',
    patch: [],
  };
}

/** Annotations have a budget of their own, as in-tree. */
function auditAnnotations(policy: Policy, roots: Roots): Validated {
  const activation = activate(roots, policy.variables, { total: policyBudget });
  const annotations: { key: string; value: string }[] = [];
  const judged: Judged[] = [];
  for (const { key, program } of policy.auditAnnotations) {
    const outcome = program.evaluate(activation);
    if (outcome.kind === 'error') {
      const evaluation = error(outcome.code, resulted(program, outcome.message));
      judged.push({
        rule: `${policy.name}/auditAnnotations[${key}]`,
        index: null,
        evaluation,
        alwaysDenies: true,
      });
    } else if (typeof outcome.value === 'string' && outcome.value.trim() !== '') {
      annotations.push({ key, value: cutBytes(outcome.value.trim()) });
    }
  }
  return { judged, annotations };
}

function cutBytes(text: string): string {
  return Buffer.from(text).subarray(0, maxAnnotationBytes).toString();
}

function resulted(program: Program, message: string): string {
  return `expression '${program.source}' resulted in error: ${message}`;
}

function error(code: Code, message: string): Evaluation {
  return { kind: 'error', code, message };
}

function whole(policy: Policy, evaluation: Evaluation): Validated {
  return {
    judged: [{ rule: policy.name, index: null, evaluation, alwaysDenies: false }],
    annotations: [],
  };
}
