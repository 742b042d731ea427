// The server whole: settings in, a running server out, or every fault that kept it from starting.
// Broken policies do not keep it from starting: it is not ready, refuses every review, and loads them when they change.
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Diagnostic } from '../base/diagnostic.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { LiveOptions } from '../cluster/live/live.ts';
import { apiServersOfPod, proxiesWanted } from '../config/environment.ts';
import { readRegistries } from '../config/registries.ts';
import { type Address, formatAddress, type Settings } from '../config/settings.ts';
import { admit } from '../engine/admit.ts';
import type { RegistrySettings } from '../images/registry/settings.ts';
import type { Disk } from '../ledger/store/disk.ts';
import type { AnswerDeps } from './answer.ts';
import { type App, createApp } from './app.ts';
import { createCapacity } from './capacity.ts';
import { openCluster, type RunningCluster } from './cluster.ts';
import { decisionIds } from './decision-id.ts';
import { type Images, openImages } from './images.ts';
import { createJournal, type Journal } from './journal.ts';
import { type Law, type LawWatch, watchLaw } from './law.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { limits as defaultLimits, type Limits } from './limits.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { type OpenedRecords, openRecords } from './open-records.ts';
import type { RecordSink } from './records.ts';
import { poller, watchIdentity } from './reload.ts';
import { type Report, reporter } from './report.ts';
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
  /** What the ledger writes to. */
  readonly disk: Disk;
  /** Milliseconds for which refused callers are counted together. */
  readonly refusedEvery: number;
  readonly limits: Limits;
  readonly sleep: (ms: number) => Promise<void>;
  readonly now: () => string;
  readonly newId: () => string;
  /** Milliseconds between looks at the files. */
  readonly pollEvery: number;
  readonly cluster: LiveOptions;
};

/** Starts listening; faults when a certificate, the ledger or an address cannot be used. */
export async function startServer(
  settings: Settings,
  deps: ServerDeps,
): Promise<Result<RunningServer, readonly Diagnostic[]>> {
  const identity = await loadIdentity(settings);
  if (!identity.ok) return identity;
  const registries = await readRegistries(settings, proxiesWanted(), apiServersOfPod());
  if (!registries.ok) return registries;
  const now = deps.replace?.now ?? (() => new Date().toISOString());
  const newId = deps.replace?.newId ?? decisionIds();
  const metrics = createMetrics();
  const forRecords = { ...deps, now, newId, disk: deps.replace?.disk, metrics: metrics.ledger };
  const opened = await openRecords(settings, forRecords);
  if (!opened.ok) return opened;
  const records = opened.value;

  const given = {
    identity: identity.value,
    registries: registries.value,
    opened: records,
    metrics,
    now,
    newId,
  };
  const parts = await assemble(settings, deps, given);
  const { app, health, lifecycle, limits, stopWatching, journal, images } = parts;
  const address = await listen(app, settings.listen);
  const metricsAddress = address.ok ? await listen(health, settings.metrics) : address;
  const closeAll = async (reason: string): Promise<void> => {
    await close(app, limits.lastAnswers);
    stopWatching();
    await health.close();
    await images.close();
    journal?.flush();
    await records.close(reason);
  };
  if (!address.ok || !metricsAddress.ok) {
    await closeAll('it could not listen');
    return err(address.ok ? faultsOf(metricsAddress) : address.error);
  }
  return ok({
    address: address.value,
    metricsAddress: metricsAddress.value,
    stop: once(async () => {
      await lifecycle.drain();
      await closeAll('stopped');
    }),
  });
}

type Parts = {
  readonly app: App;
  readonly health: FastifyInstance;
  readonly lifecycle: Lifecycle;
  readonly limits: Limits;
  readonly stopWatching: () => void;
  readonly journal: Journal | null;
  readonly images: Images;
};

type Opened = {
  readonly identity: Identity;
  readonly registries: RegistrySettings;
  readonly opened: OpenedRecords;
  readonly metrics: Metrics;
  readonly now: () => string;
  readonly newId: () => string;
};

