// What is held of one list: the objects, the version that a watch goes on from, and when the API server last vouched for it.
import { get, getIn, isObject, type JsonObject } from '../../base/json.ts';
import { type ApiFault, statusFault } from './api.ts';
import { type Clock, type Moment, since } from './clock.ts';
import type { Listed } from './list.ts';
import { placeOf, slim } from './object.ts';

export type Holding = {
  /** Live: it changes with every event. */
  objects(): ReadonlyMap<string, JsonObject>;
  /** Counts every change of the objects. */
  version(): number;
  /** Whether it was a whole list once, or the settings want none. */
  synced(): boolean;
  /** The resourceVersion of the next watch; null: list first. */
  from(): string | null;
  /** Milliseconds since it was vouched for; infinite: never. */
  age(): number;
  vouched(): Moment | null;
  /** Milliseconds since the last whole list. */
  sinceList(): number;
  replace(all: Listed, at: Moment): void;
  /** An event of a watch; a fault when that is what it tells. */
  take(event: JsonObject): ApiFault | null;
  /** Nothing is to be had: by the settings, or because the kind is gone. */
  empty(wanted: boolean): void;
  forgetVersion(): void;
};

export function createHolding(clock: Clock): Holding {
  let objects = new Map<string, JsonObject>();
  let [version, synced] = [0, false];
  let from: string | null = null;
  let vouched: Moment | null = null;
  let listed = clock.now();
  const age = (): number => (vouched === null ? Number.POSITIVE_INFINITY : since(clock, vouched));
  return {
    objects: () => objects,
    version: () => version,
    synced: () => synced,
    from: () => from,
    age,
    vouched: () => vouched,
    sinceList: () => since(clock, listed),
    replace({ items, resourceVersion }, at) {
      objects = new Map(items.map((object) => [placeOf(object), slim(object)]));
      [synced, from, vouched, listed] = [true, resourceVersion, at, at];
      version += 1;
    },
    take(event) {
      const [type, object] = [get(event, 'type'), get(event, 'object')];
      if (type === 'ERROR') return errorOf(object);
      if (!isObject(object)) return null;
      const seen = getIn(object, ['metadata', 'resourceVersion']);
      if (typeof seen === 'string') from = seen;
      vouched = clock.now();
      if (type === 'BOOKMARK') return null;
      if (type === 'DELETED') objects.delete(placeOf(object));
      else objects.set(placeOf(object), slim(object));
      version += 1;
      return null;
    },
    empty(wanted) {
      [objects, synced, from] = [new Map(), !wanted, null];
      version += 1;
    },
    forgetVersion() {
      from = null;
    },
  };
}

/** The Status inside an event of type ERROR. */
function errorOf(status: unknown): ApiFault {
  const [code, message] = [get(status, 'code'), get(status, 'message')];
  return statusFault(
    typeof code === 'number' ? code : 500,
    typeof message === 'string' ? message : 'the watch told of an error',
  );
}
