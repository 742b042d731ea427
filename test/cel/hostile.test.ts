// What hostile expressions and hostile objects may not do: run away, recurse without end, reach a prototype, give a
// wrong answer. And what a policy may not be loaded with.
import fc from 'fast-check';
import { test } from 'tap';
import { isObject, type JsonObject, type JsonValue } from '../../src/base/json.ts';
import { activate } from '../../src/cel/activation.ts';
import { compile } from '../../src/cel/compile.ts';
import type { CelOutcome, Scope, Wanted } from '../../src/cel/program.ts';
import { admit } from '../../src/engine/admit.ts';
import { parseJson } from '../../src/yaml/json.ts';
import { attemptOf } from '../fixtures/attempts.ts';
import { plainPorts } from '../fixtures/ports.ts';
import { binding, join, policy, wholeSet } from '../policy/texts.ts';

const scope: Scope = { params: false, authorizer: false, variables: [] };

function run(source: string, object: JsonValue, total = 10_000_000): CelOutcome {
  const compiled = compile(source, scope, 'any');
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  const roots = { object, oldObject: null, request: {}, namespaceObject: null };
  return compiled.value.evaluate(activate(roots, [], { total }));
}

function json(text: string): JsonObject {
  const read = parseJson(Buffer.from(text), { maxBytes: 1 << 24, maxDepth: 1 << 24 });
  if (!read.ok || !isObject(read.value)) throw new Error('no object');
  return read.value;
}

const tooMuch = {
  kind: 'error',
  code: 'cost-exceeded',
  message: 'operation cancelled: actual cost limit exceeded',
};

test('work beyond the budget ends in an error, and nothing absorbs that error', (t) => {
  const list = Array.from({ length: 1000 }, (_, i) => i);
  for (const source of [
    'object.l.all(a, object.l.all(b, a + b >= 0))',
    'object.l.all(a, object.l.all(b, object.l.all(c, a + b + c >= 0)))',
    'object.l.map(a, object.l.map(b, a * b)).size() > 0',
    'true || object.l.all(a, object.l.all(b, true)) || true == object.l.all(a, object.l.all(b, a >= 0))'.replace(
      'true || ',
      'false || ',
    ),
    'object.l.all(a, object.l == object.l.map(x, x))',
    'object.s.matches("(a+)+b") || object.l.exists(x, object.s.matches("(a|aa)+c"))',
  ]) {
    t.match(run(source, { l: list, s: 'a'.repeat(5000) }), tooMuch, source);
  }
  t.end();
});

test('a doubling variable or text runs out of budget instead of memory', (t) => {
  let source = 'object.s';
  for (let i = 0; i < 22; i++) source = `(${source} + ${'object.s'})`;
  t.equal(run(`${source}.size() > 0`, { s: 'x'.repeat(1_000_000) }).kind, 'error');
  t.end();
});

test('the budget of a policy is shared, and what was used is taken from it', (t) => {
  const compiled = compile('object.l.all(x, x >= 0)', scope, 'bool');
  if (!compiled.ok) throw new Error('does not compile');
  const budget = { total: 500 };
  const roots = {
    object: { l: Array.from({ length: 50 }, (_, i) => i) },
    oldObject: null,
    request: {},
    namespaceObject: null,
  };
  t.match(compiled.value.evaluate(activate(roots, [], budget)), { kind: 'value', value: true });
  t.ok(budget.total < 400);
  for (let i = 0; i < 5; i++) compiled.value.evaluate(activate(roots, [], budget));
  t.ok(budget.total <= 0);
  t.match(compiled.value.evaluate(activate(roots, [], budget)), tooMuch);
  t.end();
});

test('a regular expression that would stop a backtracking engine is harmless', (t) => {
  t.match(run('object.s.matches("^(a+)+$")', { s: `${'a'.repeat(5000)}!` }), {
    kind: 'value',
    value: false,
  });
  t.end();
});

