// What is not known decides nothing: an expression that hangs on it is unknown, never true, false or an error.
import { test } from 'tap';
import type { JsonObject, JsonValue } from '../../src/base/json.ts';
import { activate } from '../../src/cel/activation.ts';
import { compile } from '../../src/cel/compile.ts';
import type { CelOutcome, Variable } from '../../src/cel/program.ts';
import { withUnknown } from '../../src/cel/unknown.ts';
import { admit } from '../../src/engine/admit.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import { attemptOf } from '../fixtures/attempts.ts';
import { plainPorts } from '../fixtures/ports.ts';
import { binding, join, policy, wholeSet } from '../policy/texts.ts';

const plain: JsonObject = {
  a: 1,
  secret: 's3cret',
  list: ['x', 'y', 'z'],
  inner: { known: true, other: 'o' },
};
const hidden = [
  [['secret'], 'object.secret'],
  [['list', 1], 'object.list[1]'],
  [['inner', 'other'], 'object.inner.other'],
] as const;
const object = hidden.reduce<JsonValue>(
  (root, [path, shown]) => withUnknown(root, path, shown),
  plain,
);

function run(
  source: string,
  root: JsonValue = object,
  variables: readonly Variable[] = [],
): CelOutcome {
  const made = compile(source, { params: false, authorizer: false, variables }, 'any');
  if (!made.ok) throw new Error(`${source}: ${made.error[0]?.message}`);
  const roots = { object: root, oldObject: null, request: {}, namespaceObject: null };
  return made.value.evaluate(activate(roots, variables, { total: 10_000_000 }));
}

const secret = 'object.secret';
const item = 'object.list[1]';
const other = 'object.inner.other';

const unknowns: readonly (readonly [expression: string, ...paths: readonly string[]])[] = [
  ['object.secret', secret],
  ['object.secret.deeper', secret],
  ['has(object.secret)', secret],
  ['has(object.secret.deeper)', secret],
  ['object.?secret', secret],
  ['object.?secret.hasValue()', secret],
  ['object.?secret.orValue("x")', secret],
  ['object.secret == "x"', secret],
  ['object.secret != "x"', secret],
  ['"x" == object.secret', secret],
  ['object.secret in ["x"]', secret],
  ['"x" in object.secret', secret],
  ['object.secret + "x"', secret],
  ['size(object.secret)', secret],
  ['object.secret.startsWith("s")', secret],
  ['object.secret.matches("s.*")', secret],
  ['string(object.secret)', secret],
  ['[object.secret]', secret],
  ['{"a": object.secret}', secret],
  ['object.secret ? 1 : 2', secret],
  ['object.list[object.secret]', secret],
  ['!(object.secret == "x")', secret],
  ['object.secret == "x" && true', secret],
  ['object.secret == "x" || false', secret],
  // An unknown is told before an error; several are told together.
  ['object.secret == "x" && 1 / 0 == 1', secret],
  ['1 / 0 == 1 || object.secret == "x"', secret],
  ['object.secret == "x" || object.inner.other == "x"', secret, other],
  ['object.secret.all(x, true)', secret],
  ['object.list.all(x, x != "q")', item],
  ['object.list.exists(x, x == "q")', item],
  ['object.list.exists_one(x, x == "x")', item],
  ['object.list.filter(x, x == "x")', item],
  ['object.list.map(x, x)', item],
  ['object.list[1]', item],
  ['object.list == ["x", "q", "z"]', item],
  ['object.inner == {"known": dyn(true), "other": dyn("x")}', other],
  // A function that would look inside a list or a map is not asked.
  ['object.list.join(",")', item],
  ['object.list.distinct().size() == 3', item],
  ['sets.contains(object.list, ["q"])', item],
  ['"%s".format([object.inner])', other],
  ['"q" in object.list', item],
  ['optional.of(object.secret).optMap(x, x)', secret],
];

test('what is not known goes where it is read, with its path', (t) => {
  for (const [expression, ...paths] of unknowns) {
    t.match(run(expression), { kind: 'unknown', paths }, expression);
  }
  t.end();
});

