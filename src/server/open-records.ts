// The ledger as the settings want it, what it tells in the log and the metrics, and the exporters that read it.
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Diagnostic } from '../base/diagnostic.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Settings } from '../config/settings.ts';
import type { Disk } from '../ledger/store/disk.ts';
import type { LedgerEvent } from '../ledger/store/events.ts';
import { openLedger } from '../ledger/store/ledger.ts';
import type { ServedLedger } from '../ledger/store/options.ts';
import { createDigester } from '../redact/digest.ts';
import { loadDigestKey } from './digest-key.ts';
import { type RunningExporters, startExporters } from './exporters.ts';
import type { LedgerMetrics } from './ledger-metrics.ts';
import { openLedgerThread } from './ledger-thread/thread.ts';

export type OpenRecords = {
  readonly log: Logger;
  readonly metrics: LedgerMetrics;
  readonly engineVersion: string;
  readonly now: () => string;
  readonly newId: () => string;
  /** In place of the real one; the ledger is then kept in this thread. */
  readonly disk: Disk | undefined;
};

export type OpenedRecords = {
  /** null: the settings want no records. */
  readonly ledger: ServedLedger | null;
  /** What exporters tell; "" when there are none. */
  exportMetrics(): string;
  /** The last records go out too, if they can. */
  close(reason?: string): Promise<void>;
};

export async function openRecords(
  settings: Settings,
  options: OpenRecords,
): Promise<Result<OpenedRecords, readonly Diagnostic[]>> {
  const { ledger: folder, exporters: wanted } = settings;
  if (folder === null) {
    return ok({ ledger: null, exportMetrics: () => '', close: async () => {} });
  }
  let exporters: RunningExporters | undefined;
  // Until they have said how far they are, nothing may be removed.
  const before = wanted.length === 0 ? Number.POSITIVE_INFINITY : 0;
  const opened = await open(settings, folder, options, () => exporters?.oldestNeeded() ?? before);
  if (!opened.ok) return opened;
  const ledger = opened.value;
  exporters = startExporters(wanted, ledger, options.log);
  return ok({
    ledger,
    exportMetrics: exporters.metrics,
    async close(reason) {
      await ledger.close(reason);
      await exporters.stop();
    },
  });
}

/** `oldestNeeded`: the lowest sequence number that an exporter has not sent. */
async function open(
  { records }: Settings,
  folder: string,
  { log, metrics, engineVersion, now, newId, disk }: OpenRecords,
  oldestNeeded: () => number,
): Promise<Result<ServedLedger, readonly Diagnostic[]>> {
  const { digestKey: keyFile, retainAge, retainSize } = records;
  const key = keyFile === null ? ok(null) : await loadDigestKey(keyFile, folder);
  if (!key.ok) return err([key.error]);
  const digestKey = key.value;
  const about = {
    folder,
    replica: records.replica ?? hostname(),
    cluster: records.cluster,
    engine: engineVersion,
    rotate: { bytes: records.rotateSize, ms: records.rotateAge },
    retain: retainAge === null && retainSize === null ? null : { ms: retainAge, bytes: retainSize },
    checkpointEvery: records.checkpointEvery,
    onFailure: records.onFailure,
  };
  const tell = (event: LedgerEvent): void => {
    metrics.told(event);
    logged(log, event);
  };
  const ports = { now, newId, oldestNeeded, tell };
  const opened =
    disk === undefined
      ? await openLedgerThread({ opening: { ...about, digestKey }, ...ports })
      : await openLedger({ ...about, ...ports, ...here(digestKey), disk });
  return opened.ok ? opened : err([opened.error]);
}

/** What a thread of its own makes for itself. */
function here(digestKey: Uint8Array | null) {
  const digest = digestKey === null ? null : createDigester(digestKey);
  return { digest, monotonic: () => performance.now() };
}

function logged(log: Logger, event: LedgerEvent): void {
  switch (event.kind) {
    case 'synced':
      return;
    case 'fault':
      log.error({ cause: event.cause }, 'audit log unavailable');
      return;
    case 'segment':
      log.info({ file: event.name, why: event.why }, 'records go to a new file');
      return;
    case 'compressed':
      log.debug({ file: event.name }, 'a file of records was compressed');
      return;
    case 'removed':
      log.info({ files: event.names }, 'old records were removed');
      return;
    case 'trouble':
      log.warn({ what: event.what, cause: event.cause }, 'upkeep of the records failed');
  }
}
