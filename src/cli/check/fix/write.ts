// A file rewritten in one step: whoever reads it sees the old text or the new one, and a crash leaves the old.
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../../../base/cause.ts';
import type { Diagnostic } from '../../../base/diagnostic.ts';

const bom = '\uFEFF';

/** Through links to where the file is, with its mode and its byte order mark. Undefined when it went well. Codes:
 * file-unwritable. */
export async function rewriteFile(
  file: string,
  before: string,
  after: string,
): Promise<Diagnostic | undefined> {
  try {
    const real = await realpath(file);
    const now = await readFile(real, 'utf8');
    const mark = now.startsWith(bom) ? bom : '';
    if (now !== mark + before) return fault(file, 'it was changed while it was being fixed');
    const { mode } = await stat(real);
    await replace(real, mark + after, mode);
    return undefined;
  } catch (cause) {
    return fault(file, messageOf(cause));
  }
}

async function replace(real: string, text: string, mode: number): Promise<void> {
  const temporary = join(dirname(real), `.${basename(real)}.sekisho-fix`);
  const handle = await open(temporary, 'wx');
  try {
    await handle.writeFile(text);
    // Of the file itself: what it was opened with is cut by the umask.
    await handle.chmod(mode & 0o7777);
    await handle.sync();
    await handle.close();
    await rename(temporary, real);
  } catch (cause) {
    await handle.close();
    await rm(temporary, { force: true });
    throw cause;
  }
}

function fault(file: string, message: string): Diagnostic {
  return { code: 'file-unwritable', message, file, line: 0, column: 0 };
}
