// Counts for operators, in the Prometheus text format 0.0.4. Threat: every label has a closed set of values,
// so nothing that a sender chooses (names, images, namespaces) can make it grow.
import { type Code, codes } from '../base/codes.ts';
import type { Decision } from '../model/decision.ts';

export type Metrics = {
  /** `recorded`: without it nothing is allowed. `seconds` from arrival to answer. */
  decided(decision: Decision, recorded: boolean, seconds: number): void;
  /** A request that was refused before it could be decided. */
  unreadable(code: Code): void;
  reloaded(what: string, result: 'loaded' | 'refused'): void;
  recordFailed(): void;
  /** The exposition, with the state of the moment. */
  text(state: MetricsState): string;
};

export type MetricsState = {
  readonly ready: boolean;
  readonly policySet: string | null;
  readonly auditOnly: boolean;
  readonly deciding: Used;
  readonly bodies: Used;
};
type Used = { readonly used: number; readonly waiting: number };

/** Names of policies come from policy files. A reload may bring others; what is above this many counts as `other`. */
const mostPolicies = 500;

const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

type Labels = Readonly<Record<string, string>>;

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
  for (const allowed of ['true', 'false']) decisions.add({ allowed }, 0);
  failures.add({}, 0);
  return {
    decided(decision, recorded, seconds) {
      decisions.add({ allowed: String(decision.allowed && recorded) }, 1);
      for (const [policy, action] of doneBy(decision)) {
        if (named.size < mostPolicies) named.add(policy);
        results.add({ policy: named.has(policy) ? policy : 'other', action }, 1);
      }
      duration.observe(seconds);
    },
    unreadable: (code) => unreadable.add({ code: code in codes ? code : 'internal-error' }, 1),
    reloaded: (what, result) => reloads.add({ what, result }, 1),
    recordFailed: () => failures.add({}, 1),
    text: ({ ready, policySet, auditOnly, deciding, bodies }) =>
      [
        ...decisions.lines(),
        ...results.lines(),
        ...duration.lines(),
        ...unreadable.lines(),
        ...reloads.lines(),
        ...failures.lines(),
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

function counter(name: string, help: string) {
  const values = new Map<string, number>();
  return {
    add(labels: Labels, n: number): void {
      const key = `${name}${braced(labels)}`;
      values.set(key, (values.get(key) ?? 0) + n);
    },
    lines: (): readonly string[] => [
      ...head(name, help, 'counter'),
      ...[...values].map(([key, value]) => `${key} ${value}`),
    ],
  };
}

function histogram(name: string, help: string) {
  const buckets = bounds.map(() => 0);
  let sum = 0;
  let count = 0;
  return {
    observe(value: number): void {
      bounds.forEach((bound, i) => {
        if (value <= bound) buckets[i] = (buckets[i] ?? 0) + 1;
      });
      sum += value;
      count += 1;
    },
    lines: (): readonly string[] => [
      ...head(name, help, 'histogram'),
      ...bounds.map((bound, i) => `${name}_bucket{le="${bound}"} ${buckets[i]}`),
      `${name}_bucket{le="+Inf"} ${count}`,
      `${name}_sum ${sum}`,
      `${name}_count ${count}`,
    ],
  };
}

function gauge(name: string, help: string, labels: Labels, value: number): readonly string[] {
  return [...head(name, help, 'gauge'), `${name}${braced(labels)} ${value}`];
}

function head(name: string, help: string, type: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function braced(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