const known: readonly (readonly [expression: string, value: unknown])[] = [
  ['object.a == 1', true],
  ['object.inner.known', true],
  ['has(object.inner.known)', true],
  ['has(object.nope)', false],
  ['object.secret == "x" && false', false],
  ['false && object.secret == "x"', false],
  ['object.secret == "x" || true', true],
  ['object.list.exists(x, x == "z")', true],
  ['object.list.all(x, x == "x")', false],
  ['"x" in object.list', true],
  ['object.list[0]', 'x'],
  ['size(object.list)', 3],
  ['size(object.list + ["q"])', 4],
  ['object.list == ["x", "q"]', false],
  ['object.list == ["x", "q", "q"]', false],
  ['true ? 1 : object.secret', 1],
  ['"secret" in object', true],
  ['object.inner.map(k, k).size()', 2],
];

test('what does not hang on it is decided', (t) => {
  for (const [expression, value] of known)
    t.match(run(expression), { kind: 'value', value }, expression);
  t.end();
});

test('an unknown goes through variables, and is told by its own path', (t) => {
  const made = compile('object.secret + "x"', { params: false, authorizer: false }, 'any');
  if (!made.ok) throw new Error('does not compile');
  const variables = [{ name: 'v', program: made.value }];
  t.match(run('variables.v == "s"', object, variables), { kind: 'unknown', paths: [secret] });
  t.match(run('variables.v == "s" || true', object, variables), { kind: 'value', value: true });
  t.end();
});

test('a path that leads nowhere hides the nearest value that is there', (t) => {
  for (const path of [
    ['inner', 'nope', 'x'],
    ['list', 9],
    ['list', 'x'],
    ['a', 'b'],
  ]) {
    const root = withUnknown(plain, path, 'it');
    t.match(run(`object.${path[0]} == 5`, root), { kind: 'unknown', paths: ['it'] });
    t.match(run('object.secret', root), { kind: 'value', value: 's3cret' });
  }
  t.match(run('object.a', withUnknown(plain, [], 'object')), { kind: 'unknown' });
  t.same(plain['inner'], { known: true, other: 'o' });
  t.end();
});

function policySet(expression: string, condition: string) {
  const [quoted, when] = [JSON.stringify(expression), JSON.stringify(condition)];
  const conditional = policy({
    spec: `matchConditions: [{name: c, expression: ${when}}]`,
    validations: `{expression: ${quoted}, message: broken}`,
  });
  return wholeSet(join(conditional, binding('b')));
}

const pod: JsonObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { hostname: 'h', containers: [] },
};
const redacted = withUnknown(pod, ['spec', 'hostname'], 'object.spec.hostname') as JsonObject;

/** In the order of the attempt's origin: manifest, webhook. */
const rows: readonly (readonly [
  expression: string,
  condition: string,
  ...kinds: readonly string[],
])[] = [
  ['object.spec.hostname == "h"', 'true', 'unknown', 'error'],
  ['object.spec.hostname != "h"', 'true', 'unknown', 'error'],
  ['true', 'object.spec.hostname == "h"', 'unknown', 'error'],
  ['true', 'object.spec.hostname == "h" || true', 'pass', 'pass'],
  ['object.spec.hostname == "h" && false', 'true', 'fail', 'fail'],
];

test('a rule that hangs on what is not known is unknown, and an error that denies in the webhook', async (t) => {
  for (const [expression, condition, ...kinds] of rows) {
    const set = policySet(expression, condition);
    for (const [i, origin] of (['manifest', 'webhook'] as const).entries()) {
      const attempt: Attempt = { ...attemptOf({ object: redacted }), origin };
      const { allowed, results } = await admit(set, attempt, plainPorts);
      const name = `${origin}: ${expression} where ${condition}`;
      const [result] = results.filter(({ policy }) => policy === 'p');
      t.equal(result?.evaluation, kinds[i], name);
      t.equal(allowed, kinds[i] === 'pass' || kinds[i] === 'unknown', name);
      if (kinds[i] === 'unknown' || kinds[i] === 'error') {
        t.equal(result?.code, 'value-unknown', name);
        t.match(result?.message, 'object.spec.hostname', name);
      }
    }
  }
});
