// The body of a review, bytes to value: exact, bounded, and never more lenient than the API server's own decoder.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'tap';
import { canonicalJson } from '../../src/base/json.ts';
import { parseAgain, parseJson } from '../../src/yaml/json.ts';

const limits = { maxBytes: 7 * 1024 * 1024, maxDepth: 256 };

/** Canonical JSON of the value, or the code. */
function parse(body: string | Uint8Array): string {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const parsed = parseJson(bytes, limits);
  return parsed.ok ? canonicalJson(parsed.value) : parsed.error.code;
}

const nest = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const bytes = (...each: readonly number[]): Uint8Array => Uint8Array.from(each);

const rows: readonly [string, string | Uint8Array, string][] = [
  ['an object', ' {"a": [1, "b", null, true]}\n', '{"a":[1,"b",null,true]}'],
  ['a scalar', '1', '1'],
  ['nothing', '', 'review-empty'],
  ['only white space', '  ', 'review-syntax'],
  ['an open object', '{"a": 1', 'review-syntax'],
  ['two values', '{}{}', 'review-syntax'],
  ['a comment', '{} // c', 'review-syntax'],
  ['a comma too many', '[1,]', 'review-syntax'],
  ['NaN', '[NaN]', 'review-syntax'],
  ['a control character in a string', '"a\u0001"', 'review-syntax'],
  ['a byte order mark', '\uFEFF{}', 'review-syntax'],
  ['bytes that are not UTF-8', bytes(0x22, 0xff, 0x22), 'review-syntax'],
  ['an overlong form', bytes(0x22, 0xc0, 0xaf, 0x22), 'review-syntax'],
  ['half of a surrogate pair in UTF-8', bytes(0x22, 0xed, 0xa0, 0x80, 0x22), 'review-syntax'],
  ['a character cut off', bytes(0x22, 0xe6, 0x97), 'review-syntax'],
  ['UTF-16', bytes(0x7b, 0, 0x7d, 0), 'review-syntax'],
  ['depth at the limit', nest(256), nest(256)],
  ['depth over the limit', nest(257), 'review-too-deep'],
  ['objects over the limit', `${'{"a":'.repeat(257)}1${'}'.repeat(257)}`, 'review-too-deep'],
  ['seven million brackets', '['.repeat(7_000_000), 'review-too-deep'],
  ['brackets in a string', `["${'['.repeat(1000)}"]`, `["${'['.repeat(1000)}"]`],
  ['brackets after an escaped quote', `["\\"${'['.repeat(1000)}"]`, `["\\"${'['.repeat(1000)}"]`],
  ['brackets after an escaped backslash', `["\\\\",${nest(256)}]`, 'review-too-deep'],
  ['brackets in a string that never ends', `["${'['.repeat(1000)}`, 'review-syntax'],
  ['siblings are not depth', `[${'[],'.repeat(1000)}[]]`, `[${'[],'.repeat(1000)}[]]`],
  ['the largest safe integer', '9007199254740991', '9007199254740991'],
  ['an integer beyond it', '[9007199254740993]', '[9007199254740993]'],
  ['a negative one', '{"a":-9007199254740993}', '{"a":-9007199254740993}'],
  ['the largest int64', '9223372036854775807', '9223372036854775807'],
  ['the smallest int64', '-9223372036854775808', '-9223372036854775808'],
  ['beyond int64: a double, as in the API server', '9223372036854775808', '9223372036854776000'],
  ['sixteen digits that are safe', '1234567890123456', '1234567890123456'],
  ['many digits after the point', '0.12345678901234567890', '0.12345678901234568'],
  ['digits in a string', '"12345678901234567890"', '"12345678901234567890"'],
  ['digits in a key', '{"12345678901234567890":1}', '{"12345678901234567890":1}'],
  ['an exponent', '[1e3,1E-2]', '[1000,0.01]'],
  ['a number beyond a double', '[1e999]', 'review-syntax'],
  ['four hundred digits', `[${'9'.repeat(400)}]`, 'review-syntax'],
  ['a number too small for a double', '[1e-999]', '[0]'],
  ['equal keys', '{"a":1,"a":2}', 'review-duplicate-key'],
  ['equal keys, one escaped', '{"a":1,"\\u0061":1}', 'review-duplicate-key'],
  ['equal keys deep inside', '[{"b":[{"a":1,"c":":","a":1}]}]', 'review-duplicate-key'],
  ['equal keys beside a large integer', '{"a":9007199254740993,"a":1}', 'review-duplicate-key'],
  ['__proto__ twice', '{"__proto__":1,"__proto__":2}', 'review-duplicate-key'],
  ['equal keys of two objects', '[{"a":1},{"a":2}]', '[{"a":1},{"a":2}]'],
  ['colons in strings', '{":":"::",",":1}', '{",":1,":":"::"}'],
  ['__proto__', '{"__proto__":{"a":9007199254740993}}', '{"__proto__":{"a":9007199254740993}}'],
];

