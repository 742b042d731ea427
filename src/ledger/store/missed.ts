// What it costs that an entry has no record.
import type { LedgerEntry } from '../entry.ts';

/** An answer that is a denial, one that is an allowance, or none, and the record waits. */
export type Missed = 'denied' | 'allowed' | 'waits';

/** How the caller answers when there is no record; what is no answer waits for the ledger to come back. */
export function missedWith(entry: LedgerEntry, onFailure: 'deny' | 'allow'): Missed {
  if (entry.kind === 'unreadable') return entry.mode === 'AuditOnly' ? 'allowed' : 'denied';
  if (entry.kind !== 'decision') return 'waits';
  const { mode, allowed } = entry.decision;
  return mode === 'AuditOnly' || (allowed && onFailure === 'allow') ? 'allowed' : 'denied';
}
