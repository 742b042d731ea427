// The key of the digests that stand for redacted values. Threat: who has records and key can try values, so the two
// must not lie on one volume; the folder of the ledger is refused.

import { readFile, realpath } from 'node:fs/promises';
import { relative } from 'node:path';
import { messageOf } from '../base/cause.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { err, ok, type Result } from '../base/result.ts';
import { leastKey } from '../redact/digest.ts';

/** Its bytes as they are, but for line breaks at the end. */
export async function loadDigestKey(
  file: string,
  ledger: string,
): Promise<Result<Uint8Array, Diagnostic>> {
  const fault = (message: string): Result<never, Diagnostic> =>
    err({ code: 'file-unreadable', message, file, line: 0, column: 0 });
  try {
    const bytes = await readFile(file);
    const key = bytes.subarray(0, bytes.toString('latin1').trimEnd().length);
    if (key.length < leastKey) return fault(`a digest key has at least ${leastKey} bytes`);
    const inside = relative(await realpath(ledger).catch(() => ledger), await realpath(file));
    if (!inside.startsWith('..')) return fault('a digest key must not lie in the ledger');
    return ok(key);
  } catch (cause) {
    return fault(messageOf(cause));
  }
}
