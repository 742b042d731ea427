// When a record was made, and whether the wall clock went back since the one before. Order is seq, never time.
export type Clock = {
  /** RFC 3339 in UTC, with milliseconds. */
  readonly now: () => string;
  /** Milliseconds that only ever grow. */
  readonly monotonic: () => number;
};

/** `stepped`: the record says so. */
export type Moment = { readonly at: string; readonly stepped: boolean };

/** Slewing takes less than this between two records. */
const tolerated = 1000;

export function momentsOf({ now, monotonic }: Clock): () => Moment {
  let ahead: number | undefined;
  return () => {
    const at = now();
    const lead = Date.parse(at) - monotonic();
    const stepped = ahead !== undefined && lead < ahead - tolerated;
    ahead = lead;
    return { at, stepped };
  };
}
