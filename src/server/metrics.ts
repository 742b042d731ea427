// Counts for operators, in the Prometheus text format 0.0.4. Threat: every label has a closed set of values,
// so nothing that a sender chooses (names, images, namespaces) can make it grow.
import { type Code, codes } from '../base/codes.ts';
import type { LedgerState } from '../ledger/store/options.ts';
import type { Decision } from '../model/decision.ts';
import { counter, gauge, histogram } from './exposition.ts';
import { createLedgerMetrics, type LedgerMetrics } from './ledger-metrics.ts';

export type Metrics = {
  /** `recorded`: without it nothing is allowed. `seconds` from arrival to answer. */
  decided(decision: Decision): (recorded: boolean, seconds: number) => void;
  /** A request that was refused before it could be decided. */
  unreadable(code: Code): void;
  reloaded(what: string, result: 'loaded' | 'refused'): void;
  recordFailed(): void;
  /** Allowed all the same, because the settings say so. */
  allowedUnrecorded(): void;
  readonly ledger: LedgerMetrics;
  /** The exposition, with the state of the moment. */
  text(state: MetricsState): string;
};

export type MetricsState = {
  readonly ready: boolean;
  readonly policySet: string | null;
  readonly auditOnly: boolean;
  readonly deciding: Used;
  readonly bodies: Used;
  /** null: no records are kept. */
  readonly ledger: LedgerState | null;
};
type Used = { readonly used: number; readonly waiting: number };

/** Names of policies come from policy files. A reload may bring others; what is above this many counts as `other`. */
const mostPolicies = 500;

export function createMetrics(): Metrics {
  const decisions = counter(
    'sekisho_decisions_total',
    'Requests that were answered with a decision.',
  );
  const named = new Set<string>();
  const results = counter(
    'sekisho_policy_results_total',
    'Decisions in which a policy denied, would have denied (AuditOnly), warned, was excused, or erred.',
  );
  const duration = histogram('sekisho_decision_duration_seconds', 'From arrival to answer.');
  const unreadable = counter(
    'sekisho_unreadable_requests_total',
    'Requests that cannot be decided.',
  );
  const reloads = counter(
    'sekisho_reloads_total',
    'Files that changed and were loaded, or refused.',
  );
  const failures = counter(
    'sekisho_record_failures_total',
    'Decisions that could not be recorded.',
  );
  const unrecorded = counter(
    'sekisho_allowed_unrecorded_total',
    'Decisions that allowed without a record: onFailure is allow.',
  );
  const ledgerMetrics = createLedgerMetrics();
  unrecorded.add({}, 0);
  const [allowed, refused] = [
    decisions.of({ allowed: 'true' }),
    decisions.of({ allowed: 'false' }),
  ];
  failures.add({}, 0);
  return {
    decided(decision) {
      const [isAllowed, done] = [decision.allowed, doneBy(decision)];
      return (recorded, seconds) => {
        (isAllowed && recorded ? allowed : refused)(1);
        for (const [policy, action] of done) {
          if (named.size < mostPolicies) named.add(policy);
          results.add({ policy: named.has(policy) ? policy : 'other', action }, 1);
        }
        duration.observe(seconds);
      };
    },
    unreadable: (code) => unreadable.add({ code: code in codes ? code : 'internal-error' }, 1),
    reloaded: (what, result) => reloads.add({ what, result }, 1),
    recordFailed: () => failures.add({}, 1),
    allowedUnrecorded: () => unrecorded.add({}, 1),
    ledger: ledgerMetrics,
    text: ({ ready, policySet, auditOnly, deciding, bodies, ledger }) =>
      [
        ...decisions.lines(),
        ...results.lines(),
        ...duration.lines(),
        ...unreadable.lines(),
        ...reloads.lines(),
        ...failures.lines(),
        ...unrecorded.lines(),
        ...(ledger === null ? [] : ledgerMetrics.lines(ledger)),
        ...gauge('sekisho_audit_only', 'Whether nothing is refused.', {}, auditOnly ? 1 : 0),
        ...gauge('sekisho_deciding', 'Requests being decided.', {}, deciding.used),
        ...gauge('sekisho_waiting', 'Requests that wait for their turn.', {}, deciding.waiting),
        ...gauge('sekisho_body_bytes', 'Bytes of bodies that are held.', {}, bodies.used),
        ...gauge('sekisho_ready', 'Whether new requests are welcome.', {}, ready ? 1 : 0),
        ...gauge(
          'sekisho_policy_set',
          'The policy set in force.',
          { hash: policySet ?? '' },
          policySet === null ? 0 : 1,
        ),
        '',
      ].join('\n'),
  };
}

type Done = 'deny' | 'would-deny' | 'warn' | 'audit' | 'excused' | 'error';

/** Each policy and what it did, once for a decision. */
function doneBy({ results, wouldDeny = [] }: Decision): readonly (readonly [string, Done])[] {
  const done = new Map<string, readonly [string, Done]>();
  for (const { policy, rule, actions, exception, evaluation } of results) {
    if (evaluation === 'pass') continue;
    const whats: readonly Done[] = [
      ...actions,
      ...(wouldDeny.includes(rule) ? (['would-deny'] as const) : []),
      ...(exception === null ? [] : (['excused'] as const)),
      ...(evaluation === 'error' ? (['error'] as const) : []),
    ];
    for (const what of whats) done.set(`${what} ${policy}`, [policy, what]);
  }
  return [...done.values()];
}
