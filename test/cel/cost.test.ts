// What each form of expression costs, in the API server's units: the figures are those of Kubernetes 1.37 (cel-go 0.29.2,
// test/differential/cel). And the limits: of an expression, of a policy, and of work that the cost does not bound.
import { test } from 'tap';
import type { JsonValue } from '../../src/base/json.ts';
import { activate } from '../../src/cel/activation.ts';
import { compile } from '../../src/cel/compile.ts';
import type { CelOutcome, Program, Scope, Variable } from '../../src/cel/program.ts';

const object: JsonValue = {
  spec: { s: 'text', i: 3, b: true, list: [1, 2, 3], map: { k: 1 }, long: 'x'.repeat(95) },
};

function programOf(source: string, scope: Partial<Scope> = {}): Program {
  const made = compile(source, { params: false, authorizer: false, ...scope }, 'any');
  if (!made.ok) throw new Error(`${source}: ${made.error[0]?.message}`);
  return made.value;
}

function run(source: string, root: JsonValue = object, total = 10_000_000): CelOutcome {
  const roots = { object: root, oldObject: null, request: {}, namespaceObject: null };
  return programOf(source).evaluate(activate(roots, [], { total }));
}

const groups: Readonly<Record<string, readonly (readonly [expression: string, cost: number])[]>> = {
  'what is known at load is free': [
    ['1', 0],
    ['[1, 2]', 0],
    ['{"a": [1]}', 0],
    ['timestamp("2020-01-01T00:00:00Z")', 0],
    ['[duration("1s")]', 0],
    ['net.IP', 0],
    ['object.spec.s in ["a", "b"]', 3],
    ['object.nope.deep in []', 0],
  ],
  'a name takes 1, and so does each field or item that is reached': [
    ['object', 1],
    ['object.spec.s', 3],
    ['object.nope.deep', 2],
    ['object.spec.list[0]', 4],
    ['object.spec.list[object.spec.i - 1]', 8],
    ['object.spec.list[object.spec.i]', 6],
    ['{"a": 1}.a', 2],
    ['object.spec.?s', 3],
    ['object.spec.?nope', 2],
    ['object.?nope.deep.deeper', 1],
  ],
  'has() takes what its selections take, but not the name': [
    ['has(object.spec)', 1],
    ['has(object.spec.s)', 2],
    ['has(object.nope.x)', 1],
    ['has({"a": 1}.a)', 1],
    ['has((object.spec.b ? object.spec : object).s)', 4],
  ],
  'a branch of ?: takes no name of its own': [
    ['true ? object : object', 0],
    ['object.spec.b ? object.spec.s : object.spec.i', 5],
    ['(object.spec.b ? object : object).spec', 4],
    ['object.spec.b ? size(object.spec.s) : 0', 7],
  ],
  'both sides of an operator are evaluated, and paid, when one of them fails': [
    ['object.nope == object.spec.s', 6],
    ['object.nope + object.spec.s', 6],
    ['1 / 0 + object.spec.i', 5],
    ['object.nope.matches(object.spec.s)', 6],
    // What takes more arguments, and a pattern that is known, ends at the first error.
    ['object.nope.matches("a")', 2],
    ['object.nope.substring(object.spec.i, 1)', 2],
  ],
  'texts take a tenth of their length': [
    ['"" == object.spec.s', 3],
    ['object.spec.long == object.spec.long', 16],
    ['object.spec.long == object.spec.s', 7],
    ['object.spec.long + "x"', 13],
    ['object.spec.long + object.spec.long', 7],
    ['object.spec.long.startsWith(object.spec.long)', 16],
  ],
  'lists and maps take 10 and 30': [
    ['[object]', 11],
    ['{"a": object}', 31],
    ['[1 / 0]', 11],
    ['[?object.spec.?nope]', 12],
  ],
  'macros take what they expand to': [
    ['object.spec.list.all(x, x > 0)', 19],
    ['object.spec.list.all(x, x > 1)', 11],
    ['object.spec.list.all(x, x < 3)', 19],
    ['[].all(x, true)', 1],
    ['object.spec.list.exists(x, x > 1)', 19],
    ['object.spec.list.exists_one(x, x > 2)', 13],
    ['object.spec.list.filter(x, x > 1)', 36],
    ['object.spec.list.map(x, x)', 43],
    ['object.spec.list.map(x, 1)', 10],
    ['object.spec.list.map(x, x > 1, x)', 36],
    ['object.spec.list.map(x, x / 0)', 46],
    ['object.spec.list.transformList(i, v, v)', 43],
    ['object.spec.list.transformMap(k, v, v)', 16],
    ['object.spec.list.transformMap(k, v, v / 0)', 11],
    ['object.spec.list.transformMapEntry(k, v, {"a": v})', 103],
    ['object.spec.list.sortBy(x, -x)', 49],
  ],
  'optMap() takes its operand twice where the body reads the value': [
    ['optional.of(object.spec.i).optMap(x, 2)', 6],
    ['optional.of(object.spec.i).optMap(x, x)', 12],
    ['optional.of(object.spec.i).optFlatMap(x, optional.of(x + 1))', 13],
    ['object.spec.?i.optMap(x, x).optMap(y, y)', 24],
    ['optional.of(1).optFlatMap(v, optional.of(v).optMap(w, w))', 12],
    ['optional.none().optMap(x, x)', 3],
    ['object.spec.?nope.orValue(object.spec.s)', 5],
    ['object.spec.?s.orValue(object.spec.s)', 3],
  ],
};