test('large and crooked data ends in a value, an error or the end of the budget, whatever is done with it', (t) => {
  const numbers = Array.from({ length: 50_000 }, (_, i) => i);
  const object = json(
    `{"n": [${numbers.join()}], "mix": [1, "a", null, [], {}], "lone": "\\ud800x", "s": "${'ab'.repeat(20_000)}"}`,
  );
  const each = 'object.n.map(a, a).all(a, ';
  for (const source of [
    `${each}object.n.distinct().size() > 0)`,
    `${each}sets.equivalent(object.n, object.n.reverse()))`,
    `${each}object.n.map(x, string(x)).join(",").size() > 0)`,
    `${each}"%s".format([object.n]).size() > 0)`,
    `${each}(object.n + object.n + object.n).size() > 0)`,
    `${each}object.s.split("").size() > 0)`,
    `${each}object.s.replace("a", object.s).size() > 0)`,
    `${each}!object.s.matches("((a*)*b)*c"))`,
    `${each}object.s.matches(object.s))`,
    `${each}object.n.transformMap(k, v, v) == object.n.transformMap(k, v, v))`,
    `${each}[[object.n]].flatten(1000000).size() > 0)`,
    `${each}lists.range(9007199254740991).size() > 0)`,
    `${each}object.n.sortBy(x, -x)[0] > 0)`,
  ]) {
    t.match(run(source, object), tooMuch, source);
  }
  const functions = [
    'size',
    'string',
    'int',
    'double',
    'bytes',
    'timestamp',
    'quantity',
    'url',
    'type',
  ];
  for (const name of functions) t.ok(run(`${name}(object.mix[4])`, object).cost >= 0, name);
  t.match(run('object.lone.size() == 2', object), { kind: 'value' });
  t.end();
});

test('other requests have their turn between two expressions of a policy', async (t) => {
  const held: string[] = [];
  const validations = Array.from({ length: 5 }, (_, i) => `{expression: "object.spec.a != ${i}"}`);
  const set = wholeSet(join(policy({ validations: validations.join(', ') }), binding('b')));
  let elapsed = 0;
  const turn = {
    elapsed: () => (elapsed += 6),
    yield: async () => {
      held.push('yielded');
    },
  };
  await admit(set, attemptOf({ object: { spec: { a: 9 } } }), { ...plainPorts, turn });
  t.ok(held.length >= 3, `${held.length} turns`);
  t.end();
});

test('keys that name a prototype are ordinary keys', (t) => {
  const object = json(
    '{"m": {"constructor": 1, "__proto__": {"evil": true}, "toString": "x"}, "e": {}}',
  );
  const rows: readonly [string, unknown][] = [
    ['object.m.constructor == 1', true],
    ['object.m["__proto__"].evil', true],
    ['object.m.toString', 'x'],
    ['has(object.e.constructor)', false],
    ['has(object.e.toString)', false],
    ['has(object.evil)', false],
    ['"__proto__" in object.e', false],
    ['"__proto__" in object.m', true],
    ['object.m.all(k, k in ["constructor", "__proto__", "toString"])', true],
    ['size({"constructor": 1, "__proto__": 2})', 2],
    ['{"__proto__": 1}.map(k, k)[0]', '__proto__'],
  ];
  for (const [source, value] of rows)
    t.match(run(source, object), { kind: 'value', value }, source);
  t.match(run('object.e.constructor', object), {
    kind: 'error',
    message: 'no such key: constructor',
  });
  t.equal(({} as { evil?: boolean }).evil, undefined);
  t.end();
});

test('data of any depth is read, and compared up to a bound', (t) => {
  let deep: JsonValue = 1;
  for (let i = 0; i < 20_000; i++) deep = { a: deep };
  t.match(run('has(object.d.a.a.a)', { d: deep }), { kind: 'value', value: true });
  t.match(run('object.d == object.e', { d: deep, e: { a: deep } }), { kind: 'error' });
  t.match(run('"%s".format([object.d])', { d: deep }), { kind: 'error' });
  t.end();
});

