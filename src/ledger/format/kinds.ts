// What stands in the records of each kind (docs/decisions/0003, docs/records.md): the types that writers and readers share.
// What is read from a disk is JSON until `recordOf` has looked at the members that every record has.
import { get, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';

export const recordKinds = [
  'segment',
  'start',
  'stop',
  'redaction',
  'reload',
  'decision',
  'unreadable',
  'refused',
  'gap',
  'checkpoint',
  'retention',
  'withdrawn',
] as const;
export type RecordKind = (typeof recordKinds)[number];

/** What of the last segment counts; bytes beyond it were never acknowledged. */
export type PreviousSegment = {
  readonly file: string;
  readonly seq: number;
  readonly hash: string;
  /** Uncompressed. */
  readonly bytes: number;
};

export type SegmentWhy = 'new' | 'start' | 'size' | 'age' | 'fault';

/** The first record of every segment. */
export type SegmentBody = {
  readonly kind: 'segment';
  readonly ledger: string;
  readonly replica: string;
  readonly cluster: string;
  /** 1, 2, … */
  readonly segment: number;
  readonly why: SegmentWhy;
  readonly previous: PreviousSegment | null;
  readonly engine: string;
  readonly epoch: number;
  /** Canonical base64 of the 32 bytes. */
  readonly publicKey: string;
};

export type StartBody = {
  readonly kind: 'start';
  readonly engine: string;
  readonly node: string;
  /** null: no law is loaded. */
  readonly policySet: string | null;
  readonly revision: JsonValue;
  readonly mode: string | null;
  /** No secrets. */
  readonly settings: JsonValue;
};

export type StopBody = { readonly kind: 'stop'; readonly reason: string };

export type RedactionBody = {
  readonly kind: 'redaction';
  /** Names of the detectors and pointers in force. */
  readonly rules: readonly string[];
  readonly digest: string;
  /** Whether digests of what was redacted are kept. */
  readonly keyed: boolean;
};

export type ReloadBody = {
  readonly kind: 'reload';
  readonly outcome: 'accepted' | 'refused';
  /** In force after it. */
  readonly policySet: string | null;
  readonly from: string | null;
  readonly revision: JsonValue;
  readonly warnings: JsonValue;
  readonly faults: JsonValue;
};

export type RefusedBody = {
  readonly kind: 'refused';
  readonly count: number;
  readonly from: string;
  readonly to: string;
  readonly sample: JsonValue;
};

/** Decisions without a record. */
export type GapBody = {
  readonly kind: 'gap';
  readonly from: string;
  readonly to: string;
  readonly cause: string;
  readonly denied: number;
  readonly allowed: number;
};

export type CheckpointBody = {
  readonly kind: 'checkpoint';
  /** The signed note. */
  readonly note: string;
  /** At the end of an epoch: the public key of the next one, as in the note. */
  readonly next?: string;
};

export type RemovedSegment = {
  readonly file: string;
  readonly from: number;
  readonly to: number;
  /** sha256 of its last line. */
  readonly hash: string;
};

export type RetentionBody = {
  readonly kind: 'retention';
  readonly files: readonly RemovedSegment[];
};

/** A decision was recorded, but too late: the answer was a denial. */
export type WithdrawnBody = {
  readonly kind: 'withdrawn';
  /** Its id. */
  readonly decision: string;
  readonly cause: string;
};

/** What the chain and the writer add to a body. */
export type Framed<Body> = Body & {
  readonly v: 1;
  readonly seq: number;
  readonly prev: string;
  /** UUIDv7. */
  readonly id: string;
  /** UTC, milliseconds. */
  readonly at: string;
  /** The clock went back by more than a second since the record before. */
  readonly clock?: 'stepped';
  readonly sum: string;
};

/** A line as JSON; undefined when it is not an object. */
export function recordOf(line: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The parts of a segment header that verification relies on. */
export type Header = Pick<
  SegmentBody,
  'ledger' | 'replica' | 'cluster' | 'segment' | 'epoch' | 'publicKey' | 'previous'
>;

export function headerOf(record: JsonObject | undefined): Header | undefined {
  const [ledger, replica, cluster] = ['ledger', 'replica', 'cluster'].map((k) => text(record, k));
  const [segment, epoch] = ['segment', 'epoch'].map((key) => whole(record, key));
  const publicKey = text(record, 'publicKey');
  if (get(record, 'kind') !== 'segment' || ledger === undefined || publicKey === undefined) {
    return undefined;
  }
  if (segment === undefined || epoch === undefined) return undefined;
  const previous = previousOf(get(record, 'previous'));
  const place = { replica: replica ?? '', cluster: cluster ?? '' };
  return { ledger, ...place, segment, epoch, publicKey, previous };
}

function previousOf(value: JsonValue | undefined): PreviousSegment | null {
  const [file, hash] = ['file', 'hash'].map((key) => text(value, key));
  const [seq, bytes] = ['seq', 'bytes'].map((key) => whole(value, key));
  if (file === undefined || hash === undefined || seq === undefined || bytes === undefined) {
    return null;
  }
  return { file, seq, hash, bytes };
}

/** The files that a retention record declares as removed. */
export function removedSegments(record: JsonObject | undefined): readonly RemovedSegment[] {
  const files = get(record, 'files');
  if (!Array.isArray(files)) return [];
  return files.flatMap((each: JsonValue): RemovedSegment[] => {
    const [file, hash] = ['file', 'hash'].map((key) => text(each, key));
    const [from, to] = ['from', 'to'].map((key) => whole(each, key));
    if (file === undefined || hash === undefined || from === undefined || to === undefined) {
      return [];
    }
    return [{ file, from, to, hash }];
  });
}

function text(value: unknown, key: string): string | undefined {
  const member = get(value, key);
  return typeof member === 'string' ? member : undefined;
}

function whole(value: unknown, key: string): number | undefined {
  const member = get(value, key);
  return Number.isSafeInteger(member) && Number(member) >= 0 ? Number(member) : undefined;
}
