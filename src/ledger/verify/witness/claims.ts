// What audit events claim of the ledgers: a seq and the sum of its record, some 50 bytes each, so that the events of
// gigabytes of log fit into memory.

export type Claims = {
  /** `at`: when the request came, in milliseconds since 1970. */
  add(seq: number, head: string | null, at: number, place: ClaimPlace): void;
  /** After the last one was added. */
  sort(): void;
  /** Marks the claims of this record; true when there was one. */
  match(seq: number, sum: string): boolean;
  readonly matched: () => number;
  readonly count: () => number;
  /** Those that nobody matched, by seq. */
  unmatched(): Generator<Unmatched>;
};

export type ClaimPlace = { readonly file: number; readonly line: number };

export type Unmatched = ClaimPlace & {
  readonly seq: number;
  readonly at: number;
  /** Whether a claim that was matched stands between it and the one before. */
  readonly apart: boolean;
};

export function createClaims(): Claims {
  let seqs = new Float64Array(1024);
  let highs = new BigUint64Array(1024);
  let lows = new BigUint64Array(1024);
  let times = new Float64Array(1024);
  let lines = new Uint32Array(1024);
  let files = new Uint16Array(1024);
  let order = new Uint32Array();
  let done = new Uint8Array();
  let count = 0;
  let matched = 0;

  function grow(): void {
    const size = seqs.length * 2;
    const [s, h, l] = [new Float64Array(size), new BigUint64Array(size), new BigUint64Array(size)];
    const [n, f, t] = [new Uint32Array(size), new Uint16Array(size), new Float64Array(size)];
    s.set(seqs);
    h.set(highs);
    l.set(lows);
    n.set(lines);
    f.set(files);
    t.set(times);
    [seqs, highs, lows, lines, files, times] = [s, h, l, n, f, t];
  }

  /** The first place in `order` whose seq is not below. */
  function lowest(seq: number): number {
    let [from, to] = [0, count];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((seqs[order[middle] ?? 0] ?? 0) < seq) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  return {
    add(seq, head, at, { file, line }) {
      if (count === seqs.length) grow();
      seqs[count] = seq;
      highs[count] = wordOf(head, 0);
      lows[count] = wordOf(head, 16);
      lines[count] = line;
      files[count] = file;
      times[count] = at;
      count += 1;
    },
    sort() {
      order = Uint32Array.from({ length: count }, (_, index) => index);
      order.sort((a, b) => (seqs[a] ?? 0) - (seqs[b] ?? 0));
      done = new Uint8Array(count);
    },
    match(seq, sum) {
      let found = false;
      const [high, low] = [wordOf(sum, 0), wordOf(sum, 16)];
      for (let at = lowest(seq); at < count; at++) {
        const index = order[at] ?? 0;
        if (seqs[index] !== seq) break;
        if (highs[index] !== high || lows[index] !== low) continue;
        if (done[index] === 0) matched += 1;
        done[index] = 1;
        found = true;
      }
      return found;
    },
    matched: () => matched,
    count: () => count,
    *unmatched() {
      let apart = true;
      for (const index of order) {
        if (done[index] === 1) {
          apart = true;
          continue;
        }
        const [seq = 0, file = 0, line = 0] = [seqs[index], files[index], lines[index]];
        yield { seq, file, line, at: times[index] ?? Number.NaN, apart };
        apart = false;
      }
    },
  };
}

/** 16 hex digits of a sum: two such words are 128 bits of it. */
function wordOf(hex: string | null, at: number): bigint {
  const part = hex?.slice(at, at + 16) ?? '';
  return /^[0-9a-f]{16}$/.test(part) ? BigInt(`0x${part}`) : 0n;
}
