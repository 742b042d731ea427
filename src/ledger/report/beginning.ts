// What every record begins with, read from its bytes without reading the rest: most lines are not asked for.
export type Beginning = {
  readonly seq: number;
  readonly kind: string;
  readonly id: string;
  readonly at: string;
  /** `at` in milliseconds since 1970. */
  readonly time: number;
};

const form =
  /^\{"v":1,"seq":([1-9]\d{0,14}),"prev":"[0-9a-f]{64}","kind":"([a-z]{1,32})","id":"([0-9A-Za-z-]{1,64})","at":"([0-9TZ:.+-]{20,40})"/;
/** More than the longest beginning. */
const length = 320;

/** undefined: the line is no record. */
export function beginningOf(line: Buffer): Beginning | undefined {
  const [, seq, kind, id, at] = form.exec(line.toString('latin1', 0, length)) ?? [];
  if (kind === undefined || id === undefined || at === undefined) return undefined;
  const time = Date.parse(at);
  return Number.isNaN(time) ? undefined : { seq: Number(seq), kind, id, at, time };
}
