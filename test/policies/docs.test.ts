// docs/policies.md has a heading for each folder of the bundle, and none for what is not there.
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'tap';

test('docs/policies.md tells of every policy of the bundle, and of no other', (t) => {
  const page = readFileSync(new URL('../../docs/policies.md', import.meta.url), 'utf8');
  const headings = [...page.matchAll(/^## ([a-z-]+)$/gm)].map(([, name]) => name).sort();
  t.same(headings, readdirSync(new URL('../../policies', import.meta.url)).sort());
  t.end();
});
