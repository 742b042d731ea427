// What the rules of the architecture test read off one source file: its imports, and its text without comments.
// Regular expressions do, because Biome keeps every import statement at the start of a line and in one quoting.

export type Source = { readonly path: string; readonly text: string };

export type Import = {
  /** As written: `../base/text.ts`, `node:fs`, `yaml`. */
  readonly from: string;
  readonly line: number;
};

const statement = /^(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm;
const sideEffect = /^import\s*['"]([^'"]+)['"]/gm;
const dynamic = /\bimport\(\s*['"]([^'"]*)['"]/g;

/** Static, side-effect, dynamic and type imports and re-exports; computed dynamic imports are none. */
export function importsOf({ text }: Source): readonly Import[] {
  const code = withoutComments(text);
  return [statement, sideEffect, dynamic].flatMap((form) =>
    [...code.matchAll(form)].map((match) => ({
      from: match[1] ?? '',
      line: lineAt(code, match.index),
    })),
  );
}

/** Comments become spaces, so that line numbers stay; texts in quotes are left as they are. */
export function withoutComments(text: string): string {
  const token =
    /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return text.replace(token, (found) =>
    found.startsWith('/') ? found.replace(/[^\n]/g, ' ') : found,
  );
}

/** Comments and the insides of quoted texts become spaces: what is left is code. */
export function codeOnly(text: string): string {
  return withoutComments(text).replace(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, (found) =>
    found.replace(/[^\n'"]/g, ' '),
  );
}

/** One-based. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
