// What a decision record says, as far as it is shown, searched for and counted; docs/records.md has all of it.
// A record that was cut may lack any of it: an absent text is "", an absent list is empty.
import { get, type JsonObject } from '../../base/json.ts';
import { objectsAt, textAt, textOrNullAt, textsAt } from './members.ts';

export type Outcome = 'allowed' | 'denied' | 'warned' | 'excused' | 'error';

export type RuleFacts = {
  readonly policy: string;
  readonly binding: string | null;
  readonly param: string | null;
  readonly kind: string;
  readonly rule: string;
  /** Of Pod Security: enforce, audit or warn. */
  readonly mode: string | null;
  /** pass, fail, error, unknown, skip. */
  readonly evaluation: string;
  readonly actions: readonly string[];
  readonly code: string | null;
  readonly message: string;
  /** Names of the exceptions that permit it. */
  readonly exception: string | null;
  readonly controls: readonly string[];
  readonly findings: readonly JsonObject[];
};

export type ExceptionFacts = {
  readonly name: string;
  readonly rules: readonly string[];
  readonly reason: string;
  readonly owner: string;
  readonly ticket: string;
  /** What its file says; verified by nobody. */
  readonly approvedBy: string;
  readonly expires: string;
};

export type DecisionFacts = {
  readonly user: string;
  readonly operation: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  readonly subResource: string;
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
  readonly allowed: boolean;
  /** The settings refuse nothing; `wouldDeny` are the rules that would have. */
  readonly auditOnly: boolean;
  readonly wouldDeny: readonly string[];
  readonly policySet: string;
  readonly rules: readonly RuleFacts[];
  readonly exceptions: readonly ExceptionFacts[];
  readonly warnings: readonly string[];
  /** The record was too large, and parts of it are not there. */
  readonly cut: boolean;
};

export function decisionFacts(record: JsonObject): DecisionFacts {
  const decision = get(record, 'decision');
  const attempt = get(record, 'attempt');
  const [kind, resource] = [get(attempt, 'kind'), get(attempt, 'resource')];
  return {
    user: textAt(get(attempt, 'userInfo'), 'username'),
    operation: textAt(attempt, 'operation'),
    group: textAt(kind, 'group'),
    version: textAt(kind, 'version'),
    kind: textAt(kind, 'kind'),
    resource: textAt(resource, 'resource'),
    subResource: textAt(attempt, 'subResource'),
    namespace: textAt(attempt, 'namespace'),
    name: textAt(attempt, 'name'),
    dryRun: get(attempt, 'dryRun') === true,
    allowed: get(decision, 'allowed') === true,
    auditOnly: get(decision, 'mode') === 'AuditOnly',
    wouldDeny: textsAt(decision, 'wouldDeny'),
    policySet: textAt(decision, 'policySet'),
    rules: objectsAt(decision, 'results').map(ruleFacts),
    exceptions: objectsAt(decision, 'exceptions').map(exceptionFacts),
    warnings: textsAt(decision, 'warnings'),
    cut: textsAt(record, 'cut').length > 0,
  };
}

function ruleFacts(result: JsonObject): RuleFacts {
  return {
    policy: textAt(result, 'policy'),
    binding: textOrNullAt(result, 'binding'),
    param: textOrNullAt(result, 'param'),
    kind: textAt(result, 'kind'),
    rule: textAt(result, 'rule'),
    mode: textOrNullAt(result, 'mode'),
    evaluation: textAt(result, 'evaluation'),
    actions: textsAt(result, 'actions'),
    code: textOrNullAt(result, 'code'),
    message: textAt(result, 'message'),
    exception: textOrNullAt(result, 'exception'),
    controls: textsAt(result, 'controls'),
    findings: objectsAt(result, 'findings'),
  };
}

function exceptionFacts(exception: JsonObject): ExceptionFacts {
  return {
    name: textAt(exception, 'name'),
    rules: textsAt(exception, 'rules'),
    reason: textAt(exception, 'reason'),
    owner: textAt(exception, 'owner'),
    ticket: textAt(exception, 'ticket'),
    approvedBy: textAt(get(exception, 'approval'), 'claimedBy'),
    expires: textAt(exception, 'expires'),
  };
}

/** The names of the exceptions that permit something of this rule. */
export function exceptionsOf({ exception, findings }: RuleFacts): readonly string[] {
  const ofFindings = findings.map((finding) => textAt(finding, 'exception'));
  const whole = exception === null ? [] : exception.split(', ');
  return [...new Set([...whole, ...ofFindings])].filter((name) => name !== '');
}

/** Whether a rule was broken, excused or not, or could not be judged. */
export function isTold({ evaluation }: RuleFacts): boolean {
  return evaluation === 'fail' || evaluation === 'error' || evaluation === 'unknown';
}

export function denies({ actions }: RuleFacts): boolean {
  return actions.includes('deny');
}

/** All that it is: a decision that allows may warn and excuse as well. */
export function outcomesOf(decision: DecisionFacts): readonly Outcome[] {
  const { allowed, rules, exceptions } = decision;
  const warned = rules.some(({ actions }) => actions.includes('warn'));
  const erred = rules.some(({ evaluation }) => evaluation === 'error');
  return [
    allowed ? 'allowed' : 'denied',
    ...(allowed && warned ? (['warned'] as const) : []),
    ...(exceptions.length > 0 ? (['excused'] as const) : []),
    ...(erred ? (['error'] as const) : []),
  ];
}

export type MainOutcome = 'denied' | 'excused' | 'warned' | 'allowed';

/** The one thing that it is counted as. */
export function mainOutcome(decision: DecisionFacts): MainOutcome {
  const outcomes = outcomesOf(decision);
  if (!decision.allowed) return 'denied';
  if (outcomes.includes('excused')) return 'excused';
  return outcomes.includes('warned') ? 'warned' : 'allowed';
}
