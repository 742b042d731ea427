// What a ledger is opened with, and what its owner then has in hand.
import type { Result } from '../../base/result.ts';
import type { LedgerEntry, Recorded } from '../entry.ts';
import type { RecordContext } from '../record.ts';
import type { Clock } from './clock.ts';
import { type Disk, nodeDisk } from './disk.ts';
import type { Tell } from './events.ts';
import type { FailpointHook } from './failpoints.ts';
import type { Missing } from './gap.ts';
import type { RecordFault } from './queue.ts';
import type { Retain } from './retain.ts';

export type LedgerOptions = Clock & {
  readonly folder: string;
  readonly replica: string;
  readonly cluster: string;
  /** The version that writes. */
  readonly engine: string;
  /** UUIDv7. */
  readonly newId: () => string;
  readonly rotate?: { readonly bytes: number; readonly ms: number };
  /** null: segments stay for ever. */
  readonly retain?: Retain | null;
  /** Milliseconds. */
  readonly checkpointEvery?: number;
  /** Whether a decision that allows is answered so without a record; here it is only counted. */
  readonly onFailure?: 'deny' | 'allow';
  readonly digest?: RecordContext['digest'];
  /** The lowest sequence number that an exporter has not sent; Infinity: nothing is waited for. */
  readonly oldestNeeded?: () => number;
  readonly tell?: Tell;
  readonly disk?: Disk;
  readonly failpoint?: FailpointHook;
  readonly backOff?: { readonly first: number; readonly most: number };
  readonly mostWaiting?: number;
  /** Milliseconds that `close` may take. */
  readonly closeWithin?: number;
};

export type LedgerState = {
  readonly available: boolean;
  /** Of the last durable record; 0: there is none. */
  readonly seq: number;
  /** The segment that is written; null during an outage. */
  readonly segment: { readonly name: string; readonly bytes: number } | null;
  readonly heldBytes: number;
  readonly gaps: number;
  readonly missed: { readonly denied: number; readonly allowed: number };
};

export type Ledger = {
  readonly folder: string;
  readonly replica: string;
  append(entry: LedgerEntry): Promise<Result<Recorded, RecordFault>>;
  /** The last durable record; null when there is none. */
  head(): Recorded | null;
  /** Its sequence number; 0 when there is none. */
  durable(): number;
  /** Told after each batch; the function that is given back ends that. */
  onDurable(listener: (seq: number) => void): () => void;
  /** False while nothing can be recorded, or the disk takes longer than answers can wait. */
  available(): boolean;
  state(): LedgerState;
  checkpoint(): Promise<Result<Recorded, RecordFault>>;
  rotate(): Promise<void>;
  /** Counts what was answered elsewhere without a record: the next record that is written says so. */
  missed(missing: Missing): void;
  /** Writes what was appended, a stop record and the last checkpoint, and lets go of the folder. */
  close(reason?: string): Promise<void>;
};

/** What a server needs of it, wherever it runs. */
export type ServedLedger = Omit<Ledger, 'head' | 'checkpoint' | 'rotate' | 'missed'>;

export type WholeOptions = Required<LedgerOptions>;

const defaults = {
  rotate: { bytes: 64 * 1024 * 1024, ms: 3_600_000 },
  retain: null,
  checkpointEvery: 60_000,
  onFailure: 'deny',
  digest: null,
  oldestNeeded: () => Number.POSITIVE_INFINITY,
  tell: () => {},
  disk: nodeDisk,
  failpoint: () => {},
  backOff: { first: 100, most: 5_000 },
  mostWaiting: 16 * 1024 * 1024,
  closeWithin: 10_000,
} as const;

export function wholeOptions(options: LedgerOptions): WholeOptions {
  return { ...defaults, ...options };
}
