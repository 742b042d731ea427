// Opens what must be a regular file. Threat: whoever can write to a folder can put a pipe there to which nobody writes,
// a link to a device that never ends, or a file larger than memory.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

export type RegularFile = { readonly handle: FileHandle; readonly size: number };

/** Rejects as open does, and for what is no regular file. */
export async function openRegular(path: string): Promise<RegularFile> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const state = await handle.stat();
    if (!state.isFile()) throw new Error('it is not a regular file');
    return { handle, size: state.size };
  } catch (cause) {
    await handle.close();
    throw cause;
  }
}

/** Rejects for one of more than `most` bytes, too. */
export async function readRegular(path: string, most: number): Promise<Buffer> {
  const { handle, size } = await openRegular(path);
  try {
    if (size > most) throw new Error(`it has ${size} bytes, more than ${most}`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
