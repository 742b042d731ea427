// What the pages of docs/ show is what the program does. SEKISHO_GOLDEN=write writes it anew.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { sekisho } from '../cli/harness.ts';
import { blocksOf, ran } from './snippets.ts';

const docs = new URL('../../docs', import.meta.url).pathname;
const pages = readdirSync(docs).filter((name) => name.endsWith('.md'));
const write = process.env['SEKISHO_GOLDEN'] === 'write';

for (const name of pages) {
  const page = readFileSync(join(docs, name), 'utf8');
  const blocks = blocksOf(page);
  const consoles = blocks.filter(({ language }) => language === 'console');
  if (consoles.length > 0) {
    test(`docs/${name}: ${consoles.length} terminals show what the program prints`, async (t) => {
      const folder = t.testdir({});
      const now = await ran(page, folder);
      if (write) writeFileSync(join(docs, name), now);
      t.equal(now, write ? now : page);
    });
  }
  const commands = blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => line.startsWith('sekisho '));
  if (commands.length > 0) {
    test(`docs/${name}: every command and flag exists`, async (t) => {
      for (const line of commands) {
        const [, command = ''] = line.split(' ');
        const { stdout, code } = await sekisho('', [command, '--help']);
        t.equal(code, 0, line);
        for (const flag of line.match(/(?<= )--?[a-z-]+/g) ?? []) {
          t.match(stdout, new RegExp(`(^|[\\s,])${flag}[\\s,]`, 'm'), `${line}: ${flag}`);
        }
      }
    });
  }
}

test('the pages that a reader needs are there, and show what they say', (t) => {
  for (const page of ['getting-started', 'refusals', 'exceptions', 'settings']) {
    t.ok(pages.includes(`${page}.md`), page);
  }
  t.end();
});
