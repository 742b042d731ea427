// The API server's audit log as a witness: what it names must be in the ledger, and what the ledger holds and the log's
// policy records must be named. What cannot be told is counted, never guessed.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'tap';
import type { JsonObject, JsonValue } from '../../src/base/json.ts';
import { verifyWithWitness } from '../../src/ledger/verify/witnessed.ts';
import { encodeReview } from '../../src/review/encode.ts';
import { sekisho } from '../cli/harness.ts';
import { type Builder, createBuilder, headOf } from './builder.ts';
import { entryOf } from './entry.ts';
import { toldOf } from './forge.ts';

type Asked = {
  readonly verb: 'create' | 'update' | 'delete' | 'deletecollection';
  readonly user?: string;
  readonly name?: string;
};

const optionKinds = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  delete: 'DeleteOptions',
  deletecollection: 'DeleteOptions',
};
const minute = 60_000;
const began = Date.parse('2026-11-21T10:00:00.000Z');
const timeOf = (minutes: number): string => new Date(began + minutes * minute).toISOString();

/** A decision each minute, with what the API server asked. */
function decided(builder: Builder, asked: readonly Asked[]): readonly number[] {
  builder.header('new');
  const seqs = asked.map(({ verb, user = 'alice', name = 'web' }, index) =>
    builder.append('decision', {
      at: timeOf(index),
      replica: builder.replica,
      attempt: {
        ...{ uid: `u-${index}`, name, namespace: 'shop', requestSubResource: '' },
        requestResource: { group: 'apps', version: 'v1', resource: 'deployments' },
        userInfo: { username: user, groups: [] },
        options: { kind: optionKinds[verb], apiVersion: 'meta.k8s.io/v1' },
      },
      decision: { allowed: true },
    }),
  );
  builder.stop();
  return seqs;
}

type Edit = (event: Record<string, JsonValue>) => void;

/** The event that the API server logs for a record. */
function eventOf(builder: Builder, seq: number, minutes: number, asked: Asked): JsonObject {
  const line = builder.segments.flatMap(({ lines }) => lines)[seq - 1] ?? '';
  const { verb, user = 'alice', name = 'web' } = asked;
  const decision = entryOf({}).decision;
  const { auditAnnotations = {} } = encodeReview('u', decision, {
    ...{ id: JSON.parse(line).id, seq, head: headOf(line).sum },
  }).response;
  return {
    ...{ kind: 'Event', apiVersion: 'audit.k8s.io/v1', level: 'Metadata' },
    ...{ auditID: `a-${seq}`, stage: 'ResponseComplete', verb },
    user: { username: user, groups: [] },
    objectRef: {
      ...{ resource: 'deployments', namespace: 'shop', apiGroup: 'apps', apiVersion: 'v1' },
      ...(verb === 'deletecollection' ? {} : { name }),
    },
    requestReceivedTimestamp: timeOf(minutes),
    stageTimestamp: new Date(began + minutes * minute + 50).toISOString(),
    annotations: Object.fromEntries(
      Object.entries(auditAnnotations).map(([key, value]) => [`gate.sekisho.dev/${key}`, value]),
    ),
  };
}

const creates: readonly Asked[] = Array.from({ length: 8 }, (_, i) => ({
  verb: 'create',
  name: `web-${i}`,
}));

function logOf(builder: Builder, seqs: readonly number[], asked: readonly Asked[]): JsonObject[] {
  return seqs.map((seq, i) => eventOf(builder, seq, i, asked[i] ?? { verb: 'create' }));
}

