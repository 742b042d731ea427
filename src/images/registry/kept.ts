// A map that forgets what was set or asked for longest ago, once it holds so many.

export type Kept<V> = {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
};

export function kept<V>(limit: number): Kept<V> {
  const map = new Map<string, V>();
  const put = (key: string, value: V): void => {
    map.delete(key);
    map.set(key, value);
    const [oldest] = map.size > limit ? map.keys() : [];
    if (oldest !== undefined) map.delete(oldest);
  };
  return {
    get(key) {
      const value = map.get(key);
      if (value !== undefined) put(key, value);
      return value;
    },
    set: put,
    delete: (key) => void map.delete(key),
  };
}
