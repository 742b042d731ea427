// Lines on standard output, for Fluentd and the like. Only a reader that reads lets it go on: one that stops holds up this
// exporter alone, and one that is gone is told once.
import { errorCode, messageOf } from '../../../base/cause.ts';
import { ok, type Result } from '../../../base/result.ts';
import { fault } from '../post.ts';
import type { Sink, SinkFault } from '../sink.ts';
import { ndjson } from './http.ts';

/** Where bytes go; taken by argument, for only the edges of the program may touch its streams. */
export type Outlet = {
  /** Resolves when all are written; rejects when they cannot be, or soon after the signal is aborted. */
  write(bytes: Buffer, signal: AbortSignal): Promise<void>;
  /** Lets go of what is still being written. */
  close(): Promise<void>;
};

const newline = Buffer.from('\n');
const gone: ReadonlySet<string> = new Set([
  'EPIPE',
  'ECONNRESET',
  'EBADF',
  'ENXIO',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

export function stdoutSink(outlet: Outlet): Sink {
  /** A write that failed may have left half a line. */
  let isTorn = false;
  return {
    async send(batch, signal): Promise<Result<void, SinkFault>> {
      const lines = ndjson(batch);
      const bytes = isTorn ? Buffer.concat([newline, lines]) : lines;
      isTorn = true;
      try {
        await outlet.write(bytes, signal);
        isTorn = false;
        return ok(undefined);
      } catch (cause) {
        const code = errorCode(cause);
        if (gone.has(code)) return fault('halt', 'closed', 'nobody reads standard output any more');
        return fault('again', 'unreachable', messageOf(cause));
      }
    },
    close: () => outlet.close(),
  };
}
