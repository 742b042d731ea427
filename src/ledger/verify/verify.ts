// Proves ledgers to who trusts nobody but the pinned public keys: streaming, in bounded memory, each fault named once.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { quote } from '../../base/text.ts';
import type { RootKey } from '../format/keys.ts';
import { readKept } from './expected.ts';
import {
  type Finding,
  found,
  type LedgerSummary,
  type Remark,
  type Verification,
} from './finding.ts';
import { verifyOne } from './ledger.ts';
import type { Watcher } from './scan.ts';
import { type Beside, findSources } from './sources.ts';

export type VerifyOptions = {
  /** Files that hold one signed note each. */
  readonly checkpoints?: readonly Beside[];
  /** Uncompressed bytes, as they are read. */
  readonly progress?: (bytes: number) => void | Promise<void>;
  /** A watcher for each ledger, told every record whose own sum holds. */
  readonly watch?: (path: string) => Watcher;
};

/** Beyond so many of a kind they are only counted. */
const maxListed = 1000;

export async function verifyLedger(
  paths: readonly string[],
  keys: readonly RootKey[],
  options: VerifyOptions = {},
): Promise<Verification> {
  const { checkpoints = [], progress = () => {}, watch = () => () => {} } = options;
  const kept = readKept(checkpoints);
  const { sources, faults } = await findSources(paths);
  const ledgers: LedgerSummary[] = [];
  const findings: Finding[] = [...kept.findings];
  const remarks: Remark[] = [];
  const unread: Diagnostic[] = [...faults];
  for (const source of sources) {
    const given = { pinned: keys, kept: kept.kept, watch: watch(source.path), progress };
    const one = await verifyOne(source, given);
    const twin = ledgers.find((other) => isTwin(other, one.summary));
    if (twin !== undefined) {
      const text = `records of ledger ${twin.ledger} are in ${quote(twin.path)} too: one of the two stands in the place of another`;
      findings.push(found('replayed', { file: source.path, line: 0 }, [null, null], text));
    }
    ledgers.push(one.summary);
    findings.push(...one.findings);
    remarks.push(...one.remarks);
    unread.push(...one.unread);
  }
  const known = new Set(ledgers.map(({ ledger }) => ledger));
  for (const { file, note } of kept.kept) {
    if (unread.length > 0 || known.has(note.checkpoint.ledger)) continue;
    const text = `the checkpoint is of ledger ${note.checkpoint.ledger}, which is not among the paths`;
    findings.push(found('foreign', { file, line: 0 }, [null, null], text));
  }
  const more = beyond(findings) + beyond(remarks);
  return {
    ledgers,
    findings: findings.slice(0, maxListed),
    remarks: remarks.slice(0, maxListed),
    more,
    witness: null,
    unread,
  };
}

/** An archive may hold the older records of a ledger, and its folder the newer ones. */
function isTwin(a: LedgerSummary, b: LedgerSummary): boolean {
  if (a.ledger === null || a.ledger !== b.ledger || a.first === null || b.first === null) {
    return false;
  }
  const [first, last] = [Math.max(a.first.seq, b.first.seq), (a.last ?? a.first).seq];
  return first <= Math.min(last, (b.last ?? b.first).seq);
}

function beyond(list: readonly unknown[]): number {
  return Math.max(0, list.length - maxListed);
}
