// The list of guards is about the sources as they are: `make mutations` then proves that each guards something.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { guardsPage } from './document.ts';
import { guards } from './guards.ts';

const root = new URL('../..', import.meta.url).pathname;

for (const { keeps, file, from, to, tests } of guards) {
  test(`${file}: ${keeps}`, (t) => {
    const text = readFileSync(join(root, 'src', file), 'utf8');
    t.equal(text.split(from).length, 2, `the guard stands once: ${from}`);
    t.not(from, to);
    t.ok(tests.length > 0);
    for (const name of tests) t.ok(existsSync(join(root, 'test', name)), name);
    t.end();
  });
}

test('docs/guards.md lists them all', (t) => {
  t.equal(readFileSync(join(root, 'docs/guards.md'), 'utf8'), guardsPage());
  t.end();
});
