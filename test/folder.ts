// A folder for one test, outside the checkout: for what looks for files above its own, or needs a file system as it is elsewhere.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

/** Empty; gone when the test ends. */
export function emptyFolder(t: Test, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `sekisho-${name}-`));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