test('long chains and deep nesting are taken or refused, never a stack overflow', (t) => {
  for (const op of ['&&', '||']) {
    const source = new Array(5000).fill('object.b').join(` ${op} `);
    t.match(run(source, { b: true }), { kind: 'value', value: true });
  }
  for (const source of [
    `${'('.repeat(300)}1${')'.repeat(300)}`,
    `${'['.repeat(2000)}${']'.repeat(2000)}`,
    `1${' + 1'.repeat(20_000)}`,
    '!'.repeat(5000),
  ]) {
    const compiled = compile(source, scope, 'any');
    t.equal(compiled.ok, false, source.slice(0, 20));
    if (!compiled.ok) t.match(compiled.error[0]?.code, /^cel-(limit|syntax)$/);
  }
  t.equal(compile(`"${'x'.repeat(200_000)}"`, scope, 'any').ok, false);
  t.end();
});

test('integers beyond 2^53 are exact', (t) => {
  const object = json('{"big": 9007199254740993, "max": 9223372036854775807}');
  t.match(run('object.big == 9007199254740993 && object.big != 9007199254740992', object), {
    kind: 'value',
    value: true,
  });
  t.match(run('string(object.big + 1)', object), { kind: 'value', value: '9007199254740994' });
  t.match(run('object.max + 1', object), { kind: 'error', message: 'integer overflow' });
  t.end();
});

const refusals: readonly [string, Wanted, string, number][] = [
  ['object.spec.b', 'bool', 'cel-type', 0],
  ['1', 'bool', 'cel-type', 0],
  ['object.metadata.name', 'string', 'cel-type', 0],
  ['1', 'string-or-null', 'cel-type', 0],
  ['foo(1)', 'any', 'cel-unknown', 0],
  ['true && nope', 'bool', 'cel-unknown', 8],
  ['request.object.x == 1', 'bool', 'cel-unknown', 0],
  ['params.x == 1', 'bool', 'cel-unknown', 0],
  ['authorizer.path("/x").check("get").allowed()', 'bool', 'cel-unknown', 0],
  ['variables.later == 1', 'bool', 'cel-unknown', 0],
  ['1 == 1.0', 'bool', 'cel-type', 0],
  ['"a".matches("[")', 'bool', 'cel-regex', 12],
  ['1 +', 'any', 'cel-syntax', 3],
  ['"abc', 'any', 'cel-syntax', 0],
];

for (const [source, wanted, code, start] of refusals) {
  test(`refused at load (${code}): ${source}`, (t) => {
    const compiled = compile(source, scope, wanted);
    t.equal(compiled.ok, false);
    if (!compiled.ok) t.match(compiled.error[0], { code, start });
    t.end();
  });
}

test('the type of a variable is that of its expression', (t) => {
  const a = compile('1 + 1', scope, 'any');
  if (!a.ok) throw new Error('does not compile');
  const withA: Scope = { ...scope, variables: [{ name: 'a', program: a.value }] };
  t.equal(compile('variables.a == 1.0', withA, 'bool').ok, false);
  t.equal(compile('variables.a == 2', withA, 'bool').ok, true);
  t.end();
});

test('compiling never throws, and what compiles never throws when it runs', (t) => {
  const words = [
    'object',
    '.spec',
    '.?x',
    '[0]',
    '[?1]',
    '(',
    ')',
    '"a"',
    '1',
    '1.5',
    'true',
    'null',
    ' + ',
    ' == ',
    ' && ',
    ' || ',
    ' ? ',
    ' : ',
    '!',
    '-',
    'size(',
    'has(',
    '.all(x, ',
    '.map(x, x',
    '.orValue(1)',
    '{',
    '}',
    ',',
    'in',
    'quantity(',
    '.matches("',
    '%',
    '\\',
    "'",
    'é',
    '\u0000',
  ];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...words), { maxLength: 12 }),
      fc.string(),
      (parts, text) => {
        for (const source of [parts.join(''), text]) {
          const compiled = compile(source, scope, 'any');
          if (!compiled.ok) continue;
          const roots = {
            object: { spec: [1, 'a', null] },
            oldObject: null,
            request: {},
            namespaceObject: null,
          };
          compiled.value.evaluate(activate(roots, [], { total: 10_000 }));
        }
      },
    ),
    { numRuns: 5000 },
  );
  t.end();
});
