// Text in pieces: strings, and bytes that one record after another shares. It is measured once, and joined only where it
// is written.

export type Pieces = {
  readonly parts: readonly (string | Buffer)[];
  /** Of all parts in UTF-8. */
  readonly bytes: number;
  toString(): string;
};

export function piecesOf(...parts: readonly (string | Buffer)[]): Pieces {
  let bytes = 0;
  for (const part of parts) {
    bytes += typeof part === 'string' ? Buffer.byteLength(part) : part.length;
  }
  return { parts, bytes, toString: () => parts.map(String).join('') };
}

/** Writes all parts at `at`; the index after them. The buffer has room for them. */
export function writePieces({ parts }: Pieces, into: Buffer, at: number): number {
  let end = at;
  for (const part of parts) {
    end += typeof part === 'string' ? into.write(part, end, 'utf8') : part.copy(into, end);
  }
  return end;
}
