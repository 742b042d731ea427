// Decisions counted as they go by, in bounded memory: by day, policy, namespace, user, rule and control; exceptions used.
import { podSecurityControls } from './catalogue.ts';
import { bounded, type Listed, type Ranked, ranked } from './counter.ts';
import {
  type DecisionFacts,
  type ExceptionFacts,
  isTold,
  mainOutcome,
  outcomesOf,
  type RuleFacts,
} from './decision-facts.ts';
import { countEvaluation, isBroken, noEvaluations } from './evaluation.ts';
import { type LedgerRecord, nameOfSource } from './records.ts';
import type {
  DecisionCount,
  EvaluationCount,
  Example,
  ExceptionRow,
  RuleRow,
  Totals,
} from './report.ts';
import { timeText } from './when.ts';

/** Names that are held; and those that are listed. */
const mostHeld = 5000;
const mostListed = 50;
const mostDays = 4000;
const mostExceptions = 1000;
const mostNamespaces = 10;

export type ControlTally = EvaluationCount & {
  readonly policies: Set<string>;
  first: string | null;
  last: string | null;
};

export type Decisions = {
  add(at: LedgerRecord, decision: DecisionFacts): void;
  readonly totals: Totals;
  days(): Listed<{ readonly day: string } & DecisionCount>;
  policies(): Ranked<EvaluationCount>;
  namespaces(): Ranked<DecisionCount>;
  users(): Ranked<DecisionCount>;
  rules(): Listed<RuleRow>;
  exceptions(): Listed<ExceptionRow>;
  controls(): ReadonlyMap<string, ControlTally>;
};

type RuleTally = { -readonly [Key in keyof RuleRow]: RuleRow[Key] };
type ExceptionTally = {
  facts: ExceptionFacts;
  uses: number;
  first: string;
  last: string;
  namespaces: Set<string>;
};

export function createDecisions(): Decisions {
  const totals = noTotals();
  const days = bounded(mostDays, noDecisions);
  const [namespaces, users] = [bounded(mostHeld, noDecisions), bounded(mostHeld, noDecisions)];
  const policies = bounded(mostHeld, noEvaluations);
  const rules = bounded(
    mostHeld,
    (rule): RuleTally => ({ policy: '', rule, last: null, ...noEvaluations() }),
  );
  const controls = bounded(
    mostHeld,
    (): ControlTally => ({ policies: new Set(), first: null, last: null, ...noEvaluations() }),
  );
  const exceptions = bounded(
    mostExceptions,
    (): ExceptionTally => ({
      ...{ facts: noException, uses: 0, first: '', last: '', namespaces: new Set<string>() },
    }),
  );

  function addRules(at: LedgerRecord, decision: DecisionFacts): void {
    for (const [policy, results] of Map.groupBy(decision.rules, (rule) => rule.policy)) {
      countEvaluation(policies.row(policy), results, decision);
    }
    for (const [rule, results] of Map.groupBy(decision.rules, (each) => each.rule)) {
      const row = rules.row(rule);
      row.policy = results[0]?.policy ?? '';
      countEvaluation(row, results, decision);
      const told = results.find(isTold);
      if (told !== undefined) row.last = exampleOf(at, decision, told);
    }
    for (const [control, results] of byControl(decision.rules)) {
      const row = controls.row(control);
      const before = row.evaluated;
      countEvaluation(row, results, decision);
      if (row.evaluated === before) continue;
      for (const { policy } of results) if (row.policies.size < mostHeld) row.policies.add(policy);
      row.first ??= at.at;
      row.last = at.at;
    }
  }

  function addExceptions(
    { at }: LedgerRecord,
    { exceptions: used, namespace }: DecisionFacts,
  ): void {
    for (const facts of used) {
      const row = exceptions.row(JSON.stringify(facts));
      row.facts = facts;
      row.uses += 1;
      if (row.first === '') row.first = at;
      row.last = at;
      if (row.namespaces.size < mostNamespaces) row.namespaces.add(namespace);
    }
  }

  return {
    totals,
    add(at, decision) {
      totals.decisions += 1;
      if (decision.dryRun) totals.dryRun += 1;
      if (decision.auditOnly) totals.auditOnly += 1;
      if (decision.wouldDeny.length > 0) totals.wouldDeny += 1;
      if (decision.cut) totals.cut += 1;
      const counts = [
        totals,
        days.row(timeText(at.time).slice(0, 10)),
        namespaces.row(decision.namespace),
      ];
      for (const count of [...counts, users.row(decision.user)]) countDecision(count, decision);
      addRules(at, decision);
      addExceptions(at, decision);
    },
    days() {
      const items = days.entries().map(([day, row]) => ({ day, ...row }));
      items.sort((a, b) => (a.day < b.day ? -1 : 1));
      return { items, count: items.length + (days.others() === null ? 0 : 1) };
    },
    policies: () => ranked(policies, mostListed, ({ evaluated }) => evaluated),
    namespaces: () => ranked(namespaces, mostListed, sumOf),
    users: () => ranked(users, mostListed, sumOf),
    rules() {
      const broken = rules
        .entries()
        .map(([, row]) => row)
        .filter(isBroken);
      broken.sort(
        (a, b) => b.denied - a.denied || b.warned - a.warned || (a.rule < b.rule ? -1 : 1),
      );
      const more = rules.others() === null ? 0 : 1;
      return { items: broken.slice(0, 2 * mostListed), count: broken.length + more };
    },
    exceptions() {
      const rows = exceptions.entries().map(([, row]) => exceptionRow(row));
      rows.sort((a, b) => b.uses - a.uses || (a.name < b.name ? -1 : 1));
      return { items: rows, count: rows.length + (exceptions.others() === null ? 0 : 1) };
    },
    controls: () => new Map(controls.entries()),
  };
}

