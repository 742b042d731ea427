// Reads that a request waits for: the same one is asked once at a time, and only so many at all.
import { err, type Result } from '../../base/result.ts';
import type { ApiFault } from './api.ts';

/** A request waits no longer for the API server, which waits for us. */
export const liveTimeout = 2_000;
const mostAtOnce = 64;

export type LiveReads = {
  read<T>(path: string, ask: () => Promise<Result<T, ApiFault>>): Promise<Result<T, ApiFault>>;
  /** How many were made, and how many of them failed. */
  counts(): { readonly made: number; readonly failed: number };
};

export function createLiveReads(): LiveReads {
  const open = new Map<string, Promise<Result<unknown, ApiFault>>>();
  let [made, failed] = [0, 0];
  let running = 0;
  const run = async <T>(ask: () => Promise<Result<T, ApiFault>>): Promise<Result<T, ApiFault>> => {
    made += 1;
    running += 1;
    const answer = await ask();
    running -= 1;
    if (!answer.ok && answer.error.kind !== 'missing') failed += 1;
    return answer;
  };
  return {
    read<T>(path: string, ask: () => Promise<Result<T, ApiFault>>) {
      // A path says what is read, so equal paths have equal types.
      const same = open.get(path) as Promise<Result<T, ApiFault>> | undefined;
      if (same !== undefined) return same;
      if (running >= mostAtOnce) return Promise.resolve(err(tooMany));
      const answer = run(ask).finally(() => open.delete(path));
      open.set(path, answer);
      return answer;
    },
    counts: () => ({ made, failed }),
  };
}

const tooMany: ApiFault = {
  kind: 'throttled',
  message: `more than ${mostAtOnce} reads are waiting for it already`,
  retryAfter: null,
};
