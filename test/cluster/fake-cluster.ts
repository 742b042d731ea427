// An API server and a clock that a test holds in its hands.
import type { JsonObject, JsonValue } from '../../src/base/json.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import { type Api, type ApiFault, statusFault } from '../../src/cluster/live/api.ts';
import type { Clock } from '../../src/cluster/live/clock.ts';

export type FakeClock = Clock & {
  /** Lets what is due happen, in order. */
  advance(ms: number): Promise<void>;
  /** Turns the clock on the wall alone. */
  setWall(ms: number): void;
  /** Milliseconds of the waits that are open. */
  waits(): readonly number[];
};

type Timer = { readonly at: number; readonly ms: number; readonly act: () => void };

export function fakeClock(random = 0): FakeClock {
  let monotonic = 1_000;
  let wall = Date.parse('2026-11-21T00:00:00Z');
  let timers: Timer[] = [];
  const after: Clock['after'] = (ms, act) => {
    const timer = { at: monotonic + ms, ms, act };
    timers.push(timer);
    const cancel = (): void => {
      timers = timers.filter((one) => one !== timer);
    };
    return { cancel };
  };
  return {
    now: () => ({ wall, monotonic }),
    random: () => random,
    after,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        after(ms, resolve);
        signal.addEventListener('abort', () => resolve());
      }),
    setWall: (ms) => {
      wall = ms;
    },
    waits: () => timers.map(({ ms }) => ms),
    async advance(ms) {
      const end = monotonic + ms;
      for (;;) {
        await settle();
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers = timers.filter((one) => one !== next);
        wall += next.at - monotonic;
        monotonic = next.at;
        next.act();
      }
      wall += end - monotonic;
      monotonic = end;
      await settle();
    },
  };
}

/** Lets promises that are settled be seen. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

export type Stream = {
  readonly path: string;
  tell(type: string, object: JsonObject): void;
  end(result?: Result<null, ApiFault>): void;
};

export type FakeApi = Api & {
  readonly asked: string[];
  readonly posted: JsonObject[];
  /** Watches that are open, the newest last. */
  readonly streams: Stream[];
  /** By path without query; a function answers each time anew. */
  set(
    path: string,
    answer: JsonObject | ApiFault | ((query: string) => JsonObject | ApiFault),
  ): void;
  refuseWatches(fault: ApiFault | null): void;
};

export function fakeApi(): FakeApi {
  const answers = new Map<string, (query: string) => JsonObject | ApiFault>();
  const [asked, posted, streams]: [string[], JsonObject[], Stream[]] = [[], [], []];
  let refusal: ApiFault | null = null;
  const answer = (whole: string): Result<JsonObject, ApiFault> => {
    asked.push(whole);
    const [path = '', query = ''] = whole.split('?');
    const made = answers.get(path)?.(query) ?? statusFault(404, `nothing at ${path}`);
    return isFault(made) ? err(made) : ok(made);
  };
  return {
    ...{ asked, posted, streams },
    set: (path, made) => void answers.set(path, typeof made === 'function' ? made : () => made),
    refuseWatches: (fault) => {
      refusal = fault;
    },
    get: async (path) => answer(path),
    async post(path, body) {
      posted.push(body);
      return answer(path);
    },
    watch: (path, told, signal) =>
      new Promise((resolve) => {
        asked.push(`WATCH ${path}`);
        if (refusal !== null) return resolve(err(refusal));
        const end = (result: Result<null, ApiFault> = ok(null)): void => {
          const at = streams.indexOf(stream);
          if (at >= 0) streams.splice(at, 1);
          resolve(result);
        };
        const stream: Stream = {
          path,
          tell: (type, object) => told({ type, object }),
          end,
        };
        streams.push(stream);
        signal.addEventListener('abort', () => end());
      }),
    close: () => {},
  };
}

function isFault(made: JsonObject | ApiFault): made is ApiFault {
  return 'retryAfter' in made;
}

export function listOf(items: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  const metadata: JsonValue = { resourceVersion: '10', ...more };
  return { kind: 'NamespaceList', apiVersion: 'v1', metadata, items };
}

export function namespace(name: string, labels: Record<string, string> = {}): JsonObject {
  return { metadata: { name, labels, resourceVersion: '11', managedFields: [{ manager: 'm' }] } };
}
