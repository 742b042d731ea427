// Verification with the API server's audit log as a witness, both ways: what it saw must be in a ledger, and what a
// ledger holds it must have seen, as far as its policy records such requests.
import { messageOf } from '../../base/cause.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { RootKey } from '../format/keys.ts';
import {
  type Finding,
  found,
  type LedgerSummary,
  type Remark,
  recordsText,
  type Verification,
  type WitnessSummary,
} from './finding.ts';
import type { Watcher } from './scan.ts';
import { type VerifyOptions, verifyLedger } from './verify.ts';
import { type AuditEvent, readAuditLog } from './witness/audit-log.ts';
import { type Claims, createClaims } from './witness/claims.ts';
import { createUnclaimed, type Unclaimed } from './witness/unclaimed.ts';

export type WitnessOptions = Omit<VerifyOptions, 'watch'> & {
  readonly witnesses?: readonly string[];
};

export async function verifyWithWitness(
  paths: readonly string[],
  keys: readonly RootKey[],
  { witnesses = [], ...options }: WitnessOptions,
): Promise<Verification> {
  if (witnesses.length === 0) return verifyLedger(paths, keys, options);
  // The log first: what it names was recorded before, so that both may be read while they are written.
  const log = await readLog(witnesses);
  const reader = createReader(log);
  const verification = await verifyLedger(paths, keys, { ...options, watch: () => reader.watch });
  const faults = await readAgain(witnesses, reader.unclaimed);
  const { findings, untold } = reader.unclaimed.conclude();
  const { summary } = log;
  const claimed = claimFaults(log.claims, witnesses, verification);
  return {
    ...verification,
    findings: [...verification.findings, ...claimed, ...findings.slice(0, 1000)],
    more: verification.more + Math.max(0, findings.length - 1000),
    unread: [...verification.unread, ...log.unread, ...faults],
    witness: {
      ...summary,
      files: witnesses.length,
      events: log.claims.count(),
      from: timeText(log.from),
      to: timeText(log.to),
      matched: log.claims.matched(),
      witnessed: reader.count.witnessed,
      untold: reader.count.untold + untold,
    },
  };
}

type Log = {
  readonly claims: Claims;
  /** Ids of answers that say that they were not recorded: their records, if any, were withdrawn. */
  readonly withdrawn: Set<string>;
  from: number;
  to: number;
  readonly unread: Diagnostic[];
  readonly summary: {
    -readonly [Key in 'withoutRecord' | 'failedOpen' | 'unreadable']: WitnessSummary[Key];
  };
};

async function readLog(files: readonly string[]): Promise<Log> {
  const log: Log = {
    claims: createClaims(),
    withdrawn: new Set(),
    ...{ from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY, unread: [] },
    summary: { withoutRecord: 0, failedOpen: 0, unreadable: 0 },
  };
  log.unread.push(
    ...(await eachEvent(files, (event) => {
      if (event === null) log.summary.unreadable += 1;
      else note(event, log);
    })),
  );
  log.claims.sort();
  return log;
}

function note(event: AuditEvent, log: Log): void {
  if (Number.isFinite(event.staged)) {
    log.from = Math.min(log.from, event.staged);
    log.to = Math.max(log.to, event.staged);
  }
  log.summary.failedOpen += event.failedOpen;
  for (const { id, seq, head } of event.claims) {
    if (seq !== null) log.claims.add(seq, head, event.received, event);
    else {
      log.summary.withoutRecord += 1;
      log.withdrawn.add(id);
    }
  }
}

async function eachEvent(
  files: readonly string[],
  tell: (event: AuditEvent | null) => void,
): Promise<readonly Diagnostic[]> {
  const faults: Diagnostic[] = [];
  for (const [index, file] of files.entries()) {
    try {
      for await (const events of readAuditLog(file, index)) events.forEach(tell);
    } catch (cause) {
      const message = messageOf(cause);
      faults.push({ code: 'file-unreadable', message, file, line: 0, column: 0 });
    }
  }
  return faults;
}

