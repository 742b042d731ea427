// One set of certificate files while the server runs: what is in force, until when, and whether what lies there is refused.
// Expired at start: it is served, and said, for a server that is not there tells nobody why. Expired later: not taken.
import type { Logger } from 'pino';
import { type Diagnostic, formatDiagnostic } from '../base/diagnostic.ts';
import { err, type Result } from '../base/result.ts';
import type { Report } from './report.ts';
import { type Phase, phaseAt, type Validity } from './validity.ts';
import { watch } from './watch.ts';

export type Certificate<T> = {
  /** null: the files could not be read since the server started. */
  current(): T | null;
  poll(): Promise<void>;
  state(): CertificateState;
};

export type CertificateState = {
  /** Milliseconds since the epoch; null when there is none. */
  readonly until: number | null;
  /** The files hold something that is not used. */
  readonly refused: boolean;
};

export type CertificateOptions<T> = {
  readonly name: 'certificate' | 'client CA';
  /** The certificate's own file first. */
  readonly paths: readonly [string, ...string[]];
  readonly load: () => Promise<Result<T, readonly Diagnostic[]>>;
  readonly validity: (value: T, now: number) => Validity;
  readonly report: Report;
  readonly log: Logger;
  /** The wall clock, in milliseconds since the epoch. */
  readonly now: () => number;
};

export async function watchCertificate<T>(options: CertificateOptions<T>): Promise<Certificate<T>> {
  const { paths, validity, report, now } = options;
  const due = dueTimes(now);
  let starting = true;
  let refused = false;
  const watched = await watch<T>({
    paths,
    beside: due.passed,
    async load() {
      const loaded = await options.load();
      if (!loaded.ok || starting) return loaded;
      const [{ from, until }, moment] = [validity(loaded.value, now()), now()];
      const phase = phaseAt({ from, until }, moment);
      if (phase === 'early') due.wait(from);
      if (phase === 'valid' || phase === 'ending') return loaded;
      return err([told(options, phase, { from, until })]);
    },
    report(result) {
      refused = !result.ok;
      report('tls', result);
    },
  });
  starting = false;
  const warn = warner(options);
  const ask = (): void => {
    const current = watched.current();
    if (current !== null) warn(validity(current, now()));
  };
  ask();
  return {
    current: () => watched.current(),
    async poll() {
      await watched.poll();
      ask();
    },
    state() {
      const current = watched.current();
      return { until: current === null ? null : validity(current, now()).until, refused };
    },
  };
}

/** Another text once a moment that was waited for has come: what was refused as not yet valid is read again. */
function dueTimes(now: () => number) {
  let due = Number.POSITIVE_INFINITY;
  let count = 0;
  return {
    wait(moment: number): void {
      due = moment;
    },
    passed(): string {
      if (now() >= due) {
        due = Number.POSITIVE_INFINITY;
        count += 1;
      }
      return String(count);
    },
  };
}

const day = 24 * 60 * 60 * 1000;

/** Warns when it comes to an end, and again every day. */
function warner<T>(options: CertificateOptions<T>): (validity: Validity) => void {
  let last: { readonly phase: Phase; readonly at: number; readonly until: number } | undefined;
  return (validity) => {
    const at = options.now();
    const phase = phaseAt(validity, at);
    const { until } = validity;
    if (last?.phase === phase && last.until === until && at - last.at < day) return;
    last = { phase, at, until };
    if (phase !== 'valid') {
      options.log.warn({ what: 'tls' }, formatDiagnostic(told(options, phase, validity)));
    }
  };
}

function told<T>(
  { name, paths: [file] }: CertificateOptions<T>,
  phase: Exclude<Phase, 'valid'>,
  { from, until }: Validity,
): Diagnostic {
  const texts = {
    early: `the ${name} is not valid before ${utc(from)}`,
    ending: `the ${name} expires at ${utc(until)}, and should have been renewed by now`,
    expired: `the ${name} expired at ${utc(until)}`,
  };
  const fix = phase === 'early' ? 'look at the clock of this machine' : 'renew it';
  return { code: 'tls-validity', message: texts[phase], file, line: 0, column: 0, fix };
}

function utc(moment: number): string {
  return new Date(moment).toISOString().replace('.000Z', 'Z');
}
