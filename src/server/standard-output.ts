// Standard output as a sink of records: never blocks, hears when to stop, and can be let go while its reader sleeps.
// Not by Node's own stream of it: what waits to be written there would keep the process from ending.
import { constants, fstatSync, openSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { Outlet } from '../ledger/export/sinks/stdout.ts';

const own = '/proc/self/fd/1';

export function standardOutput(): Outlet {
  const kind = fstatSync(1);
  if (kind.isFile()) return fileOutlet();
  if (!kind.isFIFO() && !kind.isSocket()) return streamOutlet(process.stdout, () => {});
  const pipe = new Socket({ fd: descriptor(), readable: false, writable: true });
  return streamOutlet(pipe, () => pipe.destroy());
}

/** One of our own where there is a path to it: a socket has none, nor has a pipe that we may not open. */
function descriptor(): number {
  try {
    return openSync(own, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return 1;
  }
}

export function streamOutlet(stream: Writable, letGo: () => void): Outlet {
  // Each write is told of its own fault.
  stream.on('error', () => {});
  return {
    write: (bytes, signal) =>
      interruptible(signal, (resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    close: async () => letGo(),
  };
}

/** A disk that stalls holds up a thread, not decisions. */
function fileOutlet(): Outlet {
  let file: Promise<FileHandle> | undefined;
  return {
    write: (bytes, signal) =>
      interruptible(signal, (resolve, reject) => {
        file ??= open(own, constants.O_WRONLY | constants.O_APPEND);
        file.then((handle) => handle.appendFile(bytes)).then(resolve, reject);
      }),
    close: async () => (await file)?.close(),
  };
}

function interruptible(
  signal: AbortSignal,
  begin: (resolve: () => void, reject: (cause: unknown) => void) => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = (): void => reject(new Error('stopped'));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  else begin(resolve, reject);
  return promise.finally(() => signal.removeEventListener('abort', stop));
}