async function assemble(
  settings: Settings,
  { log, engineVersion, replace = {} }: ServerDeps,
  { identity, registries, opened, metrics, now, newId }: Opened,
): Promise<Parts> {
  const { limits = defaultLimits, pollEvery = 1_000 } = replace;
  const { ledger } = opened;
  const records: RecordSink | null = replace.records ?? ledger;
  const journal =
    ledger === null
      ? null
      : createJournal({
          records: ledger,
          log,
          metrics: metrics.ledger,
          engine: engineVersion,
          node: process.version,
          keyed: settings.records.digestKey !== null,
          now,
          newId,
          every: replace.refusedEvery ?? 60_000,
        });
  const told = reporter(log, metrics);
  let law: LawWatch | undefined;
  const report: Report = (what, result, warnings = []) => {
    told(what, result, warnings);
    if (what === 'policies') warmImages();
    // The first attempt is told by the start record.
    if (what === 'policies' && law !== undefined) {
      journal?.reloaded(result, law.policies(), warnings);
    }
  };
  const cluster = openCluster(settings, { log, live: replace.cluster ?? {} });
  const images = openImages({
    registries,
    pullObjects: settings.pullSecrets ? (cluster?.pullObjects ?? null) : null,
    policies: () => law?.policies()?.policySet.imagePolicies ?? [],
    now,
  });
  const warmImages = (): void =>
    void images
      .warm()
      .catch((error: unknown) => log.error({ err: error }, 'images cannot be verified'));
  law = await watchLaw({ ...settings, cluster, images: images.port, report, now });
  warmImages();
  journal?.started(law.policies(), recordedSettings(settings));
  const lifecycle = createLifecycle({
    grace: settings.drainSeconds * 1000,
    lastCall: 2_000,
    sleep: replace.sleep ?? ((ms) => sleep(ms)),
  });
  const readiness = (): Readiness => readinessOf(law.current(), lifecycle, records, cluster);
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
    newId,
    onFailure: settings.records.onFailure,
    admit: replace.admit ?? admit,
  };
  const refusedCaller = (cause: string, address: string): void => journal?.refused(cause, address);
  const app = createApp(
    tlsOptions(identity, settings),
    { ...answerDeps, refusedCaller },
    lifecycle,
  );
  validateRoutes(app, answerDeps);
  readyRoute(app, readiness);
  const identities = await watchIdentity(app, settings, { used: identity, report, log, now });
  const exposition = (): string => {
    const policySet = law.current()?.policySet;
    const text = metrics.text({
      ready: readiness().ready,
      policySet: policySet?.hash ?? null,
      auditOnly: policySet?.settings.mode === 'AuditOnly',
      deciding: answerDeps.deciding.state(),
      bodies: answerDeps.bodies.state(),
      ledger: ledger?.state() ?? null,
    });
    return [
      text,
      images.metrics(),
      identities.metrics(),
      cluster?.metrics() ?? '',
      opened.exportMetrics(),
    ].join('');
  };
  const health = createHealthApp({ readiness, metrics: exposition, limits });
  const watched = [...(cluster === null ? [] : [cluster]), law, identities];
  const stopPolling = poller(pollEvery, log, watched);
  const stopWatching = (): void => {
    stopPolling();
    cluster?.stop();
  };
  return { app, health, lifecycle, limits, stopWatching, journal, images };
}

function readinessOf(
  law: Law | null,
  lifecycle: Lifecycle,
  records: RecordSink | null,
  cluster: RunningCluster | null,
): Readiness {
  if (lifecycle.phase() !== 'serving') return { ready: false, reason: 'stopping' };
  if (law === null) return { ready: false, reason: 'no policy set is loaded' };
  if (records?.available?.() === false) return { ready: false, reason: 'audit log unavailable' };
  const reason = cluster?.notReady() ?? null;
  return reason === null ? { ready: true, reason: '' } : { ready: false, reason };
}

/** What a start record says of the settings: addresses, bounds, and where files are; never what is in them. */
function recordedSettings({ listen, metrics, exporters, ...rest }: Settings) {
  return {
    ...rest,
    listen: formatAddress(listen),
    metrics: formatAddress(metrics),
    exporters: exporters.map(({ name, kind }) => `${kind} ${name}`),
  } as const;
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