/** An event is logged when its request ends, a minute after it came at most; clocks differ a little. */
const longestRequest = 60_000;
const skew = 5000;

function createReader(log: Log): {
  readonly watch: Watcher;
  readonly unclaimed: Unclaimed;
  readonly count: { witnessed: number; untold: number };
} {
  const unclaimed = createUnclaimed();
  const count = { witnessed: 0, untold: 0 };
  const watch: Watcher = ({ link, spot, record }) => {
    const { kind, seq, sum, id } = link;
    if (log.claims.match(seq, sum) || log.withdrawn.has(id)) {
      count.witnessed += 1;
      return;
    }
    const at = Date.parse(link.at);
    const isDuring = at >= log.from + skew && at <= log.to - longestRequest;
    if (kind !== 'decision' || !isDuring) return;
    if (!unclaimed.add(seq, at, spot, record())) count.untold += 1;
  };
  return { watch, unclaimed, count };
}

async function readAgain(
  files: readonly string[],
  unclaimed: Unclaimed,
): Promise<readonly Diagnostic[]> {
  if (unclaimed.isEmpty()) return [];
  return eachEvent(files, (event) => {
    if (event !== null) unclaimed.watch(event);
  });
}

/** One finding for each row of events without their records. */
function claimFaults(
  claims: Claims,
  files: readonly string[],
  verification: Verification,
): readonly Finding[] {
  const rows: { file: number; line: number; from: number; to: number; events: number }[] = [];
  for (const { seq, at, file, line, apart } of claims.unmatched()) {
    if (isExplained(seq, at, verification)) continue;
    const row = rows.at(-1);
    if (row === undefined || apart) rows.push({ file, line, from: seq, to: seq, events: 1 });
    else {
      row.to = seq;
      row.events += 1;
    }
  }
  return rows.slice(0, 1000).map(({ file, line, from, to, events }) => {
    const place = { file: files[file] ?? '', line };
    const isThere = verification.ledgers.length === 1 && isWithin(from, verification.ledgers[0]);
    const what = events === 1 ? 'an event names' : `${events} events name`;
    const records = recordsText(from, to);
    return isThere
      ? found(
          'altered',
          place,
          [from, to],
          `${what} ${records} with another sum than the ledger has`,
        )
      : found('unrecorded', place, [from, to], `${what} ${records}, and no ledger has it so`);
  });
}

/** What was removed by retention, was not given, or is found already, is not told again. */
function isExplained(seq: number, at: number, verification: Verification): boolean {
  const { findings, remarks, ledgers } = verification;
  const among = ledgers.some((ledger) => wasRemoved(seq, at, ledger, remarks));
  const partial = remarks.some(({ kind }) => kind === 'partial');
  const known = findings.some(
    ({ kind, seq: from, to }) =>
      kind !== 'unsigned' && from !== null && from <= seq && seq <= (to ?? from),
  );
  return among || known || (partial && !ledgers.some((ledger) => isWithin(seq, ledger)));
}

/** Threat: an event does not say which ledger it means, and the retention of one must not hide what another lost. What
 * retention removed is older than what is there. */
function wasRemoved(
  seq: number,
  at: number,
  { path, first }: LedgerSummary,
  remarks: readonly Remark[],
): boolean {
  if (first === null || at > Date.parse(first.at) + skew) return false;
  return remarks.some(
    ({ kind, file, seq: from, to }) =>
      kind === 'retention' &&
      file.startsWith(path) &&
      from !== null &&
      from <= seq &&
      seq <= (to ?? from),
  );
}

function isWithin(seq: number, ledger: LedgerSummary | undefined): boolean {
  if (ledger === undefined || ledger.first === null || ledger.last === null) return false;
  return seq >= ledger.first.seq && seq <= ledger.last.seq;
}

function timeText(at: number): string | null {
  return Number.isFinite(at) ? new Date(at).toISOString() : null;
}
