// What is read again while the server runs.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { App } from './app.ts';
import type { Report } from './report.ts';
import { loadIdentity, type TlsFiles, tlsPaths } from './tls.ts';
import { watch } from './watch.ts';

export type Polled = { poll(): Promise<void> };

/** New certificate files are used for new connections, once they are whole and fit together. */
export async function watchIdentity(app: App, files: TlsFiles, report: Report): Promise<Polled> {
  const identity = await watch({
    paths: tlsPaths(files),
    load: () => loadIdentity(files),
    report: (result) => report('tls', result),
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
