// Lines out of chunks of bytes, each line bounded: a stream without a line break must not fill the memory.
const lineBreak = 0x0a;

export type LineReader = {
  /** The lines that end in this chunk, without their breaks; empty ones are left out. Throws beyond the bound. */
  take(chunk: Buffer): readonly Buffer[];
};

export function lineReader(maxBytes: number): LineReader {
  let held: Buffer[] = [];
  let size = 0;
  const keep = (piece: Buffer): void => {
    size += piece.length;
    if (size > maxBytes) throw new Error('a line is larger than the limit');
    if (piece.length > 0) held.push(piece);
  };
  return {
    take(chunk) {
      const lines: Buffer[] = [];
      let from = 0;
      for (;;) {
        const end = chunk.indexOf(lineBreak, from);
        keep(chunk.subarray(from, end < 0 ? chunk.length : end));
        if (end < 0) return lines;
        if (size > 0) lines.push(Buffer.concat(held));
        held = [];
        size = 0;
        from = end + 1;
      }
    },
  };
}
