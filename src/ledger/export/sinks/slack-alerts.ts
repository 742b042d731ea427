// What in a batch people should hear of: denials and exceptions used, one alert for each rule in each namespace.
import { get, getIn, isArray, type JsonValue } from '../../../base/json.ts';
import { recordOf } from '../../format/kinds.ts';
import type { Batch, ExportRecord } from '../sink.ts';

export type Alert = {
  /** Tells alerts apart. */
  readonly key: string;
  readonly what: 'denied' | 'excused';
  /** "" where the record does not say. */
  readonly rule: string;
  readonly namespace: string;
  readonly count: number;
  /** The last one: who did what. */
  readonly example: string;
};

export type Alerts = {
  readonly alerts: readonly Alert[];
  /** So many are from before `since`. */
  readonly stale: number;
};

type Event = Pick<Alert, 'what' | 'rule'>;

/** `since`: milliseconds since 1970. */
export function alertsOf({ records }: Batch, since: number): Alerts {
  const alerts = new Map<string, Alert>();
  let stale = 0;
  for (const record of records) {
    const decision = decisionOf(record);
    if (decision === undefined) continue;
    const events = eventsOf(decision);
    if (events.length > 0 && record.at !== null && record.at < since) {
      stale += 1;
      continue;
    }
    const request = get(decision, 'request');
    const namespace = textOf(get(request, 'namespace'));
    for (const { what, rule } of events) {
      const key = JSON.stringify([what, rule, namespace]);
      const count = (alerts.get(key)?.count ?? 0) + 1;
      alerts.set(key, { key, what, rule, namespace, count, example: exampleOf(request) });
    }
  }
  return { alerts: [...alerts.values()], stale };
}

/** Most records are no news: those are not parsed. */
function decisionOf({ bytes }: ExportRecord): JsonValue | undefined {
  if (!bytes.includes('"kind":"decision"')) return undefined;
  if (!bytes.includes('"allowed":false') && !bytes.includes('"exceptions":[')) return undefined;
  const record = recordOf(bytes);
  return get(record, 'kind') === 'decision' ? get(record, 'decision') : undefined;
}

function eventsOf(decision: JsonValue): readonly Event[] {
  if (getIn(decision, ['request', 'dryRun']) === true) return [];
  const excused = listOf(get(decision, 'exceptions'))
    .flatMap((exception) => listOf(get(exception, 'rules')))
    .map((rule): Event => ({ what: 'excused', rule: textOf(rule) }));
  return [...deniedBy(decision), ...distinct(excused)];
}

function deniedBy(decision: JsonValue): readonly Event[] {
  if (get(decision, 'allowed') !== false) return [];
  const rules = listOf(get(decision, 'results'))
    .filter((result) => listOf(get(result, 'actions')).includes('deny'))
    .map((result): Event => ({ what: 'denied', rule: textOf(get(result, 'rule')) }));
  return rules.length === 0 ? [{ what: 'denied', rule: '' }] : distinct(rules);
}

function distinct(events: readonly Event[]): readonly Event[] {
  return [...new Map(events.map((event) => [event.rule, event])).values()];
}

function exampleOf(request: JsonValue | undefined): string {
  const [namespace, name] = ['namespace', 'name'].map((key) => textOf(get(request, key)));
  const kind = textOf(getIn(request, ['kind', 'kind']));
  const user = textOf(getIn(request, ['userInfo', 'username']));
  const object = [namespace, name].filter((part) => part !== '').join('/');
  return [user, textOf(get(request, 'operation')), kind, object]
    .filter((part) => part !== '')
    .join(' ');
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return isArray(value) ? value : [];
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
