// The ledger in a thread of its own: what it writes is what this thread would write, and whatever becomes of it costs
// denials, a gap that is told, and nothing else.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { v7 as newId } from 'uuid';
import type { JsonValue } from '../../src/base/json.ts';
import type { DecisionEntry, LedgerEntry } from '../../src/ledger/entry.ts';
import { entryBody } from '../../src/ledger/record.ts';
import type { LedgerEvent } from '../../src/ledger/store/events.ts';
import type { ServedLedger } from '../../src/ledger/store/options.ts';
import type { Decision, RuleResult } from '../../src/model/decision.ts';
import { createDigester, type Digester } from '../../src/redact/digest.ts';
import { decodeReview } from '../../src/review/decode.ts';
import { createReceiver, createSender } from '../../src/server/ledger-thread/sent-decision.ts';
import { openLedgerThread, type ThreadOptions } from '../../src/server/ledger-thread/thread.ts';
import { parseJson } from '../../src/yaml/json.ts';
import { entryOf } from '../ledger/entry.ts';
import { kindsIn, linesIn, until, verified } from '../ledger/opened.ts';

const reviews = new URL('../fixtures/reviews/', import.meta.url);
const bodies = readdirSync(reviews)
  .filter((name) => name.endsWith('.json'))
  .map((name) => [name, readFileSync(new URL(name, reviews))] as const);

function bodyNamed(wanted: string): Uint8Array {
  const [, body] = bodies.find(([name]) => name === wanted) ?? [];
  if (body === undefined) throw new Error(`no review ${wanted}`);
  return body;
}

const pass: RuleResult = {
  policy: 'p',
  binding: 'b',
  param: null,
  kind: 'ValidatingAdmissionPolicy',
  rule: 'p/rule',
  mode: null,
  evaluation: 'pass',
  actions: [],
  code: null,
  reason: null,
  message: '',
  findings: [],
  exception: null,
  controls: ['CIS 5.2.2'],
};
const fail: RuleResult = { ...pass, evaluation: 'fail', actions: ['deny'], message: '関所 "no"\n' };

function entryOfBody(
  body: Uint8Array,
  results: readonly RuleResult[],
  more: Partial<Decision> = {},
): DecisionEntry {
  const parsed = parseJson(body, { maxBytes: 1e7, maxDepth: 256 });
  const attempt = parsed.ok
    ? decodeReview(parsed.value, { now: '2026-11-21T10:00:00Z', deadline: 9000 })
    : parsed;
  if (!attempt.ok) throw new Error(attempt.error.message);
  const { decision, ...made } = entryOf({}, { results, ...more });
  return { ...made, id: newId(), attempt: attempt.value, body, decision };
}

/** As it stands in the ledger, but for its place in the chain. */
function textOf(entry: LedgerEntry, digest: Digester | null = null): string {
  const moment = () => ({ at: '2026-11-21T10:00:00.000Z', stepped: false });
  return entryBody(entry, { replica: 'r', cluster: 'c', digest, moment }).toString();
}

const exact: JsonValue = { large: 9_007_199_254_740_993n, list: [1.5, null, 'x'] };
const input = { port: 'params', question: 'q', answer: exact, at: 'now', redacted: [] } as const;
const decisions: readonly (readonly [string, readonly RuleResult[], Partial<Decision>])[] = [
  ['no rule', [], {}],
  ['rules that passed', [pass, { ...pass, rule: 'p/other' }], { celCost: 12 }],
  ['the same rules again', [pass, { ...pass, rule: 'p/other' }], {}],
  ['one rule less', [pass], {}],
  ['a rule that refuses', [pass, fail], { allowed: false, warnings: ['w'] }],
  ['an integer that no double holds', [pass], { inputs: [input] }],
  ['AuditOnly', [fail], { mode: 'AuditOnly', wouldDeny: ['p/rule'] }],
];

