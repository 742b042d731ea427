// The published schemas say what records are: every record of real runs fits its own, and little else does.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { test } from 'tap';
import { defaultRecords } from '../../src/config/settings.ts';
import { recordKinds } from '../../src/ledger/format/kinds.ts';
import { recordSchemas } from '../../src/ledger/schema/records.ts';
import { schemaFiles, schemaFolder } from '../docs/schemas.ts';
import { serve } from '../server/harness.ts';
import { entryOf } from './entry.ts';
import { faultyDisk } from './faulty-disk.ts';
import { type Line, linesIn, opened, until } from './opened.ts';

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
const validators = new Map<string, ValidateFunction>(
  Object.entries(recordSchemas).map(([kind, schema]) => [kind, ajv.compile(schema)]),
);

function faultsOf(record: Line): readonly string[] {
  const validate = validators.get(record.kind);
  if (validate === undefined) return [`no schema for ${record.kind}`];
  const fits: boolean = validate({ ...record });
  if (fits) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message }) => `${record.kind} ${instancePath} ${message}`,
  );
}

test('there is a schema for each kind, and docs/schemas has them: make docs', (t) => {
  t.same(Object.keys(recordSchemas).sort(), [...recordKinds].sort());
  const files = schemaFiles();
  t.same(readdirSync(schemaFolder).sort(), [...files.keys()].sort());
  for (const [name, text] of files) {
    t.equal(readFileSync(new URL(name, schemaFolder), 'utf8'), text, name);
  }
  t.end();
});

test('records of a server that was asked everything fit their schemas', async (t) => {
  const server = await serve(t, {
    files: { 'digest.key': 'k'.repeat(32) },
    settings: (folder) => ({
      ledger: join(folder, 'ledger'),
      records: { ...defaultRecords, digestKey: join(folder, 'digest.key') },
    }),
  });
  const reviews = new URL('../fixtures/reviews/', import.meta.url);
  const names = readdirSync(reviews).filter((name) => name.endsWith('.json'));
  for (const name of names) {
    await server.call({ body: readFileSync(new URL(name, reviews), 'utf8') });
  }
  await server.call({ body: '{' });
  await server.stop();
  const lines = linesIn(join(server.folder, 'ledger'));
  t.ok(lines.filter(({ kind }) => kind === 'decision').length >= 20);
  t.same(lines.flatMap(faultsOf), []);
});

/** A ledger with records of all the other kinds. */
async function eventful(folder: string): Promise<readonly Line[]> {
  const disk = faultyDisk();
  let wall = Date.parse('2026-11-21T10:00:00Z');
  const now = (): string => new Date(wall).toISOString();
  const ledger = await opened(folder, { disk, now, retain: { ms: -1, bytes: null } });
  const at = now();
  const law = { policySet: null, revision: null, policies: null };
  await ledger.append(entryOf({ object: { data: { a: 'x'.repeat(400_000) } } }));
  await ledger.append(entryOf({ name: 'n'.repeat(1 << 20) }));
  await ledger.append({
    kind: 'start',
    id: 'i',
    engine: '1',
    node: 'v24',
    mode: null,
    settings: {},
    ...law,
  });
  await ledger.append({
    kind: 'reload',
    id: 'i',
    outcome: 'refused',
    from: null,
    warnings: [],
    faults: ['f'],
    ...law,
  });
  await ledger.append({
    kind: 'refused',
    id: 'i',
    count: 3,
    from: at,
    to: at,
    sample: { cause: 'c', address: 'a' },
  });
  wall -= 10_000;
  await ledger.append({ kind: 'withdrawn', id: 'i', decision: 'd', cause: 'c' });
  disk.break(['append'], 'EIO');
  await ledger.append(entryOf({}));
  disk.mend();
  await until(() => ledger.available());
  const before = linesIn(folder);
  await ledger.rotate();
  await until(() => ledger.events.some(({ kind }) => kind === 'removed'));
  await ledger.close();
  return [...before, ...linesIn(folder)];
}

test('records of every other kind fit their schemas too', async (t) => {
  const lines = await eventful(t.testdir());
  t.same(lines.flatMap(faultsOf), []);
  const kinds = new Set(lines.map(({ kind }) => kind));
  const elsewhere = new Set(['redaction', 'unreadable']);
  t.same([...kinds].sort(), recordKinds.filter((kind) => !elsewhere.has(kind)).sort());
  t.ok(lines.some((line) => line['clock'] === 'stepped'));
});

test('a record that lacks a member, has one more, or one of another type does not fit', async (t) => {
  for (const line of await eventful(t.testdir())) {
    for (const name of Object.keys(line)) {
      if (['kind', 'clock', 'next'].includes(name)) continue;
      const { [name]: _, ...without } = line;
      t.not(faultsOf(without as Line).length, 0, `${line.kind} without ${name}`);
      t.not(faultsOf({ ...line, [name]: () => {} } as Line).length, 0, `${line.kind}.${name}`);
    }
    t.not(faultsOf({ ...line, more: 1 } as Line).length, 0, line.kind);
  }
});
