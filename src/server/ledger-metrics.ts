// What operators watch of the ledger: how long its disk takes, how much is written, and whether anything is missing.
import type { LedgerEvent } from '../ledger/store/events.ts';
import type { LedgerState } from '../ledger/store/options.ts';
import { counter, gauge, histogram } from './exposition.ts';

export type LedgerMetrics = {
  told(event: LedgerEvent): void;
  /** From handing over a record to its being durable. */
  appended(seconds: number): void;
  refusedCaller(): void;
  lines(state: LedgerState): readonly string[];
};

const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createLedgerMetrics(): LedgerMetrics {
  const syncs = histogram('sekisho_ledger_sync_seconds', 'One write and fdatasync.', bounds);
  const appends = histogram(
    'sekisho_ledger_append_seconds',
    'From a record to its being durable.',
    bounds,
  );
  const records = counter('sekisho_ledger_records_total', 'Records that were written.');
  const bytes = counter('sekisho_ledger_bytes_total', 'Bytes of records, uncompressed.');
  const faults = counter('sekisho_ledger_faults_total', 'Writes or syncs that failed.');
  const troubles = counter('sekisho_ledger_troubles_total', 'Upkeep that failed and is retried.');
  const callers = counter('sekisho_refused_callers_total', 'Callers that never got to ask.');
  for (const each of [records, bytes, faults, troubles, callers]) each.add({}, 0);
  return {
    told(event) {
      if (event.kind === 'synced') {
        syncs.observe(event.ms / 1000);
        records.add({}, event.records);
        bytes.add({}, event.bytes);
      } else if (event.kind === 'fault') faults.add({}, 1);
      else if (event.kind === 'trouble') troubles.add({}, 1);
    },
    appended: (seconds) => appends.observe(seconds),
    refusedCaller: () => callers.add({}, 1),
    lines: (state) => [
      ...[syncs, appends, records, bytes, faults, troubles, callers].flatMap((m) => m.lines()),
      ...gauges(state),
    ],
  };
}

function gauges({
  available,
  seq,
  segment,
  heldBytes,
  gaps,
  missed,
}: LedgerState): readonly string[] {
  const missing = counter(
    'sekisho_ledger_missed_total',
    'Decisions without a record, by their answer.',
  );
  for (const answer of ['denied', 'allowed'] as const) missing.add({ answer }, missed[answer]);
  const outages = counter('sekisho_ledger_gaps_total', 'Times in which nothing could be recorded.');
  outages.add({}, gaps);
  return [
    ...gauge('sekisho_ledger_available', 'Whether records are kept.', {}, available ? 1 : 0),
    ...gauge('sekisho_ledger_seq', 'The last durable record.', {}, seq),
    ...gauge('sekisho_ledger_segment_bytes', 'Of the open segment.', {}, segment?.bytes ?? 0),
    ...gauge('sekisho_ledger_held_bytes', 'Records that are not durable yet.', {}, heldBytes),
    ...outages.lines(),
    ...missing.lines(),
  ];
}