test('what arrives in the thread makes the same record, byte for byte, in whatever order decisions come', (t) => {
  const [send, receive] = [createSender(), createReceiver()];
  for (const [name, body] of bodies) {
    for (const [what, results, more] of decisions) {
      const entry = entryOfBody(body, structuredClone(results), more);
      const want = textOf(entry);
      const sent = structuredClone(send(entry));
      t.equal(sent.kind, 'sent-decision');
      if (sent.kind === 'sent-decision') t.equal(textOf(receive(sent)), want, `${name}: ${what}`);
    }
  }
  t.end();
});

test('more lists of rules than are remembered: none is taken for another', (t) => {
  const [send, receive] = [createSender(), createReceiver()];
  const body = bodyNamed('pod-create-apply.json');
  for (const n of [...Array(80).keys(), ...Array(80).keys()]) {
    const entry = entryOfBody(body, [{ ...pass, rule: `p/${n}` }]);
    const sent = structuredClone(send(entry));
    if (sent.kind === 'sent-decision') t.equal(textOf(receive(sent)), textOf(entry), `list ${n}`);
  }
  t.end();
});

test('what was sent does not change with the memory that the request came in', (t) => {
  const body = bodyNamed('pod-create-apply.json');
  const memory = Buffer.from(body);
  const entry = entryOfBody(memory, [pass]);
  const want = textOf(entry);
  const sent = createSender()(entry);
  memory.fill(0x20);
  if (sent.kind === 'sent-decision') t.equal(textOf(createReceiver()(sent)), want);
  t.end();
});

test('a decision whose results never came is a fault, not a record without them', (t) => {
  const [send, receive] = [createSender(), createReceiver()];
  const body = bodyNamed('pod-create-apply.json');
  send(entryOfBody(body, [pass]));
  const second = send(entryOfBody(body, [pass]));
  if (second.kind === 'sent-decision') t.throws(() => receive(second), /results/);
  t.end();
});

const opening = { replica: 'gate-0', cluster: 'prod', engine: '1', digestKey: null } as const;

type Opened = ServedLedger & { readonly events: LedgerEvent[]; readonly folder: string };

type More = Partial<ThreadOptions> & { readonly about?: Partial<ThreadOptions['opening']> };

async function opened(t: Test, { about = {}, ...more }: More = {}): Promise<Opened> {
  // tap removes its folder before what was to be done first, unless that was said before the folder was made.
  let close = async (): Promise<void> => {};
  t.teardown(() => close());
  const folder = join(t.testdir(), 'ledger');
  const events: LedgerEvent[] = [];
  const ledger = await openLedgerThread({
    opening: { ...opening, folder, ...about },
    oldestNeeded: () => Number.POSITIVE_INFINITY,
    tell: (event) => void events.push(event),
    now: () => new Date().toISOString(),
    newId,
    backOff: { first: 1, most: 5 },
    ...more,
  });
  if (!ledger.ok) throw new Error(ledger.error.message);
  close = ledger.value.close;
  return { ...ledger.value, folder, events };
}

const refused = (cause: string): LedgerEntry => {
  const at = '2026-11-21T10:00:00Z';
  return {
    kind: 'refused',
    id: newId(),
    count: 1,
    from: at,
    to: at,
    sample: { cause, address: '' },
  };
};

const oneDecision = (): DecisionEntry => decisionsOf(2)[1] ?? entryOf({});

const decisionsOf = (count: number): readonly DecisionEntry[] =>
  Array.from({ length: count }, (_, n) => {
    const [name = ''] = bodies[n % bodies.length] ?? [];
    const body = bodyNamed(name);
    return entryOfBody(body, n % 5 === 0 ? [pass, fail] : [pass], { allowed: n % 5 !== 0 });
  });

