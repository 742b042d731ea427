// What is done to closed segments beside the writing: they are compressed, and removed when their time has come.
// One run at a time; what fails is told, and tried again at the next occasion.
import { messageOf } from '../../base/cause.ts';
import type { RemovedSegment } from '../format/kinds.ts';
import { type CompressOptions, compressSegment } from './compress.ts';
import type { Tell } from './events.ts';
import { listSegments } from './names.ts';
import { findRemovable, type Retain, removeSegments } from './retain.ts';

export type UpkeepOptions = CompressOptions & {
  readonly tell: Tell;
  /** null: segments stay for ever. */
  readonly retain: Retain | null;
  readonly oldestNeeded: () => number;
  readonly now: () => string;
  /** The name of the segment that is written; undefined during an outage. */
  readonly current: () => string | undefined;
  /** Resolves when a record of it is durable; false: there is none. */
  readonly declare: (files: readonly RemovedSegment[]) => Promise<boolean>;
};

export type Upkeep = {
  /** Looks again, now or after the run that goes on. */
  look(): void;
  /** Nothing new is begun; resolves when the run that goes on has ended. */
  stop(): Promise<void>;
};

export function createUpkeep(options: UpkeepOptions): Upkeep {
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;

  async function run(): Promise<void> {
    do {
      again = false;
      await attempt('compression', () => compressClosed(options, () => stopped), options.tell);
      if (!stopped) await attempt('retention', () => removeOld(options), options.tell);
    } while (again && !stopped);
    running = undefined;
  }

  return {
    look() {
      if (stopped) return;
      again = true;
      running ??= run();
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}

async function attempt(what: string, act: () => Promise<void>, tell: Tell): Promise<void> {
  try {
    await act();
  } catch (cause) {
    tell({ kind: 'trouble', what, cause: messageOf(cause) });
  }
}

async function compressClosed(options: UpkeepOptions, isStopped: () => boolean): Promise<void> {
  const { disk, folder, current, tell } = options;
  for (const segment of await listSegments(disk, folder)) {
    const written = current();
    if (isStopped() || written === undefined) return;
    if (segment.compressed || segment.name >= written) continue;
    await compressSegment(options, segment);
    tell({ kind: 'compressed', name: segment.name });
  }
}

async function removeOld(options: UpkeepOptions): Promise<void> {
  const { disk, folder, retain, current, declare, tell } = options;
  if (retain === null || current() === undefined) return;
  const files = await findRemovable({ ...options, retain });
  if (files.length === 0 || !(await declare(files))) return;
  await removeSegments(disk, folder, files);
  tell({ kind: 'removed', names: files.map(({ file }) => file) });
}
