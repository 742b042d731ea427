// Proves ledgers to who trusts nobody but the pinned public keys: streaming, in bounded memory, each fault named once.
import type { Diagnostic } from '../../base/diagnostic.ts';
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

function beyond(list: readonly unknown[]): number {
  return Math.max(0, list.length - maxListed);
}
