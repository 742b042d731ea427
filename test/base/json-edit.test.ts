// Edits by what is to be there afterwards: the operations that say it, and the value that comes of them.
import fc from 'fast-check';
import { test } from 'tap';
import type { JsonObject, JsonValue } from '../../src/base/json.ts';
import { type Edit, edit, editsOf } from '../../src/base/json-edit.ts';
import { applyPatch, type PatchOperation } from '../../src/base/json-patch.ts';
import { add, gone, remove, replace, set } from '../fixtures/edits.ts';

const rows: readonly (readonly [string, JsonValue, Edit, readonly PatchOperation[]])[] = [
  ['a field is replaced', { a: 1 }, set(['a'], 2), [replace('/a', 2)]],
  ['what is there already is said again', { a: 1 }, set(['a'], 1), [replace('/a', 1)]],
  [
    'missing parents are made in one step',
    {},
    set(['a', 'b', 'c'], 1),
    [add('/a', { b: { c: 1 } })],
  ],
  ['null is no parent', { a: null }, set(['a', 'b'], 1), [replace('/a', { b: 1 })]],
  ['a list is not made for an index', {}, set(['a', 0], 1), []],
  ['a text has no fields', { a: 'x' }, set(['a', 'b'], 1), []],
  ['a field is removed', { a: { b: 1, c: 2 } }, gone(['a', 'b']), [remove('/a/b')]],
  ['what is not there is not removed', { a: 1 }, gone(['b']), []],
  [
    'what is left empty goes too, but no field of the root',
    { a: { b: { c: 1 } } },
    gone(['a', 'b', 'c']),
    [remove('/a/b')],
  ],
  [
    'nor an item of a list',
    { a: { b: [{ c: 1 }] } },
    gone(['a', 'b', 0, 'c']),
    [remove('/a/b/0/c')],
  ],
  [
    'the last item takes its list along',
    { a: { b: ['x'], c: 1 } },
    gone(['a', 'b', 0]),
    [remove('/a/b')],
  ],
  ['keys are escaped', { a: {} }, set(['a', 'x/y~z'], 1), [add('/a/x~1y~0z', 1)]],
  [
    'a prototype is a key like others',
    {},
    set(['__proto__', 'x'], 1),
    [add('/__proto__', { x: 1 })],
  ],
];

for (const [rule, value, change, patch] of rows) {
  test(`edit: ${rule}`, (t) => {
    const made = edit(value, [change]);
    t.same(made.patch, patch);
    t.same(applyPatch(value, made.patch), { ok: true, value: made.value });
    t.end();
  });
}

const key = fc.constantFrom('a', 'b', '__proto__');
const path = fc.array(key, { minLength: 1, maxLength: 4 });
const scalars = fc.constantFrom<JsonValue[]>(1, true, 'x');
const edits = fc.array(fc.record({ path, value: fc.option(scalars, { nil: undefined }) }), {
  maxLength: 5,
});
const objects: fc.Arbitrary<JsonObject> = edits.map((each) => Object(edit({}, each).value));

test('the patch of edits gives the edited value, and as edits again the same', (t) => {
  fc.assert(
    fc.property(objects, edits, (value, all) => {
      const made = edit(value, all);
      t.same(applyPatch(value, made.patch), { ok: true, value: made.value });
      t.same(edit(value, editsOf(value, made.patch)).value, made.value);
    }),
    { numRuns: 300 },
  );
  t.end();
});
