// What README and docs show of kubectl is what kubectl printed: each block below `<!-- transcript FILE: SECTION -->` is
// that section of test/golden/e2e/FILE.txt, which `make e2e` holds to a real API server.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { goldens, pin, podNames, sectionsOf } from './e2e/transcript.ts';
import { root } from './gate.ts';

const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const marked = /<!-- transcript ([a-z]+): ([^>]+) -->\n(?:```\n([\s\S]*?)\n```)?/g;

test('every transcript that a document shows is the golden one, which kubectl printed', (t) => {
  const shown = documents.flatMap((document) => {
    const found = [...readFileSync(join(root, document), 'utf8').matchAll(marked)];
    return found.map(([, file = '', title = '', block = '']) => ({ document, file, title, block }));
  });
  for (const { document, file, title, block } of shown) {
    const golden = sectionsOf(readFileSync(join(goldens, `${file}.txt`), 'utf8')).get(title);
    t.equal(pin(block, podNames), golden, `${document}: ${file}: ${title}`);
  }
  t.strictSame(
    [...new Set(shown.map(({ document }) => document))].sort(),
    ['README.md', 'docs/refusals.md', 'docs/signed-images.md'],
    'they show some',
  );
  t.end();
});

test('every golden transcript has titled sections, each with a command, and nothing that differs from run to run', (t) => {
  for (const name of readdirSync(goldens)) {
    const text = readFileSync(join(goldens, name), 'utf8');
    const sections = sectionsOf(text);
    t.ok(sections.size > 0, name);
    for (const [title, section] of sections) t.match(section, /^\$ kubectl /, `${name}: ${title}`);
    t.equal(text.match(/^== /gm)?.length, sections.size, `${name}: titles differ`);
    t.notMatch(text, /sha256:[0-9a-f]{12}\b|[0-9a-f]{8}-[0-9a-f]{4}-|:\d{5}\b/, name);
  }
  t.end();
});
