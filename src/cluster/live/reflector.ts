// A copy of one list of the API server that is kept true: list, then watch, and list again when the watch cannot go on.
// It says how old what it holds is; who needs it decides whether that is too old.
// Upstream: Reflector in k8s.io/client-go/tools/cache, and "Efficient detection of changes" in the API concepts.
import type { JsonObject } from '../../base/json.ts';
import type { Result } from '../../base/result.ts';
import type { Api, ApiFault } from './api.ts';
import { type Backoff, createBackoff } from './backoff.ts';
import { type Clock, since } from './clock.ts';
import { createHolding, type Holding } from './holding.ts';
import { pages } from './list.ts';

export type ReflectorOptions = {
  readonly api: Api;
  readonly clock: Clock;
  /** The path of the list; asked before each list, for the kind may come later. null: there is nothing to have. */
  readonly path: () => Promise<Result<string | null, ApiFault>>;
  /** Milliseconds after which what is held is too old to be relied on. */
  readonly maxAge: number;
};

export type ReflectorState = {
  /** Whether what is held was a whole list once. */
  readonly synced: boolean;
  /** Synced, or told that there is nothing to have: the kind is unknown, or we may not read it. */
  readonly settled: boolean;
  /** Milliseconds since the API server last vouched for it; null: never. */
  readonly age: number | null;
  /** RFC 3339. */
  readonly at: string;
  readonly objects: ReadonlyMap<string, JsonObject>;
  /** Counts every change of the objects. */
  readonly version: number;
  /** Why the last attempt failed; null when it did not. */
  readonly fault: ApiFault | null;
  readonly restarts: number;
  readonly errors: Readonly<Record<ApiFault['kind'], number>>;
};

export type Reflector = { state(): ReflectorState; stop(): void };

/** Even a watch that never fails is checked against a whole list this often. */
const resyncEvery = 30 * 60_000;
/** A watch that lived this long was no failure. */
const longEnough = 5_000;
/** The server ends a watch; when it does not, we do so this much later. */
const overdue = 10_000;
const longestWatch = 300_000;
const listTimeout = 30_000;

/** What the loop works with. */
type Reflecting = ReflectorOptions & {
  readonly holding: Holding;
  readonly backoff: Backoff;
  readonly stopped: AbortSignal;
  readonly errors: Record<ApiFault['kind'], number>;
  settled: boolean;
  fault: ApiFault | null;
  restarts: number;
};

export function startReflector(options: ReflectorOptions): Reflector {
  const stopping = new AbortController();
  const holding = createHolding(options.clock);
  const at: Reflecting = {
    ...options,
    holding,
    backoff: createBackoff(options.clock.random),
    stopped: stopping.signal,
    errors: { unreachable: 0, forbidden: 0, missing: 0, gone: 0, throttled: 0, other: 0 },
    ...{ settled: false, fault: null, restarts: 0 },
  };
  void reflect(at);
  return {
    state: () => ({
      ...{ settled: at.settled, fault: at.fault, restarts: at.restarts, errors: { ...at.errors } },
      ...{ synced: holding.synced(), objects: holding.objects(), version: holding.version() },
      age: holding.vouched() === null ? null : holding.age(),
      at: new Date(holding.vouched()?.wall ?? 0).toISOString(),
    }),
    stop: () => stopping.abort(),
  };
}

async function reflect(at: Reflecting): Promise<void> {
  const { holding, maxAge } = at;
  let path = '';
  while (!at.stopped.aborted) {
    // Nothing vouched for what is held in all that time: a list does, or says why not.
    const doubtful = holding.age() > maxAge / 2 || holding.sinceList() > resyncEvery;
    if (holding.from() === null || doubtful) {
      const listed = await list(at);
      if (at.stopped.aborted) return;
      if (!listed.ok) {
        await failed(at, listed.error);
        continue;
      }
      if (listed.value === null) return;
      path = listed.value;
    }
    const cause = await watch(at, path);
    if (cause !== null && !at.stopped.aborted) await failed(at, cause);
  }
}

/** The path of the list; null when there is nothing to have. */
async function list(at: Reflecting): Promise<Result<string | null, ApiFault>> {
  const { api, clock, holding } = at;
  const path = await at.path();
  if (!path.ok) return path;
  if (path.value === null) holding.empty(false);
  else {
    const moment = clock.now();
    const all = await pages(api, path.value, listTimeout);
    if (!all.ok) return all;
    holding.replace(all.value, moment);
  }
  [at.settled, at.fault] = [true, null];
  return path;
}

/** Follows one watch to its end; why it ended, when that was no way to end. */
async function watch(at: Reflecting, path: string): Promise<ApiFault | 'soon' | null> {
  const { api, clock, holding, backoff } = at;
  const life = lifeOf(at);
  const ended = new AbortController();
  const timer = clock.after(life + overdue, () => ended.abort());
  const opened = clock.now();
  let told: ApiFault | null = null;
  const take = (event: JsonObject): void => {
    if (told !== null) return;
    told = holding.take(event);
    if (told !== null) ended.abort();
    else at.fault = null;
    backoff.reset();
  };
  const signal = AbortSignal.any([at.stopped, ended.signal]);
  const result = await api.watch(`${path}?${queryOf(holding, life)}`, take, signal);
  timer.cancel();
  at.restarts += 1;
  if (told !== null || !result.ok) return told ?? (result.ok ? null : result.error);
  // It ended as watches do. One that ends at once, each time, is waited for like a fault.
  if (since(clock, opened) < longEnough) return 'soon';
  backoff.reset();
  return null;
}

/** Shorter than half of what counts as too old: a connection that died unnoticed is found out in time. */
function lifeOf({ maxAge, clock }: Reflecting): number {
  return Math.min((maxAge / 2) * (0.7 + 0.3 * clock.random()), longestWatch);
}

function queryOf(holding: Holding, life: number): string {
  const seconds = Math.max(1, Math.floor(life / 1000));
  const version = encodeURIComponent(holding.from() ?? '');
  return `allowWatchBookmarks=true&timeoutSeconds=${seconds}&resourceVersion=${version}&watch=true`;
}

async function failed(at: Reflecting, cause: ApiFault | 'soon'): Promise<void> {
  const { holding, backoff, clock, errors } = at;
  if (cause !== 'soon') {
    const { kind } = cause;
    at.fault = cause;
    errors[kind] += 1;
    if (kind === 'gone') holding.forgetVersion();
    // A kind that is gone has no objects.
    if (kind === 'missing') holding.empty(true);
    if (kind === 'missing' || kind === 'forbidden') at.settled = true;
  }
  await clock.sleep(backoff.next(cause === 'soon' ? null : cause.retryAfter), at.stopped);
}
