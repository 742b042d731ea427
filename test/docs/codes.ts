// docs/codes.md out of src/base/codes.ts: the headings are the comments that stand over each group of codes there.
// `make docs` writes the page; test/docs.test.ts fails when the page is another.
import { readFileSync } from 'node:fs';
import { codes } from '../../src/base/codes.ts';

const source = new URL('../../src/base/codes.ts', import.meta.url);
export const codesPage = new URL('../../docs/codes.md', import.meta.url);

type Group = { readonly heading: string; readonly codes: string[] };

/** The page as Markdown. Throws when the source no longer has the form that this reads. */
export function renderCodes(): string {
  const groups = groupsOf(readFileSync(source, 'utf8'));
  const told = groups.flatMap((group) => group.codes);
  const missing = Object.keys(codes).filter((code) => !told.includes(code));
  if (missing.length > 0) throw new Error(`not found in src/base/codes.ts: ${missing.join(', ')}`);
  return `${[
    '# Codes',
    '',
    'Every fault, finding, error and skip carries one of these codes, in `check -o json`, in refusals and in records.',
    'A code is never reused or renamed. This page is made from `src/base/codes.ts` by `make docs`.',
    ...groups.flatMap(renderGroup),
  ].join('\n')}\n`;
}

function groupsOf(text: string): readonly Group[] {
  const groups: Group[] = [];
  for (const line of text.slice(text.indexOf('export const codes')).split('\n')) {
    const heading = /^ {2}\/\/ (.+)$/.exec(line)?.[1];
    const code = /^ {2}'?([a-z0-9-]+)'?:/.exec(line)?.[1];
    if (heading !== undefined) groups.push({ heading, codes: [] });
    if (code !== undefined) groups.at(-1)?.codes.push(code);
  }
  return groups;
}

function renderGroup({ heading, codes: names }: Group): readonly string[] {
  const texts: Readonly<Record<string, string>> = codes;
  return [
    '',
    `## ${heading.replace(/\.$/, '')}`,
    '',
    '| code | meaning |',
    '| --- | --- |',
    ...names.map((name) => `| \`${name}\` | ${(texts[name] ?? '').replaceAll('|', '\\|')} |`),
  ];
}
