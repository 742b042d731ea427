// What an exporter gives to a sink, and what a sink may say. A sink knows nothing of files, cursors or waiting.
import type { Result } from '../../base/result.ts';

/** `bytes`: the line as it is in the ledger, without its newline. */
export type ExportRecord = {
  readonly seq: number;
  /** Milliseconds since 1970; null when the line has no time. */
  readonly at: number | null;
  readonly bytes: Buffer;
};

/** At least one record, in the order of the ledger. */
export type Batch = {
  readonly replica: string;
  readonly records: readonly ExportRecord[];
  readonly bytes: number;
  /** sha256 of the last line: names this content, whatever is sent again. */
  readonly hash: string;
};

/** A closed set: they are labels of metrics. */
export const faultCauses = [
  /** No connection, or it broke. */
  'unreachable',
  'timeout',
  /** It asks to be left alone for a while. */
  'busy',
  /** It will not take this, however often it is sent. */
  'refused',
  /** Its reader is gone. */
  'closed',
  /** What it needs of this machine (a file, a certificate) is not there. */
  'settings',
  /** Our ledger could not be read, or our cursor not be written. */
  'disk',
  'internal',
] as const;
export type FaultCause = (typeof faultCauses)[number];

/** `again`: soon; `halt`: somebody must do something first. Records are kept in both cases. */
export type SinkFault = {
  readonly kind: 'again' | 'halt';
  readonly cause: FaultCause;
  /** Never holds a secret: it is logged. */
  readonly message: string;
  /** The sink asked for so many milliseconds. */
  readonly after?: number;
};

export type Sink = {
  /** Resolves ok only when the sink has confirmed all of the batch. Ends soon after `signal` is aborted, at any rate in bounded time. */
  send(batch: Batch, signal: AbortSignal): Promise<Result<void, SinkFault>>;
  close(): Promise<void>;
};
