// Differences: exact, whatever the values are, and never taken for something else.
import fc from 'fast-check';
import { test } from 'tap';
import type { JsonObject, JsonValue } from '../../src/base/json.ts';
import { canonicalJson } from '../../src/base/json.ts';
import { applyPatch, diff, type PatchOperation } from '../../src/base/json-patch.ts';
import { entryBody } from '../../src/ledger/record.ts';
import { createDigester } from '../../src/redact/digest.ts';
import { entryOf } from './entry.ts';

const rows: readonly (readonly [string, JsonValue, JsonValue, readonly PatchOperation[]])[] = [
  ['nothing', { a: [1] }, { a: [1] }, []],
  ['a member', { a: 1, b: 2 }, { a: 3, b: 2 }, [{ op: 'replace', path: '/a', value: 3 }]],
  ['one more', {}, { a: null }, [{ op: 'add', path: '/a', value: null }]],
  ['one less', { a: null }, {}, [{ op: 'remove', path: '/a' }]],
  ['keys with slashes', { 'a/b~c': 1 }, {}, [{ op: 'remove', path: '/a~1b~0c' }]],
  ['the empty key', { '': 1 }, { '': 2 }, [{ op: 'replace', path: '/', value: 2 }]],
  ['an item before', [2, 3], [1, 2, 3], [{ op: 'add', path: '/0', value: 1 }]],
  ['an item between', [1, 3], [1, 2, 3], [{ op: 'add', path: '/1', value: 2 }]],
  [
    'items less',
    [1, 2, 3, 4],
    [1, 4],
    [
      { op: 'remove', path: '/2' },
      { op: 'remove', path: '/1' },
    ],
  ],
  ['another type', { a: [1] }, { a: { 0: 1 } }, [{ op: 'replace', path: '/a', value: { 0: 1 } }]],
  ['the whole', 1, 2, [{ op: 'replace', path: '', value: 2 }]],
  [
    'beyond 2^53',
    [9007199254740993n],
    [9007199254740992n],
    [{ op: 'replace', path: '/0', value: 9007199254740992n }],
  ],
];

test('a difference is small, and in the words of RFC 6902', (t) => {
  for (const [what, from, to, patch] of rows) {
    t.same(diff(from, to), patch, what);
    const back = applyPatch(from, patch);
    t.equal(back.ok && canonicalJson(back.value), canonicalJson(to), what);
  }
  t.end();
});

const values = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<JsonValue>(null, true, 0, 1, '', 'a', 9007199254740993n),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(
      fc.constantFrom('a', 'b', '', '0', '1', 'a/b', '~1', '__proto__', 'constructor'),
      tie('value'),
      { maxKeys: 5 },
    ),
  ),
})).value;

test('applied to the one value a difference gives the other, always', (t) => {
  fc.assert(
    fc.property(values, values, (from, to) => {
      const before = canonicalJson(from);
      const back = applyPatch(from, diff(from, to));
      return (
        back.ok && canonicalJson(back.value) === canonicalJson(to) && canonicalJson(from) === before
      );
    }),
    { numRuns: 3_000 },
  );
  t.end();
});

test('an operation that does not fit is told, and nothing is guessed', (t) => {
  const wrong: readonly (readonly [JsonValue, PatchOperation])[] = [
    [{}, { op: 'remove', path: '/a' }],
    [{}, { op: 'replace', path: '/a', value: 1 }],
    [{}, { op: 'add', path: '/a/b', value: 1 }],
    [[], { op: 'remove', path: '/0' }],
    [[1], { op: 'add', path: '/2', value: 1 }],
    [[1], { op: 'add', path: '/-', value: 1 }],
    [[1], { op: 'replace', path: '/00', value: 1 }],
    [1, { op: 'add', path: '/a', value: 1 }],
    [{}, { op: 'remove', path: '/__proto__' }],
  ];
  for (const [value, operation] of wrong) {
    t.match(applyPatch(value, [operation]), { ok: false, error: operation.path });
  }
  t.end();
});

const master = Buffer.alloc(32, 7);

function recorded(object: JsonObject | null, oldObject: JsonObject | null, namespace = 'shop') {
  const kind = { group: '', version: 'v1', kind: 'ConfigMap' };
  const context = {
    ...{ replica: 'r', cluster: 'c', digest: createDigester(master) },
    moment: () => ({ at: '', stepped: false }),
  };
  const entry = entryOf({ operation: 'UPDATE', kind, object, oldObject, namespace });
  return JSON.parse(String(entryBody(entry, context))) as {
    readonly attempt: { readonly object: JsonObject; readonly oldObject: JsonValue };
    readonly redacted: readonly { readonly pointer: string; readonly digest: string }[];
  };
}

const large = { metadata: { name: 'a', labels: { app: 'shop', tier: 'web', team: 'x' } } };

test('of an UPDATE the old object is its difference where that is shorter', (t) => {
  const old = { ...large, spec: 1 };
  const { attempt } = recorded({ ...large, spec: 2 }, old);
  t.same(attempt.oldObject, { patch: [{ op: 'replace', path: '/spec', value: 1 }] });
  t.same(recorded({ b: large }, { a: 1 }).attempt.oldObject, { a: 1 }, 'another object is itself');
  t.same(recorded(null, old).attempt.oldObject, old, 'and of a DELETE');
  t.equal(recorded(large, null).attempt.oldObject, null);
  t.end();
});

test('an object that looks like a difference is never taken for one', (t) => {
  const old = { patch: [] };
  const { attempt } = recorded({ patch: [1] }, old);
  const { patch } = attempt.oldObject as { readonly patch: readonly PatchOperation[] };
  const back = applyPatch(attempt.object, patch);
  t.same(back, { ok: true, value: old });
  t.end();
});

test('digests show where redacted values differ, where their texts cannot', (t) => {
  const data = (value: string): JsonObject => ({ ...large, data: { k: value } });
  const digestsOf = (record: ReturnType<typeof recorded>): readonly string[] =>
    record.redacted.map(({ digest }) => digest);
  const same = recorded(data('one'), data('one'));
  t.same(same.attempt.oldObject, { patch: [] });
  t.equal(new Set(digestsOf(same)).size, 1);
  t.match(digestsOf(same)[0], /^hmac-sha256:[0-9a-f]{64}$/);
  const changed = recorded(data('one'), data('two'));
  t.same(changed.attempt.oldObject, { patch: [] }, 'both are redacted');
  t.equal(new Set(digestsOf(changed)).size, 2);
  t.equal(digestsOf(changed)[0], digestsOf(same)[0], 'an equal value anywhere in the namespace');
  const elsewhere = recorded(data('one'), null, 'bank');
  t.not(digestsOf(elsewhere)[0], digestsOf(same)[0], 'and another one in another namespace');
  t.end();
});
