// Where the policies came from, in the words of whoever brought them: a commit, a tag, the digest of an artifact.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cut, printable } from '../base/text.ts';

const maxLength = 253;

/** Of a file REVISION in a folder of policies, or beside a file; that of the last path wins, as its policies do.
 * null: there is none. */
export async function readRevision(paths: readonly string[]): Promise<string | null> {
  for (const path of paths.toReversed()) {
    const text = (await textOf(join(path, 'REVISION'))) ?? (await textOf(beside(path)));
    const line = text?.trim().split('\n')[0] ?? '';
    if (line !== '') return cut(printable(line), maxLength);
  }
  return null;
}

function beside(path: string): string {
  return join(dirname(path), 'REVISION');
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
