// Which records are asked for. Filters are joined by "and"; several values of one filter by "or".
import type { JsonObject } from '../../base/json.ts';
import type { Beginning } from './beginning.ts';
import { type DecisionFacts, decisionFacts, isTold, outcomesOf } from './decision-facts.ts';

export const outcomeNames = [
  'allowed',
  'denied',
  'warned',
  'excused',
  'error',
  'unreadable',
  'gap',
] as const;

export type Filter = {
  /** Milliseconds since 1970; `from` is in, `to` is not. */
  readonly from: number | null;
  readonly to: number | null;
  readonly kinds: readonly string[];
  readonly ids: readonly string[];
  readonly users: readonly string[];
  readonly namespaces: readonly string[];
  readonly policies: readonly string[];
  readonly rules: readonly string[];
  readonly outcomes: readonly string[];
  readonly operations: readonly string[];
  readonly resources: readonly string[];
};

export const noFilter: Filter = {
  ...{ from: null, to: null, kinds: [], ids: [], users: [], namespaces: [] },
  ...{ policies: [], rules: [], outcomes: [], operations: [], resources: [] },
};

/** By what a record begins with: false says that its rest need not be read. */
export function mayMatch(filter: Filter, { time, kind, id, seq }: Beginning): boolean {
  return (
    isWithin(filter, time) &&
    among(filter.kinds, kind) &&
    (filter.ids.length === 0 || filter.ids.some((asked) => isNamed(asked, id, seq))) &&
    (!asksForDecisions(filter) || kind === 'decision' || isOutcomeKind(filter, kind))
  );
}

/** Of a record that may match. */
export function matches(filter: Filter, kind: string, record: JsonObject): boolean {
  if (!asksForDecisions(filter) || kind !== 'decision') return true;
  const decision = decisionFacts(record);
  const outcomes: readonly string[] = outcomesOf(decision);
  const told = decision.rules.filter((rule) => isTold(rule));
  return (
    among(filter.users, decision.user) &&
    among(filter.namespaces, decision.namespace) &&
    among(filter.operations, decision.operation) &&
    (filter.resources.length === 0 || filter.resources.some((each) => isOf(each, decision))) &&
    some(
      filter.policies,
      told.map(({ policy }) => policy),
    ) &&
    some(
      filter.rules,
      told.map(({ rule }) => rule),
    ) &&
    some(filter.outcomes, outcomes)
  );
}

export function isWithin({ from, to }: Pick<Filter, 'from' | 'to'>, time: number): boolean {
  return (from === null || time >= from) && (to === null || time < to);
}

const tail = /^[0-9a-f]{8,12}$/;
const number = /^[1-9]\d{0,14}$/;

/** By the whole id, the end of it (8 digits or more, as the table shows it), or the sequence number. */
export function isNamed(asked: string, id: string, seq: number): boolean {
  const text = asked.toLowerCase();
  if (id === text || (tail.test(text) && id.endsWith(text))) return true;
  return number.test(text) && seq === Number(text);
}

export function isIdText(text: string): boolean {
  const wanted = text.toLowerCase();
  return (
    number.test(wanted) ||
    tail.test(wanted) ||
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(wanted)
  );
}

function asksForDecisions(filter: Filter): boolean {
  const { users, namespaces, policies, rules, outcomes, operations, resources } = filter;
  return [users, namespaces, policies, rules, outcomes, operations, resources].some(
    ({ length }) => length > 0,
  );
}

/** A gap or unreadable bytes have an outcome, and nothing else of a decision. */
function isOutcomeKind(filter: Filter, kind: string): boolean {
  const named = filter.outcomes.includes(kind) && (kind === 'gap' || kind === 'unreadable');
  return named && !asksForDecisions({ ...filter, outcomes: [] });
}

/** `pods`, `deployments.apps`, `pods/exec`, `Deployment`: by resource or kind, with the group where one is given. */
function isOf(asked: string, { group, kind, resource, subResource }: DecisionFacts): boolean {
  const [main = '', sub] = asked.toLowerCase().split('/');
  if (sub !== undefined && sub !== subResource.toLowerCase()) return false;
  const names = [resource, kind].map((name) => name.toLowerCase());
  const dot = main.indexOf('.');
  if (dot < 0) return names.includes(main);
  return names.includes(main.slice(0, dot)) && main.slice(dot + 1) === group.toLowerCase();
}

function among(wanted: readonly string[], value: string): boolean {
  return wanted.length === 0 || wanted.includes(value);
}

function some(wanted: readonly string[], values: readonly string[]): boolean {
  return wanted.length === 0 || values.some((value) => wanted.includes(value));
}
