// The pinned public keys that a command is given in a file.

import { readFile } from 'node:fs/promises';
import { messageOf } from '../../base/cause.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { parseKeyList, type RootKey } from '../../ledger/format/keys.ts';

/** Codes: file-unreadable, key-list. */
export async function readKeys(
  file: string,
): Promise<Result<readonly RootKey[], readonly Diagnostic[]>> {
  const place = { file, line: 0, column: 0 };
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const message = messageOf(cause);
    return err([{ code: 'file-unreadable', message, ...place }]);
  }
  const list = parseKeyList(text);
  if (list.ok) return ok(list.value.keys);
  return err(
    list.error.map((message) => ({
      ...{ code: 'key-list', message: `not a list of public keys: ${message}`, ...place },
    })),
  );
}
