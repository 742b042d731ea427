// The single place where what happened becomes what we do about it: a pure table.
// Upstream: Dispatch in k8s.io/apiserver/pkg/admission/plugin/policy/validating.
import { unreachable } from '../base/unreachable.ts';
import type { Action, Evaluation, Finding, RuleResult } from '../model/decision.ts';
import type { Exception, PolicySettings, ValidationAction } from '../policy/model.ts';
import type { Excused } from './excuse.ts';
import type { Enforcement, ImageAction, Outcome } from './outcome.ts';

/** What turns evaluations into actions beside the outcome itself. `now`: RFC 3339. */
export type Law = { readonly settings: PolicySettings; readonly now: string };

const ofValidationAction: Readonly<Record<ValidationAction, Action>> = {
  Deny: 'deny',
  Warn: 'warn',
  Audit: 'audit',
};

/** A rule's result: its evaluation with the actions that follow from it. */
export function decide({ outcome, by, whole }: Excused, law: Law): RuleResult {
  const { evaluation, enforcement, policy, binding, param, kind, rule, controls } = outcome;
  return {
    policy,
    binding,
    param,
    kind,
    rule,
    mode: enforcement.kind === 'pod-security' ? enforcement.mode : null,
    evaluation: evaluation.kind,
    actions: whole ? onExcused(by, law) : actionsOf(outcome, law.settings),
    code: evaluation.kind === 'pass' ? null : evaluation.code,
    reason: evaluation.kind === 'fail' ? evaluation.reason : null,
    message: evaluation.kind === 'pass' ? '' : evaluation.message,
    findings: findingsOf(evaluation),
    exception: whole ? by.map(({ name }) => name).join(', ') : null,
    controls,
  };
}

function findingsOf(evaluation: Evaluation): readonly Finding[] {
  if (evaluation.kind === 'fail') return evaluation.findings;
  if (evaluation.kind !== 'error' || evaluation.remedy === undefined) return [];
  const { message, remedy } = evaluation;
  return [{ path: '', pointer: '', value: null, allowed: [], message, remedy, patch: [] }];
}

/** INVARIANT: an error denies unless the policy itself says Ignore or, of images, the settings say otherwise; nothing else
 * turns one into an admission. */
function actionsOf(
  { evaluation, enforcement }: Outcome,
  { errors }: PolicySettings,
): readonly Action[] {
  switch (evaluation.kind) {
    case 'pass':
    case 'skip':
    case 'unknown':
      return [];
    case 'fail':
      return onFail(enforcement);
    case 'error':
      return errors === 'Deny' ? ['deny'] : onError(enforcement);
    default:
      return unreachable(evaluation);
  }
}

/** An excused finding is told in the last days of its exception. */
function onExcused(by: readonly Exception[], law: Law): readonly Action[] {
  return by.some((exception) => isEnding(exception, law)) ? ['warn'] : [];
}

const day = 24 * 60 * 60 * 1000;

export function isEnding({ expires }: Exception, { settings, now }: Law): boolean {
  return Date.parse(expires) - Date.parse(now) <= settings.exceptions.warnDays * day;
}

function onFail(enforcement: Enforcement): readonly Action[] {
  switch (enforcement.kind) {
    case 'policy':
      return enforcement.validationActions.map((action) => ofValidationAction[action]);
    case 'pod-security':
      return [enforcement.mode === 'enforce' ? 'deny' : enforcement.mode];
    case 'image-policy':
      return onImage(enforcement.onFail);
    case 'gate':
      return ['deny'];
    default:
      return unreachable(enforcement);
  }
}

function onImage(action: ImageAction): readonly Action[] {
  return action === 'allow' ? [] : [action];
}

function onError(enforcement: Enforcement): readonly Action[] {
  if (enforcement.kind === 'image-policy') return onImage(enforcement.onError);
  if (enforcement.kind !== 'policy') return ['deny'];
  if (enforcement.failurePolicy === 'Ignore') return [];
  return enforcement.alwaysDenies ? ['deny'] : onFail(enforcement);
}