const bytesOf = (events: readonly unknown[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join('');

async function witnessed(root: string, builder: Builder, events: readonly unknown[]) {
  const folder = builder.save(join(root, 'ledger'));
  const log = join(root, 'audit.log');
  writeFileSync(log, bytesOf(events));
  return verifyWithWitness([folder], builder.roots(), { witnesses: [log] });
}

test('a log and a ledger that agree, plain and gzip, in two files', async (t) => {
  const builder = createBuilder();
  const events = logOf(builder, decided(builder, creates), creates);
  const root = t.testdir();
  const whole = await witnessed(root, builder, events);
  t.strictSame(toldOf(whole), []);
  t.match(whole.witness, {
    ...{ files: 1, events: 8, matched: 8, witnessed: 8, untold: 0, failedOpen: 0, unreadable: 0 },
    ...{ from: '2026-11-21T10:00:00.050Z', to: '2026-11-21T10:07:00.050Z' },
  });
  const [first, second] = [join(root, 'a.log.gz'), join(root, 'b.log')];
  writeFileSync(first, gzipSync(bytesOf(events.slice(0, 4))));
  writeFileSync(second, bytesOf(events.slice(4)));
  const args = ['ledger', 'verify', join(root, 'ledger'), '--keys', join(root, 'ledger/keys.json')];
  const ran = await sekisho(root, [...args, '--witness', first, '--witness', second]);
  t.equal(ran.code, 0, ran.stdout);
  t.match(ran.stdout, /audit log of the API server, 2 files\n {2}events {7}8 events/);
});

test('a ledger that lost its end is told by the log alone', async (t) => {
  const builder = createBuilder();
  const events = logOf(builder, decided(builder, creates), creates);
  const [segment] = builder.segments;
  segment?.lines.splice(6);
  const root = t.testdir();
  const folder = builder.save(join(root, 'ledger'));
  for (const name of ['checkpoint', 'epochs.jsonl']) rmSync(join(folder, name));
  writeFileSync(join(root, 'audit.log'), bytesOf(events));
  const found = await verifyWithWitness([folder], builder.roots(), {
    witnesses: [join(root, 'audit.log')],
  });
  t.strictSame(toldOf(found), ['unrecorded 7-9']);
});

test('the retention of one replica does not hide what another one lost', async (t) => {
  const root = t.testdir();
  const [whole, cut] = [createBuilder('gate-0'), createBuilder('gate-1')];
  const events = logOf(cut, decided(cut, creates), creates);
  cut.segments[0]?.lines.splice(6);
  // Of the evening before; they are removed, and what is there of that ledger begins at midnight.
  for (const seq of decided(whole, creates))
    events.push(eventOf(whole, seq, -660, creates[0] ?? { verb: 'create' }));
  const { seq: to, hash } = whole.head();
  whole.header('start');
  whole.append('retention', { files: [{ file: 'x.jsonl', from: 1, to, hash }] });
  whole.stop();
  const folders = [
    whole.save(join(root, 'gate-0'), { without: 1 }),
    cut.save(join(root, 'gate-1')),
  ];
  for (const name of ['checkpoint', 'epochs.jsonl']) rmSync(join(root, 'gate-1', name));
  writeFileSync(join(root, 'audit.log'), bytesOf(events));
  const found = await verifyWithWitness(folders, [...whole.roots(), ...cut.roots()], {
    witnesses: [join(root, 'audit.log')],
  });
  t.strictSame(toldOf(found), ['unrecorded 7-9']);
});

test('a record that is not the one that the log names', async (t) => {
  const builder = createBuilder();
  const events = logOf(builder, decided(builder, creates), creates);
  const [third] = events.splice(2, 1);
  const head = 'gate.sekisho.dev/ledger-head';
  const forged = {
    ...third,
    annotations: { ...(third?.['annotations'] as JsonObject), [head]: '0'.repeat(64) },
  };
  const found = await witnessed(t.testdir(), builder, [...events, forged]);
  t.strictSame(
    toldOf(found).filter((each) => each.startsWith('altered')),
    ['altered 4'],
  );
});

type Unwitnessed = readonly [
  name: string,
  asked: readonly Asked[],
  missing: number,
  more: readonly Edit[],
  found: readonly string[],
];

const same = (count: number, asked: Asked): readonly Asked[] =>
  Array.from({ length: count }, () => asked);

const rows: readonly Unwitnessed[] = [
  ['a create, as others that it has', creates, 3, [], ['unwitnessed 5']],
  [
    'an update of an object of which it has others',
    same(8, { verb: 'update' }),
    3,
    [],
    ['unwitnessed 5'],
  ],
  [
    'a create of a user of whom it has none: it cannot be told',
    creates.map((each, i) => (i === 3 ? { ...each, user: 'bob' } : each)),
    3,
    [],
    [],
  ],
  [
    'an update of an object of which it has none: it cannot be told',
    creates.map((each, i) => (i === 3 ? { verb: 'update', name: 'once' } : each)),
    3,
    [],
    [],
  ],
  ['the last minute: the request may not have ended', creates, 7, [], []],
  [
    'an update that the API server asked about twice: it notes the first answer only',
    same(8, { verb: 'update' }),
    3,
    [
      (event) => {
        event['stageTimestamp'] = timeOf(3.5);
      },
    ],
    [],
  ],
];

for (const [name, asked, missing, edits, found] of rows) {
  test(`the log has no event of a record: ${name}`, async (t) => {
    const builder = createBuilder();
    const events = logOf(builder, decided(builder, asked), asked);
    const log: object[] = events.map((event, i) => {
      const own = { ...event };
      if (i === missing - 1) for (const edit of edits) edit(own);
      return own;
    });
    log.splice(missing, 1);
    const verification = await witnessed(t.testdir(), builder, log);
    t.strictSame(toldOf(verification), found);
    const late = missing === 7 ? 0 : 1;
    t.equal((verification.witness?.untold ?? 0) + found.length, late);
  });
}

test('a collection that is deleted is one event for many records', async (t) => {
  const asked: readonly Asked[] = [
    ...same(3, { verb: 'delete', name: 'a' }),
    { verb: 'delete', name: 'a' },
    ...creates.slice(0, 4),
  ];
  const builder = createBuilder();
  const seqs = decided(builder, asked);
  const events = logOf(builder, seqs, asked);
  events[3] = {
    ...events[3],
    annotations: {},
    verb: 'deletecollection',
    objectRef: { resource: 'deployments', namespace: 'shop', apiGroup: 'apps' },
  };
  const verification = await witnessed(t.testdir(), builder, events);
  t.strictSame(toldOf(verification), []);
  t.equal(verification.witness?.untold, 1);
});

test('failed open, answers without a record, and lines that are no events are counted', async (t) => {
  const builder = createBuilder();
  const events = logOf(builder, decided(builder, creates), creates);
  const open = {
    ...events[0],
    annotations: {
      'failed-open.validating.webhook.admission.k8s.io/round_0_index_0': 'gate.sekisho.dev',
    },
  };
  const denied = { ...events[0], annotations: { 'gate.sekisho.dev/decision-id': 'x' } };
  const { witness, findings } = await witnessed(t.testdir(), builder, [
    ...events,
    open,
    denied,
    'no event',
  ]);
  t.strictSame(findings, []);
  t.match(witness, { failedOpen: 1, withoutRecord: 1, unreadable: 1 });
});

test('two replicas share one log, and their numbers', async (t) => {
  const root = t.testdir();
  const builders = ['gate-0', 'gate-1'].map((replica) => createBuilder(replica));
  const events = builders.flatMap((builder) => logOf(builder, decided(builder, creates), creates));
  const folders = builders.map((builder) => builder.save(join(root, builder.replica)));
  const roots = builders.flatMap((builder) => builder.roots());
  writeFileSync(join(root, 'audit.log'), bytesOf(events));
  const witnesses = [join(root, 'audit.log')];
  const both = await verifyWithWitness(folders, roots, { witnesses });
  t.strictSame(toldOf(both), []);
  t.equal(both.witness?.matched, 16);
  const one = await verifyWithWitness(folders.slice(0, 1), roots, { witnesses });
  t.ok(one.findings.length > 0, 'a replica whose ledger is not given is missed');
});

test('a log that cannot be read is a fault of its own', async (t) => {
  const root = t.testdir({ 'audit.log.gz': 'no gzip' });
  const builder = createBuilder();
  decided(builder, creates);
  builder.save(join(root, 'ledger'));
  const args = ['ledger', 'verify', join(root, 'ledger'), '--keys', join(root, 'ledger/keys.json')];
  const ran = await sekisho(root, [...args, '--witness', join(root, 'audit.log.gz')]);
  t.equal(ran.code, 2);
  t.match(ran.stderr, /^audit\.log\.gz: file-unreadable: /);
});
