// The exporters of a server: begun with it, seen in its metrics and log, and ended within a bound.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Exporter, type ExportNews, runExporter } from '../ledger/export/exporter.ts';
import type { ExportedLedger, Timing } from '../ledger/export/gather.ts';
import { openSink, type SinkPorts } from '../ledger/export/open-sink.ts';
import type { ExporterSettings } from '../ledger/export/settings.ts';
import { exportMetrics } from './export-metrics.ts';
import { standardOutput } from './standard-output.ts';

export type RunningExporters = {
  /** The exposition; "" when there are none. */
  metrics(): string;
  /** The oldest seq that must stay in the ledger; Infinity: none must. */
  oldestNeeded(): number;
  stop(): Promise<void>;
};

export type ExportersOptions = {
  readonly outlet: SinkPorts['outlet'];
  /** Milliseconds. What has not gone out by then goes out after the next start. */
  readonly stopWithin: number;
};
const defaults: ExportersOptions = { outlet: standardOutput, stopWithin: 5_000 };

const timing: Timing = {
  now: Date.now,
  random: Math.random,
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
};

export function startExporters(
  settings: readonly ExporterSettings[],
  ledger: ExportedLedger,
  log: Logger,
  options: Partial<ExportersOptions> = {},
): RunningExporters {
  const { outlet, stopWithin } = { ...defaults, ...options };
  const running = settings.map((each) => ({
    name: each.name,
    kind: each.kind,
    exporter: start(each, ledger, log, outlet),
  }));
  return {
    metrics: () =>
      exportMetrics(
        running.map(({ exporter, ...named }) => ({ ...named, state: exporter.state() })),
      ),
    oldestNeeded: () => Math.min(...running.map(({ exporter }) => exporter.oldestNeeded())),
    async stop() {
      await Promise.all(running.map(({ exporter }) => exporter.stop(stopWithin)));
    },
  };
}

function start(
  settings: ExporterSettings,
  ledger: ExportedLedger,
  log: Logger,
  outlet: SinkPorts['outlet'],
): Exporter {
  const { name, batch, kind } = settings;
  return runExporter({
    ledger,
    name,
    batch,
    sink: openSink(settings, { ...timing, outlet }),
    // Nobody wants to be told today what was denied last month.
    from: kind === 'Slack' ? 'newest' : 'oldest',
    tell: (news) => tell(log.child({ exporter: name }), news),
    timing,
  });
}

function tell(log: Logger, news: ExportNews): void {
  switch (news.kind) {
    case 'cursor-unfit':
      log.error({ cause: news.why }, 'the cursor does not fit the ledger: all goes out again');
      return;
    case 'oddity':
      log.error(news.oddity, 'records of the ledger cannot be exported: verify it');
      return;
    case 'recovered':
      log.info('records go out again');
      return;
    case 'failed': {
      const { fault, retryInMs } = news;
      const what = { cause: fault.cause, error: fault.message, retryInMs };
      if (fault.kind === 'halt') log.error(what, 'the exporter is halted: somebody must act');
      else log.warn(what, 'records cannot be exported; they are kept');
    }
  }
}
