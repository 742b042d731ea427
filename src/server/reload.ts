// What is read again while the server runs, and how the operator hears of it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Diagnostic, formatDiagnostic } from '../base/diagnostic.ts';
import type { App } from './app.ts';
import type { Metrics } from './metrics.ts';
import { loadIdentity, type TlsFiles, tlsPaths } from './tls.ts';
import { type Loaded, watch } from './watch.ts';

export type Report = (what: string, result: Loaded, faults: readonly Diagnostic[]) => void;

export type Polled = { poll(): Promise<void> };

/** Every fault with its place, then one line that says what came of it. */
export function reporter(log: Logger, metrics: Metrics): Report {
  return (what, result, faults) => {
    metrics.reloaded(what, result);
    for (const fault of faults) log.error({ what }, formatDiagnostic(fault));
    if (result === 'loaded') log.info({ what }, `${what} loaded`);
    else log.error({ what }, `${what} refused; what was in force stays in force`);
  };
}

/** New certificate files are used for new connections, once they are whole and fit together. */
export async function watchIdentity(app: App, files: TlsFiles, report: Report): Promise<Polled> {
  const identity = await watch({
    paths: tlsPaths(files),
    load: () => loadIdentity(files),
    report: (result, faults) => report('tls', result, faults),
  });
  let used = identity.current();
  return {
    async poll() {
      await identity.poll();
      const current = identity.current();
      if (current === null || current === used) return;
      used = current;
      app.server.setSecureContext(current);
    },
  };
}

/** Looks at all of them, one after the other, every so many milliseconds, until it is stopped. */
export function poller(every: number, log: Logger, watched: readonly Polled[]): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  const look = async ({ poll }: Polled): Promise<void> => {
    try {
      await poll();
    } catch (error) {
      log.error({ err: error }, 'a fault of Sekisho itself while looking at files');
    }
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await sleep(every, undefined, { signal, ref: false }).catch(() => undefined);
      for (const one of signal.aborted ? [] : watched) await look(one);
    }
  };
  void run();
  return () => controller.abort();
}
