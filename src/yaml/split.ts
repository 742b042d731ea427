// A file into its documents, line by line, before any of it is parsed: a broken document does not lose the others.
// Upstream: YAMLReader in k8s.io/apimachinery/pkg/util/yaml, with which kubectl reads files.

/** A stretch of the text, from `start` up to `end`. */
export type Chunk = { readonly start: number; readonly end: number };

/** `strayAt`: offsets of what follows a `---` on its line without being a comment. */
export type Split = { readonly chunks: readonly Chunk[]; readonly strayAt: readonly number[] };

const stray = /---[^\S\n]*(?=[^\s#])/y;

export function splitDocuments(text: string): Split {
  const chunks: Chunk[] = [];
  const strayAt: number[] = [];
  let start = 0;
  for (let at = nextSeparator(text, 0); at >= 0; at = nextSeparator(text, start)) {
    stray.lastIndex = at;
    if (stray.test(text)) strayAt.push(stray.lastIndex);
    chunks.push({ start, end: at });
    start = lineEnd(text, at);
  }
  chunks.push({ start, end: text.length });
  return { chunks, strayAt };
}

/** The next line from `from`, itself the start of a line, that begins with `---`. */
function nextSeparator(text: string, from: number): number {
  if (text.startsWith('---', from)) return from;
  const at = text.indexOf('\n---', from);
  return at < 0 ? -1 : at + 1;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}
