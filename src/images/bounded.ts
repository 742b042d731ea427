// A map that is bounded in number and in bytes: what was set or asked for longest ago goes first.

export type Bounded<V> = {
  get(key: string): V | undefined;
  /** `bytes`: what the value takes; one that is larger than all there is room for is not kept. */
  set(key: string, value: V, bytes: number): void;
  readonly size: number;
};

export function bounded<V>(mostEntries: number, mostBytes: number): Bounded<V> {
  const map = new Map<string, { readonly value: V; readonly bytes: number }>();
  let held = 0;
  const drop = (key: string): void => {
    held -= map.get(key)?.bytes ?? 0;
    map.delete(key);
  };
  return {
    get(key) {
      const found = map.get(key);
      if (found === undefined) return undefined;
      map.delete(key);
      map.set(key, found);
      return found.value;
    },
    set(key, value, bytes) {
      drop(key);
      if (bytes > mostBytes) return;
      map.set(key, { value, bytes });
      held += bytes;
      for (const oldest of map.keys()) {
        if (map.size <= mostEntries && held <= mostBytes) break;
        drop(oldest);
      }
    },
    get size() {
      return map.size;
    },
  };
}
