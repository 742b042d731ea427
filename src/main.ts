// The composition root: the process's streams, clock, signals and environment, given to the command line.
import { readFileSync } from 'node:fs';
import type { ExitCode, Io, Output } from './cli/command.ts';
import { run } from './cli/run.ts';
import { noColorWanted } from './config/environment.ts';

const io: Io = {
  stdout: outputTo(process.stdout),
  stderr: outputTo(process.stderr),
  noColor: noColorWanted(),
  version: ownVersion(),
  now: () => new Date().toISOString(),
  elapsed: () => performance.now(),
  untilStopped,
};

process.exitCode = await run(process.argv.slice(2), io).catch(failed);

function outputTo(stream: NodeJS.WriteStream): Output {
  // Whoever reads may stop reading, as `head` does: the write that fails then says so.
  stream.on('error', () => {});
  return {
    isTerminal: stream.isTTY === true,
    columns: () => (stream.isTTY === true ? stream.columns : undefined),
    write: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error) => (error ? reject(error) : resolve()));
      }),
  };
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}

function ownVersion(): string {
  const file: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  const known = typeof file === 'object' && file !== null && 'version' in file;
  return known ? String(file.version) : 'unknown';
}

/** A reader that went away is no fault of ours, but the run is not whole; nor is a disk that is full. All else is our bug. */
function failed(error: unknown): ExitCode {
  if (!(error instanceof Error)) throw error;
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EPIPE') return 2;
  if ('syscall' in error && error.syscall === 'write') {
    console.error(`sekisho: file-unwritable: ${error.message}`);
  } else {
    console.error('sekisho: internal-error: this is a bug of Sekisho\n', error);
  }
  return 2;
}
