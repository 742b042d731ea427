// What the pages of docs/ show is what the program does. SEKISHO_GOLDEN=write writes it anew.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { commandGroups } from '../../src/cli/command.ts';
import { sekisho } from '../cli/harness.ts';
import { writesGoldens } from '../golden.ts';
import { masked, story } from '../ledger/story.ts';
import { blocksOf, ran } from './snippets.ts';

const docs = new URL('../../docs', import.meta.url).pathname;
const pages = readdirSync(docs).filter((name) => name.endsWith('.md'));
/** What a page is about and cannot write out. */
const prepared: Readonly<Record<string, (folder: string) => Promise<unknown>>> = {
  'reports.md': story,
};

for (const name of pages) {
  const page = readFileSync(join(docs, name), 'utf8');
  const blocks = blocksOf(page);
  const consoles = blocks.filter(({ language }) => language === 'console');
  if (consoles.length > 0) {
    test(`docs/${name}: ${consoles.length} terminals show what the program prints`, async (t) => {
      const folder = t.testdir({});
      await prepared[name]?.(folder);
      const now = await ran(page, folder);
      const compared = prepared[name] === undefined ? (text: string) => text : masked;
      if (writesGoldens && compared(now) !== compared(page)) writeFileSync(join(docs, name), now);
      t.equal(compared(now), compared(writesGoldens ? now : page));
    });
  }
  const commands = blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => line.startsWith('sekisho '));
  if (commands.length > 0) {
    test(`docs/${name}: every command and flag exists`, async (t) => {
      for (const line of commands) {
        const [, first = '', second = ''] = line.split(' ');
        const words = Object.hasOwn(commandGroups, first) ? [first, second] : [first];
        const { stdout, code } = await sekisho('', [...words, '--help']);
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
