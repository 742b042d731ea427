// docs/controls.md and the annotations sekisho.dev/controls tell of the same controls, policy by policy, each with its
// title, its reason and where it was read.
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'tap';
import { bundlePath, policySetAt } from './load.ts';

const page = readFileSync(new URL('../../docs/controls.md', import.meta.url), 'utf8');

type Row = { readonly policy: string; readonly id: string; readonly cells: readonly string[] };

const sections = page
  .split(/^## /m)
  .slice(1)
  .map((text) => ({ policy: text.slice(0, text.indexOf('\n')), text }));

const rows: readonly Row[] = sections.flatMap(({ policy, text }) =>
  [...text.matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)].map(([, id = '', rest = '']) => {
    return { policy, id, cells: rest.split(' | ').map((cell) => cell.trim()) };
  }),
);

/** The forms of the four catalogues; an id of any other is a mistake. */
const forms = [
  /^cis-k8s:5\.[1-6]\.\d{1,2}$/,
  /^nist-800-190:4\.[1-6]\.\d$/,
  /^pci-dss-4\.0:\d{1,2}\.\d{1,2}\.\d{1,2}$/,
  /^mitre:T\d{4}(\.\d{3})?$/,
];

async function annotated(): Promise<ReadonlyMap<string, readonly string[]>> {
  const { policies } = await policySetAt(bundlePath);
  return new Map(policies.map(({ name, controls }) => [name, controls]));
}

test('docs/controls.md has a section for each policy of the bundle, and no other', (t) => {
  t.same(sections.map(({ policy }) => policy).sort(), readdirSync(bundlePath).sort());
  t.end();
});

test('each control of an annotation has its row, and each row its annotation', async (t) => {
  const policies = await annotated();
  t.ok(policies.size >= 15, 'the bundle was read');
  for (const [policy, controls] of policies) {
    const told = rows.filter((row) => row.policy === policy).map(({ id }) => id);
    t.same(told, controls, policy);
  }
  // PodSecurityConfiguration has no annotations, and those of signed-images are in comments.
  const others = new Set(rows.map(({ policy }) => policy).filter((name) => !policies.has(name)));
  t.same([...others], ['pod-security', 'signed-images']);
});

test('each row has an id of a known catalogue, a title, a reason and where it was read', (t) => {
  t.ok(rows.length >= 40);
  for (const { policy, id, cells } of rows) {
    t.ok(
      forms.some((form) => form.test(id)),
      `${policy}: ${id}`,
    );
    t.equal(cells.length, 3, `${policy}: ${id}`);
    t.notOk(cells.includes(''), `${policy}: ${id}`);
    const where = cells[2] ?? '';
    t.ok(page.includes(`**${where}**`), `${policy}: ${id}: ${where} is explained above`);
  }
  t.end();
});

test('a control is called the same wherever it is named', (t) => {
  const titles = new Map<string, string>();
  for (const { policy, id, cells } of rows) {
    const [title = ''] = cells;
    t.equal(titles.get(id) ?? title, title, `${policy}: ${id}`);
    titles.set(id, title);
  }
  t.end();
});
