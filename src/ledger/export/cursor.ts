// How far an exporter has come, in export/NAME.json: written only after the sink has confirmed, whole or not at all.

import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, messageOf } from '../../base/cause.ts';
import { get } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';

/** The last record that the sink has confirmed, and the sha256 of its line. */
export type Cursor = { readonly seq: number; readonly hash: string };

export type CursorFile = {
  /** null: there is none yet. The error says what is wrong with it. */
  read(): Promise<Result<Cursor | null, string>>;
  /** Durable when it resolves; rejects as the disk does. */
  write(cursor: Cursor): Promise<void>;
};

export function cursorFile(ledger: string, name: string): CursorFile {
  const folder = join(ledger, 'export');
  const path = join(folder, `${name}.json`);
  return {
    async read() {
      try {
        return cursorOf(await readFile(path, 'utf8'));
      } catch (cause) {
        if (errorCode(cause) === 'ENOENT') return ok(null);
        return err(messageOf(cause));
      }
    },
    async write(cursor) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const handle = await open(`${path}.tmp`, 'w', 0o600);
      try {
        await handle.writeFile(`${JSON.stringify(cursor)}\n`);
        await handle.datasync();
      } finally {
        await handle.close();
      }
      // Should the rename be lost in a crash, the older cursor is there: records go out twice, none is left out.
      await rename(`${path}.tmp`, path);
    },
  };
}

function cursorOf(text: string): Result<Cursor | null, string> {
  const wrong = err('it is not a cursor');
  try {
    const value: unknown = JSON.parse(text);
    const [seq, hash] = [get(value, 'seq'), get(value, 'hash')];
    if (!Number.isSafeInteger(seq) || Number(seq) < 1) return wrong;
    if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash)) return wrong;
    return ok({ seq: Number(seq), hash });
  } catch {
    return wrong;
  }
}
