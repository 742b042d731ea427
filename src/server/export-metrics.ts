// Exporters in the Prometheus text format. Labels are names of the settings and closed sets.
import { type FaultCause, faultCauses } from '../ledger/export/sink.ts';
import type { ExportState } from '../ledger/export/state.ts';

export type NamedExport = {
  readonly name: string;
  readonly kind: string;
  readonly state: ExportState;
};

type Row = {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly value: (state: ExportState) => number;
};

const rows: readonly Row[] = [
  {
    name: 'sekisho_export_records_total',
    type: 'counter',
    help: 'Records that the sink has confirmed.',
    value: ({ sentRecords }) => sentRecords,
  },
  {
    name: 'sekisho_export_bytes_total',
    type: 'counter',
    help: 'Their bytes, as they are in the ledger.',
    value: ({ sentBytes }) => sentBytes,
  },
  {
    name: 'sekisho_export_batches_total',
    type: 'counter',
    help: 'Batches that the sink has confirmed.',
    value: ({ sentBatches }) => sentBatches,
  },
  {
    name: 'sekisho_export_lag_records',
    type: 'gauge',
    help: 'Durable records that the sink has not confirmed.',
    value: ({ lagRecords }) => lagRecords,
  },
  {
    name: 'sekisho_export_lag_seconds',
    type: 'gauge',
    help: 'Age of the oldest of them.',
    value: ({ lagSeconds }) => lagSeconds,
  },
  {
    name: 'sekisho_export_halted',
    type: 'gauge',
    help: 'Whether somebody must act before records go out again.',
    value: ({ halted }) => (halted ? 1 : 0),
  },
  {
    name: 'sekisho_export_last_error_timestamp_seconds',
    type: 'gauge',
    help: 'When something failed last; 0: nothing has.',
    value: ({ lastError }) => (lastError === null ? 0 : Math.round(lastError.at / 1000)),
  },
  {
    name: 'sekisho_export_unfit_cursors_total',
    type: 'counter',
    help: 'Cursors that did not fit the ledger: everything went out again.',
    value: ({ unfitCursors }) => unfitCursors,
  },
  {
    name: 'sekisho_export_missing_records_total',
    type: 'counter',
    help: 'Records that were not in the ledger any more.',
    value: ({ missing }) => missing,
  },
  {
    name: 'sekisho_export_damaged_lines_total',
    type: 'counter',
    help: 'Lines of the ledger that are no records.',
    value: ({ damaged }) => damaged,
  },
  {
    name: 'sekisho_export_held_bytes',
    type: 'gauge',
    help: 'Bytes of the batch in memory.',
    value: ({ heldBytes }) => heldBytes,
  },
];

export function exportMetrics(exporters: readonly NamedExport[]): string {
  if (exporters.length === 0) return '';
  const each = rows.flatMap(({ name, type, help, value }) => [
    ...head(name, type, help),
    ...exporters.map((one) => `${name}{${labels(one)}} ${value(one.state)}`),
  ]);
  return [...each, ...failures(exporters), ''].join('\n');
}

function failures(exporters: readonly NamedExport[]): readonly string[] {
  const name = 'sekisho_export_failures_total';
  const line = (one: NamedExport, cause: FaultCause): string =>
    `${name}{${labels(one)},cause="${cause}"} ${one.state.failures.get(cause) ?? 0}`;
  return [
    ...head(name, 'counter', 'What failed, by cause; what failed is tried again.'),
    ...exporters.flatMap((one) => faultCauses.map((cause) => line(one, cause))),
  ];
}

function head(name: string, type: string, help: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function labels({ name, kind }: NamedExport): string {
  return `sink="${name}",kind="${kind}"`;
}
