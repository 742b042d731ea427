// One ValidatingAdmissionPolicy, one binding, one param object: match conditions, validations, audit annotations.
// Upstream: validator.go in k8s.io/apiserver/pkg/admission/plugin/policy/validating; texts are the API server's.
import type { Code } from '../base/codes.ts';
import { activate } from '../cel/activation.ts';
import { expressionLimit, matchConditionsBudget, policyBudget } from '../cel/limits.ts';
import type { Activation, Budget, CelOutcome, Program, Roots } from '../cel/program.ts';
import type { Evaluation } from '../model/decision.ts';
import type { Policy, Validation } from '../policy/model.ts';
import { marker } from '../redact/detectors.ts';
import { findingsOf, type Quotable } from './blame.ts';
import type { Meter } from './meter.ts';

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

/** Something to wait for between two expressions, when the event loop was held too long. */
type Pause = () => Promise<void> | undefined;
type Running = { readonly pause: Pause; readonly meter: Meter };
/** `budget`: what explaining may spend. */
type Explaining = { readonly quotable: Quotable; readonly budget: Budget };

const nothing: Validated = { judged: [], annotations: [] };
const outOfBudget =
  'validation failed due to running out of cost budget, no further validation rules will be run';
const maxMessageBytes = 5 * 1024;
const maxAnnotationBytes = 10 * 1024;

/** Evaluates a policy over its roots; never throws. Texts that leave are made from the roots without secrets, so that no
 * expression can quote, cut or encode a secret into its message. */
export async function validate(
  policy: Policy,
  roots: Roots,
  quotable: Quotable,
  { pause, meter }: Running,
): Promise<Validated> {
  const explaining = { total: expressionLimit };
  if (policy.matchConditions.length > 0) {
    const told = { quotable, budget: explaining };
    const conditions = await matchConditions(policy, roots, told, { pause, meter });
    if (conditions.kind === 'no') return nothing;
    if (conditions.kind === 'error') return whole(policy, conditions.evaluation);
  }
  const activation = activate(roots, policy.variables, meter.grant(policyBudget));
  const judged: Judged[] = [];
  for (const [index, validation] of policy.validations.entries()) {
    const run = { validation, activation, policy, budget: explaining };
    const wait = pause();
    if (wait !== undefined) await wait;
    const evaluation = evaluateValidation(run, quotable);
    if (activation.budget.total < 0) {
      return whole(policy, error('cost-exceeded', outOfBudget));
    }
    judged.push({ rule: validation.rule, index, evaluation, alwaysDenies: false });
  }
  if (policy.auditAnnotations.length === 0) return { judged, annotations: [] };
  const audited = await auditAnnotations(policy, quotable.shown(), pause, meter);
  return { judged: [...judged, ...audited.judged], annotations: audited.annotations };
}

type Conditions =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no' }
  | { readonly kind: 'error'; readonly evaluation: Evaluation };

/** A false condition wins over any error; under Ignore an error means that the policy does not apply. */
async function matchConditions(
  policy: Policy,
  roots: Roots,
  explaining: Explaining,
  { pause, meter }: Running,
): Promise<Conditions> {
  const budget = meter.grant(matchConditionsBudget);
  const activation = activate({ ...roots, namespaceObject: null }, [], budget);
  const told = tellingOf(activation, [], explaining);
  const errors: string[] = [];
  let unknown: Evaluation | undefined;
  for (const { program } of policy.matchConditions) {
    const wait = pause();
    if (wait !== undefined) await wait;
    const outcome = program.evaluate(activation);
    if (activation.budget.total < 0) errors.push(outOfBudget);
    else if (outcome.kind === 'unknown') unknown ??= notKnown(program, outcome.paths);
    else if (outcome.kind === 'error') errors.push(resulted(program, told(program, outcome)));
    else if (outcome.value === false) return { kind: 'no' };
    if (activation.budget.total < 0) break;
  }
  // What is not known may be false, and then the policy would not apply, whatever else is wrong.
  if (unknown !== undefined) return { kind: 'error', evaluation: unknown };
  if (errors.length === 0) return { kind: 'yes' };
  if (policy.failurePolicy === 'Ignore') return { kind: 'no' };
  const [first = ''] = errors;
  const message = errors.length === 1 ? first : `[${errors.join(', ')}]`;
  return { kind: 'error', evaluation: error('expression-error', message) };
}

type Judging = {
  readonly validation: Validation;
  readonly activation: Activation;
  readonly policy: Policy;
  /** What explaining may spend. */
  readonly budget: Budget;
};

function evaluateValidation(judging: Judging, quotable: Quotable): Evaluation {
  const { validation, activation, policy, budget } = judging;
  const outcome = validation.program.evaluate(activation);
  if (outcome.kind === 'error') {
    const told = tellingOf(activation, policy.variables, { quotable, budget });
    return error(outcome.code, resulted(validation.program, told(validation.program, outcome)));
  }
  if (outcome.kind === 'unknown') return notKnown(validation.program, outcome.paths);
  if (outcome.value === true) return { kind: 'pass' };
  const message = failureMessage(validation, () =>
    activate(quotable.shown(), policy.variables, activation.budget),
  );
  return {
    kind: 'fail',
    code: 'validation-failed',
    reason: validation.reason,
    message,
    findings: findingsOf({ ...judging, message }, quotable),
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

/** Annotations have a budget of their own, as in-tree. */
async function auditAnnotations(
  policy: Policy,
  roots: Roots,
  pause: Pause,
  meter: Meter,
): Promise<Validated> {
  const activation = activate(roots, policy.variables, meter.grant(policyBudget));
  const annotations: { key: string; value: string }[] = [];
  const judged: Judged[] = [];
  for (const { key, program } of policy.auditAnnotations) {
    const wait = pause();
    if (wait !== undefined) await wait;
    const outcome = program.evaluate(activation);
    if (outcome.kind !== 'value') {
      const evaluation =
        outcome.kind === 'unknown'
          ? notKnown(program, outcome.paths)
          : error(outcome.code, resulted(program, outcome.message));
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

type CelError = Extract<CelOutcome, { kind: 'error' }>;

/** Threat: an error quotes the value that it met, and an expression may have cut or encoded a secret into that. It is told
 * as it is without secrets; one that only they cause is not told. */
function tellingOf(
  { roots }: Activation,
  variables: Policy['variables'],
  { quotable, budget }: Explaining,
): (program: Program, error: CelError) => string {
  return (program, { code, message }) => {
    const { object, oldObject } = quotable.shown();
    const isShown = object === roots.object && oldObject === roots.oldObject;
    if (isShown || code !== 'expression-error') return message;
    const again = program.evaluate(activate({ ...roots, object, oldObject }, variables, budget));
    return again.kind === 'error' && again.code === code ? again.message : marker;
  };
}

function resulted(program: Program, message: string): string {
  return `expression '${program.source}' resulted in error: ${message}`;
}

function notKnown({ source }: Program, paths: readonly string[]): Evaluation {
  if (paths.includes('authorizer')) {
    const message = `expression '${source}' asks the authorizer, which has not answered`;
    return { kind: 'unknown', code: 'authorizer-unavailable', message };
  }
  const message = `expression '${source}' reads what is not known: ${paths.join(', ')}`;
  return { kind: 'unknown', code: 'value-unknown', message };
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
