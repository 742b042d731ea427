// The table that turns what happened into what we do about it.
import { test } from 'tap';
import { decide } from '../../src/engine/decide.ts';
import type { Enforcement, Outcome } from '../../src/engine/outcome.ts';
import type { Action, Evaluation } from '../../src/model/decision.ts';
import type { ValidationAction } from '../../src/policy/model.ts';
import { defaultSettings } from '../../src/policy/settings.ts';

const evaluations: Record<Evaluation['kind'], Evaluation> = {
  pass: { kind: 'pass' },
  fail: { kind: 'fail', code: 'validation-failed', reason: 'Invalid', message: 'no', findings: [] },
  error: { kind: 'error', code: 'expression-error', message: 'broke' },
  unknown: { kind: 'unknown', code: 'namespace-unavailable', message: 'who knows' },
  skip: { kind: 'skip', code: 'images-not-verified', message: 'not now' },
};

const policy = (
  failurePolicy: 'Fail' | 'Ignore',
  validationActions: readonly ValidationAction[],
  alwaysDenies = false,
): Enforcement => ({ kind: 'policy', failurePolicy, validationActions, alwaysDenies });

const rows: readonly [string, Enforcement, Evaluation['kind'], readonly Action[]][] = [
  ['a failure under Deny', policy('Fail', ['Deny']), 'fail', ['deny']],
  ['a failure under Warn and Audit', policy('Fail', ['Warn', 'Audit']), 'fail', ['warn', 'audit']],
  ['a failure under Ignore is still a failure', policy('Ignore', ['Deny']), 'fail', ['deny']],
  ['an error under Fail follows the actions', policy('Fail', ['Warn']), 'error', ['warn']],
  ['an error under Fail and Deny', policy('Fail', ['Deny', 'Audit']), 'error', ['deny', 'audit']],
  ['an error under Ignore does nothing', policy('Ignore', ['Deny']), 'error', []],
  [
    'a configuration error denies even under Warn',
    policy('Fail', ['Warn'], true),
    'error',
    ['deny'],
  ],
  ['a configuration error under Ignore passes', policy('Ignore', ['Deny'], true), 'error', []],
  ['a pass does nothing', policy('Fail', ['Deny']), 'pass', []],
  ['an unknown leaves allowed as it is', policy('Fail', ['Deny']), 'unknown', []],
  ['a skip does nothing', policy('Fail', ['Deny']), 'skip', []],
  ['Pod Security enforce', { kind: 'pod-security', mode: 'enforce' }, 'fail', ['deny']],
  ['Pod Security audit', { kind: 'pod-security', mode: 'audit' }, 'fail', ['audit']],
  ['Pod Security warn', { kind: 'pod-security', mode: 'warn' }, 'fail', ['warn']],
  [
    'Pod Security that cannot be judged',
    { kind: 'pod-security', mode: 'enforce' },
    'error',
    ['deny'],
  ],
  ['the gate itself failing', { kind: 'gate' }, 'error', ['deny']],
];

for (const [name, enforcement, kind, actions] of rows) {
  test(`${name}: ${actions.join(' and ') || 'no action'}`, (t) => {
    const outcome: Outcome = {
      policy: 'p',
      binding: 'b',
      param: null,
      kind: 'ValidatingAdmissionPolicy',
      rule: 'p/validations[0]',
      index: 0,
      evaluation: evaluations[kind],
      enforcement,
      controls: [],
    };
    const law = { settings: defaultSettings.settings, now: '2026-11-21T10:00:00Z' };
    const result = decide({ outcome, by: [], whole: false }, law);
    t.same(result.actions, actions);
    const strict = { ...law, settings: { ...law.settings, errors: 'Deny' as const } };
    const denying = decide({ outcome, by: [], whole: false }, strict).actions;
    t.same(denying, kind === 'error' ? ['deny'] : actions, 'errors: Deny changes errors only');
    t.equal(result.evaluation, kind);
    t.equal(result.code, kind === 'pass' ? null : (outcome.evaluation as { code: string }).code);
    t.end();
  });
}