test('a body is parsed exactly or refused with its code', (t) => {
  for (const [what, body, want] of rows) t.equal(parse(body), want, what);
  t.end();
});

test('the limit of bytes is a limit of bytes', (t) => {
  const body = new TextEncoder().encode('"éé"');
  const with5 = parseJson(body, { maxBytes: 5, maxDepth: 1 });
  t.equal(with5.ok ? '' : with5.error.code, 'review-too-large');
  t.ok(parseJson(body, { maxBytes: 6, maxDepth: 1 }).ok);
  t.end();
});

test('large integers are bigint, others are numbers, and __proto__ is an own property', (t) => {
  const parsed = parseJson(
    new TextEncoder().encode('{"a":9007199254740993,"b":1,"__proto__":{"c":1}}'),
    limits,
  );
  const value = parsed.ok ? (parsed.value as Record<string, unknown>) : {};
  t.equal(value['a'], 9007199254740993n);
  t.equal(value['b'], 1);
  t.ok(Object.hasOwn(value, '__proto__'));
  t.equal(Object.getPrototypeOf(value), Object.prototype);
  t.end();
});

test('what a fault says does not quote the body', (t) => {
  const parsed = parseJson(new TextEncoder().encode('{"password": hunter2}'), limits);
  t.notMatch(parsed.ok ? '' : parsed.error.message, 'hunter2');
  t.end();
});

test('any JSON value is read back as JSON.parse reads it, and no bytes make it throw', (t) => {
  fc.assert(
    fc.property(fc.json(), (text) => parse(text) === canonicalJson(JSON.parse(text))),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (body) => {
      let accepted = true;
      try {
        JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
      } catch {
        accepted = false;
      }
      const parsed = parseJson(body, limits);
      return parsed.ok ? accepted : !accepted || parsed.error.code === 'review-syntax';
    }),
    { numRuns: 500 },
  );
  t.end();
});

test('what was taken once is read again as the same value, to the last digit', (t) => {
  const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,24})(\.\d{1,20})?([eE][+-]?\d{1,2})?$/);
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      digits,
      fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
      fc.array(tie('tree'), { maxLength: 4 }).map((all) => `[${all.join(', ')}]`),
      fc
        .uniqueArray(fc.tuple(fc.string(), tie('tree')), { selector: ([key]) => key, maxLength: 4 })
        .map((all) => `{${all.map(([key, each]) => `${JSON.stringify(key)} :${each}`).join(',')}}`),
    ),
  }));
  fc.assert(
    fc.property(tree, (text) => {
      const bytes = Buffer.from(String(text));
      const first = parseJson(bytes, limits);
      if (first.ok) assert.deepStrictEqual(parseAgain(bytes), first.value);
    }),
    { numRuns: 3_000 },
  );
  t.strictSame(parseAgain(Buffer.from('{"a":9007199254740993}')), { a: 9007199254740993n });
  t.end();
});
