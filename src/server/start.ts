// The server whole: settings in, a running server out, or every fault that kept it from starting.
// Broken policies do not keep it from starting: it is not ready, refuses every review, and loads them when they change.
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { Diagnostic } from '../base/diagnostic.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Address, Settings } from '../config/settings.ts';
import { admit } from '../engine/admit.ts';
import { openLedger } from '../ledger/ledger.ts';
import type { AnswerDeps } from './answer.ts';
import { type App, createApp } from './app.ts';
import { createCapacity } from './capacity.ts';
import { type Law, watchLaw } from './law.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { limits as defaultLimits, type Limits } from './limits.ts';
import { createMetrics } from './metrics.ts';
import type { RecordSink } from './records.ts';
import { poller, watchIdentity } from './reload.ts';
import { reporter } from './report.ts';
import { createHealthApp, type Readiness, readyRoute } from './routes/health.ts';
import { validateRoutes } from './routes/validate.ts';
import { close, listen } from './sockets.ts';
import { type Identity, loadIdentity, tlsOptions } from './tls.ts';

export type RunningServer = {
  readonly address: Address;
  readonly metricsAddress: Address;
  /** Drains, then closes everything; resolves when the last answer has left. */
  stop(): Promise<void>;
};

export type ServerDeps = {
  readonly log: Logger;
  /** Goes into every record. */
  readonly engineVersion: string;
  /** What tests replace; all have their real defaults. */
  readonly replace?: Partial<Replaceable>;
};

export type Replaceable = {
  readonly admit: typeof admit;
  readonly records: RecordSink;
  readonly limits: Limits;
  readonly sleep: (ms: number) => Promise<void>;
  readonly now: () => string;
  readonly newId: () => string;
  /** Milliseconds between looks at the files. */
  readonly pollEvery: number;
};

/** Starts listening; faults when a certificate, the ledger or an address cannot be used. */
export async function startServer(
  settings: Settings,
  deps: ServerDeps,
): Promise<Result<RunningServer, readonly Diagnostic[]>> {
  const identity = await loadIdentity(settings);
  if (!identity.ok) return identity;
  const ledger = await openRecords(settings, deps.replace?.records);
  if (!ledger.ok) return ledger;

  const parts = await assemble(settings, deps, ledger.value.sink, identity.value);
  const { app, health, lifecycle, limits, stopPolling } = parts;
  const address = await listen(app, settings.listen);
  const metricsAddress = address.ok ? await listen(health, settings.metrics) : address;
  const closeAll = async (): Promise<void> => {
    await close(app, limits.lastAnswers);
    stopPolling();
    await health.close();
    await ledger.value.close();
  };
  if (!address.ok || !metricsAddress.ok) {
    await closeAll();
    return err(address.ok ? faultsOf(metricsAddress) : address.error);
  }
  return ok({
    address: address.value,
    metricsAddress: metricsAddress.value,
    stop: once(async () => {
      await lifecycle.drain();
      await closeAll();
    }),
  });
}

type Parts = {
  readonly app: App;
  readonly health: FastifyInstance;
  readonly lifecycle: Lifecycle;
  readonly limits: Limits;
  readonly stopPolling: () => void;
};

async function assemble(
  settings: Settings,
  { log, engineVersion, replace = {} }: ServerDeps,
  records: RecordSink | null,
  identity: Identity,
): Promise<Parts> {
  const metrics = createMetrics();
  const report = reporter(log, metrics);
  const { limits = defaultLimits, pollEvery = 1_000 } = replace;
  const now = replace.now ?? (() => new Date().toISOString());
  const law = await watchLaw({ ...settings, report, now });
  const lifecycle = createLifecycle({
    grace: settings.drainSeconds * 1000,
    lastCall: 2_000,
    sleep: replace.sleep ?? ((ms) => sleep(ms)),
  });
  const readiness = (): Readiness => readinessOf(law.current(), lifecycle, records);
  const answerDeps: AnswerDeps = {
    law: law.current,
    records,
    log,
    metrics,
    limits,
    deciding: createCapacity({ room: limits.atOnce, waiting: limits.waiting }),
    bodies: createCapacity({ room: limits.bodiesAtOnce, waiting: limits.connections }),
    engineVersion,
    now,
    newId: replace.newId ?? uuidv7,
    admit: replace.admit ?? admit,
  };
  const app = createApp(tlsOptions(identity, settings), answerDeps, lifecycle);
  validateRoutes(app, answerDeps);
  readyRoute(app, readiness);
  const text = (): string => {
    const policySet = law.current()?.policySet;
    return metrics.text({
      ready: readiness().ready,
      policySet: policySet?.hash ?? null,
      auditOnly: policySet?.settings.mode === 'AuditOnly',
      deciding: answerDeps.deciding.state(),
      bodies: answerDeps.bodies.state(),
    });
  };
  const health = createHealthApp({ readiness, metrics: text, limits });
  const watched = [law, await watchIdentity(app, settings, report)];
  return { app, health, lifecycle, limits, stopPolling: poller(pollEvery, log, watched) };
}

function readinessOf(law: Law | null, lifecycle: Lifecycle, records: RecordSink | null): Readiness {
  if (lifecycle.phase() !== 'serving') return { ready: false, reason: 'stopping' };
  if (law === null) return { ready: false, reason: 'no policy set is loaded' };
  if (records?.available?.() === false) return { ready: false, reason: 'audit log unavailable' };
  return { ready: true, reason: '' };
}

type OpenedRecords = { readonly sink: RecordSink | null; readonly close: () => Promise<void> };

async function openRecords(
  { ledger: folder }: Settings,
  replacement: RecordSink | undefined,
): Promise<Result<OpenedRecords, readonly Diagnostic[]>> {
  if (replacement !== undefined) return ok({ sink: replacement, close: async () => {} });
  if (folder === null) return ok({ sink: null, close: async () => {} });
  const opened = await openLedger(folder);
  if (!opened.ok) return err([opened.error]);
  const ledger = opened.value;
  return ok({ sink: ledger, close: () => ledger.close() });
}

function faultsOf(result: Result<unknown, readonly Diagnostic[]>): readonly Diagnostic[] {
  return result.ok ? [] : result.error;
}

/** Runs `act` once, however often it is called. */
function once(act: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= act();
    return running;
  };
}