for (const [rule, rows] of Object.entries(groups)) {
  test(rule, (t) => {
    for (const [expression, cost] of rows) t.equal(run(expression).cost, cost, expression);
    t.end();
  });
}

test('an expression may take exactly 1,000,000, and not one more', (t) => {
  const items = (count: number): JsonValue => ({ l: new Array(count).fill(1) });
  // object.l takes 2, each item 3, the result 1.
  const source = 'object.l.all(x, true)';
  t.match(run(source, items(333_332)), { kind: 'value', cost: 999_999 });
  t.match(run(`${source} && object != 1`, items(333_332)), { code: 'cost-exceeded' });
  t.match(run(`!${source}`, items(333_332)), { kind: 'value', cost: 1_000_000 });
  t.match(run(`!(${source} && object)`, items(333_332)), { code: 'cost-exceeded' });
  t.match(run(source, items(333_333)), { kind: 'error', code: 'cost-exceeded' });
  t.end();
});

test('a policy may take exactly its budget, and not one more', (t) => {
  const cost = run('object.spec.s').cost;
  t.match(run('object.spec.s', object, cost), { kind: 'value' });
  t.match(run('object.spec.s', object, cost - 1), { kind: 'error', code: 'cost-exceeded' });
  t.match(run('object.spec.s', object, 0), { kind: 'error', code: 'cost-exceeded' });
  t.match(run('1', object, 0), { kind: 'value' });
  t.end();
});

test('a variable takes 2 where it is read, and its own cost from the budget, once', (t) => {
  const variable = { name: 'v', program: programOf('object.spec.list.map(x, x)') };
  const variables: readonly Variable[] = [variable];
  const program = programOf('size(variables.v) == size(variables.v)', { variables });
  const roots = { object, oldObject: null, request: {}, namespaceObject: null };
  const budget = { total: 1000 };
  t.match(program.evaluate(activate(roots, variables, budget)), { kind: 'value', cost: 7 });
  t.equal(budget.total, 1000 - 7 - 43);
  const small = { total: 45 };
  t.match(program.evaluate(activate(roots, variables, small)), { code: 'cost-exceeded' });
  t.ok(small.total < 0);
  t.end();
});

test('work that costs little is bounded all the same', (t) => {
  const wide = (): JsonValue =>
    Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, i]));
  const root = { a: wide(), b: wide(), n: new Array(1000).fill(0) };
  t.match(run('object.n.all(x, object.a == object.b)', root), { code: 'cost-exceeded' });
  t.match(run('object.a == object.b', root), { kind: 'value', value: true });
  t.end();
});