test('every record is answered with its place, in the order in which it was given, and the ledger proves', async (t) => {
  const ledger = await opened(t);
  const heard: number[] = [];
  const stop = ledger.onDurable((seq) => heard.push(seq));
  const entries = decisionsOf(100);
  const answers = await Promise.all(entries.map((entry) => ledger.append(entry)));
  t.same(
    answers.map((each) => each.ok),
    entries.map(() => true),
  );
  const lines = linesIn(ledger.folder).filter(({ kind }) => kind === 'decision');
  t.same(
    lines.map(({ id }) => id),
    entries.map(({ id }) => id),
  );
  const places = answers.flatMap((each) => (each.ok ? [each.value] : []));
  t.same(
    lines.map(({ seq, sum }) => ({ seq, sum })),
    places,
    'its place is the one it was told',
  );
  t.equal(heard.at(-1), ledger.durable());
  t.match(ledger.state(), { available: true, seq: ledger.durable(), heldBytes: 0, gaps: 0 });
  t.ok(ledger.events.some(({ kind }) => kind === 'synced'));
  await ledger.close('over');
  stop();
  const kinds = kindsIn(ledger.folder);
  t.same(kinds.slice(-2), ['stop', 'checkpoint']);
  t.same([heard.at(-1), ledger.durable()], [kinds.length, kinds.length], 'the last ones are told');
  t.same(await verified(ledger.folder), { faults: [], remarks: [] });
  t.match(await ledger.append(refused('late')), { ok: false, error: { code: 'record-failed' } });
});

test('a ledger that cannot be opened is the fault that it is without a thread', async (t) => {
  const file = join(t.testdir({ taken: '' }), 'taken');
  const ports = { tell: () => {}, now: () => '', newId, oldestNeeded: () => 0 };
  const given = { opening: { ...opening, folder: file }, ...ports };
  t.match(await openLedgerThread(given), { ok: false, error: { code: 'file-unreadable', file } });
  const none = new URL('./ledger-thread/none.ts', import.meta.url);
  const nothing = await openLedgerThread({ ...given, entry: none });
  t.match(nothing, { ok: false, error: { code: 'file-unreadable', message: /its thread ended/ } });
});

const entry = new URL('./ledger-thread/ending-entry.ts', import.meta.url);
const ending = (word: string): DecisionEntry => ({ ...oneDecision(), revision: word });

test('a thread that ends: a denial, not available, and by itself another that tells the gap', async (t) => {
  const ledger = await opened(t, { entry });
  const before = await ledger.append(oneDecision());
  t.match(before, { ok: true });
  const [lost, started] = [ending('end-before'), refused('meanwhile')];
  const [denial, kept] = [ledger.append(lost), ledger.append(started)];
  t.match(await denial, {
    ok: false,
    error: { code: 'record-failed', message: /a fault of ours/ },
  });
  t.equal(ledger.available(), false);
  t.match(ledger.events.at(-1), { kind: 'fault', cause: /a fault of ours/ });
  t.match(await ledger.append(oneDecision()), {
    ok: false,
    error: { message: /^audit log unavailable: the thread of the ledger ended/ },
  });
  t.match(ledger.state(), { available: false, missed: { denied: 2, allowed: 0 } });
  t.match(await kept, { ok: true }, "what is nobody's answer waits for the next thread");
  t.equal(ledger.available(), true);
  t.match(await ledger.append(oneDecision()), { ok: true });
  t.match(ledger.state(), { gaps: 1, missed: { denied: 2, allowed: 0 } });
  await ledger.close();
  const lines = linesIn(ledger.folder);
  const gap = lines.find(({ kind }) => kind === 'gap');
  t.match(gap, { denied: 2, allowed: 0, cause: /a fault of ours/ });
  t.notOk(lines.some(({ id }) => id === lost.id));
  const taken = lines.filter(({ kind }) => kind === 'withdrawn');
  t.match(taken, [{ decision: lost.id }], 'nobody knows whether it was kept, so it is taken back');
  t.same((await verified(ledger.folder)).faults, []);
});

