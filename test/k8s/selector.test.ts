// Label selectors: what they match, and what the API server refuses in them.
import { test } from 'tap';
import { type NameForm, nameForms } from '../../src/k8s/names.ts';
import {
  everything,
  parseSelector,
  selects,
  type WrittenSelector,
} from '../../src/k8s/selector.ts';

type Labels = Readonly<Record<string, string>>;

const matching: readonly [WrittenSelector, Labels, boolean][] = [
  [{}, {}, true],
  [{}, { a: 'b' }, true],
  [{ matchLabels: { a: 'b' } }, { a: 'b', c: 'd' }, true],
  [{ matchLabels: { a: 'b' } }, { a: 'c' }, false],
  [{ matchLabels: { a: 'b' } }, {}, false],
  [{ matchLabels: { a: '' } }, { a: '' }, true],
  [{ matchLabels: { a: '' } }, {}, false],
  [{ matchLabels: { a: 'b', c: 'd' } }, { a: 'b' }, false],
  [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b', 'c'] }] }, { a: 'c' }, true],
  [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }, { a: 'c' }, false],
  [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }, {}, false],
  [{ matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['b'] }] }, { a: 'c' }, true],
  [{ matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['b'] }] }, { a: 'b' }, false],
  [{ matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['b'] }] }, {}, true],
  [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }, { a: '' }, true],
  [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }, {}, false],
  [{ matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] }, {}, true],
  [{ matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] }, { a: '' }, false],
  [
    { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'c', operator: 'Exists' }] },
    { a: 'b' },
    false,
  ],
  [
    { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'c', operator: 'Exists' }] },
    { a: 'b', c: 'd' },
    true,
  ],
  // Own properties only.
  [{ matchExpressions: [{ key: 'constructor', operator: 'Exists' }] }, {}, false],
  [{ matchExpressions: [{ key: 'toString', operator: 'DoesNotExist' }] }, {}, true],
];

test('a selector matches when every requirement holds', async (t) => {
  for (const [written, labels, wanted] of matching) {
    const { selector, faults } = parseSelector(written);
    t.same(faults, []);
    t.equal(selects(selector, labels), wanted, JSON.stringify([written, labels]));
  }
});

test('no selector is the one that matches everything', async (t) => {
  t.equal(parseSelector(undefined).selector, everything);
  t.equal(selects(everything, { a: 'b' }), true);
});

const refused: readonly [WrittenSelector, readonly string[]][] = [
  [{ matchLabels: { 'a b': 'c' } }, ['matchLabels.a b']],
  [{ matchLabels: { a: 'b c', 'x/y': '-' } }, ['matchLabels.a', 'matchLabels.x/y']],
  [{ matchExpressions: [{ operator: 'Exists' }] }, ['matchExpressions.0.key']],
  [{ matchExpressions: [{ key: 'A/b', operator: 'Exists' }] }, ['matchExpressions.0.key']],
  [{ matchExpressions: [{ key: 'a' }] }, ['matchExpressions.0.operator']],
  [
    { matchExpressions: [{ key: 'a', operator: 'in', values: ['b'] }] },
    ['matchExpressions.0.operator'],
  ],
  [{ matchExpressions: [{ key: 'a', operator: 'In' }] }, ['matchExpressions.0.values']],
  [
    { matchExpressions: [{ key: 'a', operator: 'NotIn', values: [] }] },
    ['matchExpressions.0.values'],
  ],
  [
    { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] },
    ['matchExpressions.0.values'],
  ],
  [
    { matchExpressions: [{ key: 'a', operator: 'DoesNotExist', values: ['b'] }] },
    ['matchExpressions.0.values'],
  ],
  [
    { matchExpressions: [{ key: 'a', operator: 'In', values: ['b', '_'] }] },
    ['matchExpressions.0.values.1'],
  ],
];

test('what the API server refuses is a fault at its field', async (t) => {
  for (const [written, wanted] of refused) {
    const found = parseSelector(written).faults.map(({ path }) => path.join('.'));
    t.same(found, wanted, JSON.stringify(written));
  }
});

const long = (n: number): string => 'a'.repeat(n);
const named: Readonly<
  Record<NameForm, readonly [good: readonly string[], bad: readonly string[]]>
> = {
  'dns-subdomain': [
    ['a', '1', 'a-b.c', long(253)],
    ['', 'A', '-a', 'a-', 'a..b', '.a', 'a_b', 'a\n', long(254)],
  ],
  'dns-label': [
    ['a', '1a', long(63)],
    ['', 'a.b', 'A', long(64)],
  ],
  'dns-1035-label': [
    ['a', 'a1'],
    ['', '1a', 'a.b', 'A', long(64)],
  ],
  'qualified-name': [
    ['a', 'A_b.c-d', 'x.y/Z', long(63), `${long(63)}/a`],
    ['', '/a', 'a/', 'a/b/c', 'X/y', '-a', 'a.', long(64), `${long(254)}/a`],
  ],
  'label-value': [
    ['', 'a', 'A_b.c'],
    ['-', 'a b', long(64)],
  ],
  'path-segment': [
    ['a', 'A b', '...'],
    ['.', '..', 'a/b', 'a%b'],
  ],
  'cel-identifier': [
    ['a', '_', 'A1'],
    ['', '1a', 'a-b', 'in', 'namespace', 'null'],
  ],
};

test('names have the forms that the API server knows', async (t) => {
  for (const [form, { holds }] of Object.entries(nameForms)) {
    const [good, bad] = named[form as NameForm];
    for (const text of good) t.equal(holds(text), true, `${form}: ${JSON.stringify(text)}`);
    for (const text of bad) t.equal(holds(text), false, `${form}: ${JSON.stringify(text)}`);
  }
});
