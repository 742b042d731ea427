// What is read again while the server runs.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { App } from './app.ts';
import { type CertificateState, watchCertificate } from './certificate.ts';
import { gauge } from './exposition.ts';
import type { Report } from './report.ts';
import { type Identity, identityOf, loadClientCa, loadPair, type TlsFiles } from './tls.ts';
import { bundleValidity, chainValidity } from './validity.ts';

export type Polled = { poll(): Promise<void> };

export type IdentityDeps = {
  /** What the server was started with. */
  readonly used: Identity;
  readonly report: Report;
  readonly log: Logger;
  /** RFC 3339: the wall clock. */
  readonly now: () => string;
};

export type Identities = Polled & {
  /** Lines of an exposition. */
  metrics(): string;
};

/** New files are used for new connections, once they are whole, fit together and are valid; open ones stay open.
 * The client CA apart from the pair: a broken one does not keep a renewed certificate waiting. */
export async function watchIdentity(
  app: App,
  files: TlsFiles,
  { used, report, log, now }: IdentityDeps,
): Promise<Identities> {
  const { tlsCert, tlsKey, clientCa } = files;
  const common = { report, log, now: () => Date.parse(now()) };
  const pair = await watchCertificate({
    ...common,
    name: 'certificate',
    paths: [tlsCert, tlsKey],
    load: () => loadPair(files),
    validity: ({ chain }) => chainValidity(chain),
  });
  const callers =
    clientCa === null
      ? null
      : await watchCertificate({
          ...common,
          name: 'client CA',
          paths: [clientCa],
          load: () => loadClientCa(clientCa),
          validity: ({ bundle }, moment) => bundleValidity(bundle, moment),
        });
  let inForce = used;
  const apply = (): void => {
    const [current, ca] = [pair.current(), callers?.current() ?? null];
    if (current === null || (callers !== null && ca === null)) return;
    const next = identityOf(current, ca);
    if (isSame(next, inForce)) return;
    app.server.setSecureContext(next);
    inForce = next;
  };
  apply();
  return {
    async poll() {
      await pair.poll();
      await callers?.poll();
      apply();
    },
    metrics: () => metricsOf({ server: pair.state(), 'client-ca': callers?.state() ?? null }),
  };
}

function isSame(a: Identity, b: Identity): boolean {
  return (
    String(a.cert) === String(b.cert) &&
    String(a.key) === String(b.key) &&
    String(a.ca) === String(b.ca)
  );
}

type States = Readonly<Record<'server' | 'client-ca', CertificateState | null>>;

function metricsOf(states: States): string {
  const rows = (value: (state: CertificateState) => number | null): [string, number][] =>
    Object.entries(states).flatMap(([name, state]): [string, number][] => {
      const found = state === null ? null : value(state);
      return found === null ? [] : [[name, found]];
    });
  return [
    ...byCertificate(
      'sekisho_certificate_expiry_timestamp_seconds',
      'When what is in force expires, in seconds since 1970.',
      rows(({ until }) => (until === null ? null : until / 1000)),
    ),
    ...byCertificate(
      'sekisho_certificate_files_refused',
      'Whether the files hold something that cannot be used, and an older one is in force.',
      rows(({ refused }) => (refused ? 1 : 0)),
    ),
    '',
  ].join('\n');
}

function byCertificate(name: string, help: string, rows: readonly [string, number][]): string[] {
  const lines = rows.map(([certificate, value]) => gauge(name, help, { certificate }, value));
  // What a metric is stands once before all of its values.
  return lines.flatMap((each, i) => (i === 0 ? each : each.slice(-1)));
}

/** Looks at each of them every so many milliseconds until it is stopped; none waits for another. */
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
  const run = async (one: Polled): Promise<void> => {
    while (!signal.aborted) {
      await sleep(every, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await look(one);
    }
  };
  for (const one of watched) void run(one);
  return () => controller.abort();
}