test('a thread that ends after it has recorded: nothing twice, and the ledger proves', async (t) => {
  const ledger = await opened(t, { entry });
  const last = ending('end-after');
  t.match(await ledger.append(last), { ok: true });
  await until(() => !ledger.available());
  await until(() => ledger.available());
  t.match(await ledger.append(oneDecision()), { ok: true });
  await ledger.close();
  const lines = linesIn(ledger.folder);
  t.equal(lines.filter(({ id }) => id === last.id).length, 1);
  t.match(
    lines.find(({ kind }) => kind === 'gap'),
    { denied: 0, allowed: 0 },
  );
  t.same((await verified(ledger.folder)).faults, []);
});

test('a record that ends every thread is given up, and the ledger goes on without it', {
  timeout: 8_000,
}, async (t) => {
  const ledger = await opened(t, { entry });
  const law = { policySet: null, revision: 'end-before', policies: null };
  const change = { from: null, warnings: [], faults: [] };
  const poison = { kind: 'reload', id: newId(), outcome: 'refused', ...law, ...change } as const;
  t.match(await ledger.append(poison), { ok: false, error: { code: 'record-failed' } });
  await until(() => ledger.available());
  t.match(await ledger.append(oneDecision()), { ok: true });
});

test('a thread that stands still: what waits is bounded, what does not fit is denied and counted, and closing ends', async (t) => {
  const ledger = await opened(t, { entry, mostWaiting: 40_000, closeWithin: 50 });
  const still = ledger.append(ending('stand-still'));
  const more = decisionsOf(100).map((each) => ledger.append(each));
  const tooMuch = await Promise.race(more);
  t.match(tooMuch, { ok: false, error: { message: /the disk is too slow/ } });
  t.ok(ledger.state().heldBytes <= 40_000 + 10_000);
  const { missed } = ledger.state();
  t.ok(missed.denied > 50, `${missed.denied} were denied`);
  await ledger.close();
  t.match(await still, { ok: false, error: { message: /closed/ } });
});

test('a thread that has not answered for two seconds is not available', {
  timeout: 8_000,
}, async (t) => {
  const ledger = await opened(t, { entry, closeWithin: 50 });
  t.equal(ledger.available(), true);
  void ledger.append(ending('stand-still'));
  t.equal(ledger.available(), true, 'at first');
  await until(() => !ledger.available());
  t.equal(ledger.state().available, false);
  await ledger.close();
});

test('closing while a thread is being made anew ends too, and nothing is left waiting', async (t) => {
  const ledger = await opened(t, { entry, backOff: { first: 60_000, most: 60_000 } });
  void ledger.append(ending('end-before'));
  await until(() => !ledger.available());
  const kept = ledger.append(refused('later'));
  await ledger.close();
  t.match(await kept, { ok: false, error: { message: /closed/ } });
});

test('what exporters still need is known to the thread: nothing of it is removed', async (t) => {
  let needed = 0;
  const ledger = await opened(t, {
    oldestNeeded: () => needed,
    about: {
      retain: { ms: 0, bytes: null },
      rotate: { bytes: 3_000, ms: 3_600_000 },
      checkpointEvery: 20,
    },
  });
  for (const each of decisionsOf(9)) await ledger.append(each);
  await until(() => ledger.events.filter(({ kind }) => kind === 'compressed').length >= 3);
  t.notOk(ledger.events.some(({ kind }) => kind === 'removed'));
  needed = Number.POSITIVE_INFINITY;
  await until(() => ledger.events.some(({ kind }) => kind === 'removed'));
});

test('redacted places have the digests of the key', async (t) => {
  const digestKey = Buffer.alloc(32, 7);
  const ledger = await opened(t, { about: { digestKey } });
  const body = bodyNamed('secret-create.json');
  await ledger.append(entryOfBody(body, [pass]));
  const here = JSON.parse(textOf(entryOfBody(body, [pass]), createDigester(digestKey)));
  const [line] = linesIn(ledger.folder).filter(({ kind }) => kind === 'decision');
  t.same(line?.['redacted'], here.redacted);
  t.match(here.redacted[0]?.digest, /^hmac-sha256:/);
});