function byControl(rules: readonly RuleFacts[]): ReadonlyMap<string, readonly RuleFacts[]> {
  const found = new Map<string, RuleFacts[]>();
  for (const rule of rules) {
    const own = rule.kind === 'PodSecurity' ? podSecurityControls(rule.rule) : rule.controls;
    for (const control of own) {
      const known = found.get(control);
      if (known === undefined) found.set(control, [rule]);
      else known.push(rule);
    }
  }
  return found;
}

function exampleOf(at: LedgerRecord, decision: DecisionFacts, { message }: RuleFacts): Example {
  const { user, operation, kind, namespace, name } = decision;
  const object = `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
  const place = { at: at.at, seq: at.seq, id: at.id, replica: nameOfSource(at.source) };
  return { ...place, user, operation, object, message };
}

function exceptionRow({ facts, namespaces, ...row }: ExceptionTally): ExceptionRow {
  return { ...facts, ...row, namespaces: [...namespaces].sort() };
}

const noException: ExceptionFacts = {
  ...{ name: '', rules: [], reason: '', owner: '', ticket: '', approvedBy: '', expires: '' },
};

function noDecisions(): DecisionCount {
  return { allowed: 0, warned: 0, excused: 0, denied: 0, errors: 0 };
}

function noTotals(): Totals {
  return {
    ...noDecisions(),
    ...{ decisions: 0, dryRun: 0, auditOnly: 0, wouldDeny: 0, unreadable: 0, refusedCallers: 0 },
    ...{ withdrawn: 0, cut: 0, missedDenied: 0, missedAllowed: 0 },
  };
}

function countDecision(into: DecisionCount, decision: DecisionFacts): void {
  into[mainOutcome(decision)] += 1;
  if (outcomesOf(decision).includes('error')) into.errors += 1;
}

export function sumOf({ allowed, warned, excused, denied }: DecisionCount): number {
  return allowed + warned + excused + denied;
}
