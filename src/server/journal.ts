// Records about the gate itself: that it started and by which law, every change of the law that was tried, what is
// redacted, and callers that never got to ask: of these one a minute, so that nobody fills the disk with them.
import type { Logger } from 'pino';
import { messageOf } from '../base/cause.ts';
import { type Diagnostic, formatDiagnostic } from '../base/diagnostic.ts';
import type { JsonValue } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import { cut, printable } from '../base/text.ts';
import type { LedgerEntry } from '../ledger/entry.ts';
import type { PolicySet } from '../policy/model.ts';
import { redactionRules } from '../redact/rules.ts';
import type { LedgerMetrics } from './ledger-metrics.ts';
import type { RecordSink } from './records.ts';

/** A policy set and where it came from. */
export type Sourced = { readonly policySet: PolicySet; readonly revision: string | null };

export type Journal = {
  /** `inForce`: null while no policy set could be loaded. */
  started(inForce: Sourced | null, settings: Readonly<Record<string, JsonValue>>): void;
  /** `inForce`: after the attempt. */
  reloaded(
    outcome: Result<unknown, readonly Diagnostic[]>,
    inForce: Sourced | null,
    warnings: readonly Diagnostic[],
  ): void;
  refused(cause: string, address: string): void;
  /** Records what was counted so far. */
  flush(): void;
};

export type JournalOptions = {
  readonly records: Pick<RecordSink, 'append'>;
  readonly log: Logger;
  readonly metrics: LedgerMetrics;
  readonly engine: string;
  readonly node: string;
  /** Whether digests of what is redacted are kept. */
  readonly keyed: boolean;
  readonly now: () => string;
  readonly newId: () => string;
  /** Milliseconds for which refused callers are counted together. */
  readonly every: number;
};

const mostFaults = 50;
const longestFault = 500;

export function createJournal(options: JournalOptions): Journal {
  const { log, metrics, engine, node, keyed, now, newId, every } = options;
  let before: string | null = null;
  let callers: Callers | undefined;
  let timer: NodeJS.Timeout | undefined;

  const append = (entry: LedgerEntry): void => {
    const lost = (cause: string): void => {
      log.error({ kind: entry.kind, cause }, 'a record was not kept');
    };
    void options.records
      .append(entry)
      .then((result) => (result.ok ? undefined : lost(result.error.message)))
      .catch((error: unknown) => lost(messageOf(error)));
  };
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (callers === undefined) return;
    append({ kind: 'refused', id: newId(), ...callers });
    callers = undefined;
  };

  return {
    started(inForce, settings) {
      const law = lawOf(inForce);
      before = law.policySet;
      const mode = inForce?.policySet.settings.mode ?? null;
      append({ kind: 'start', id: newId(), engine, node, ...law, mode, settings });
      append({ kind: 'redaction', id: newId(), ...redactionRules(), keyed });
    },
    reloaded(outcome, inForce, warnings) {
      const law = lawOf(inForce);
      append({
        kind: 'reload',
        id: newId(),
        outcome: outcome.ok ? 'accepted' : 'refused',
        ...law,
        from: before,
        warnings: textsOf(warnings),
        faults: outcome.ok ? [] : textsOf(outcome.error),
      });
      before = law.policySet;
    },
    refused(cause, address) {
      metrics.refusedCaller();
      const at = now();
      const sample = { cause: cut(printable(cause), longestFault), address };
      callers ??= { count: 0, from: at, to: at, sample };
      callers = { ...callers, count: callers.count + 1, to: at };
      timer ??= setTimeout(flush, every).unref();
    },
    flush,
  };
}

type Callers = {
  readonly count: number;
  readonly from: string;
  readonly to: string;
  readonly sample: { readonly cause: string; readonly address: string };
};

function lawOf(inForce: Sourced | null): {
  readonly policySet: string | null;
  readonly revision: string | null;
  readonly policies: string | null;
} {
  if (inForce === null) return { policySet: null, revision: null, policies: null };
  const { hash, text } = inForce.policySet;
  return { policySet: hash, revision: inForce.revision, policies: text };
}

function textsOf(diagnostics: readonly Diagnostic[]): readonly string[] {
  const first = ({ excerpt: _, ...rest }: Diagnostic): string =>
    cut(formatDiagnostic(rest), longestFault);
  return diagnostics.slice(0, mostFaults).map(first);
}
