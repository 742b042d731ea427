// Golden files: what was seen must read as a file below test/golden says. SEKISHO_GOLDEN=write writes what was seen there.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const writesGoldens = process.env['SEKISHO_GOLDEN'] === 'write';

/** What the file says. */
export function golden(name: string, seen: string): string {
  const path = join(import.meta.dirname, 'golden', name);
  if (writesGoldens) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, seen);
  }
  return readFileSync(path, 'utf8');
}
