// What an expression statically is, what is refused at load with its place, and what each Kubernetes version knows.
import { test } from 'tap';
import { compile } from '../../src/cel/compile.ts';
import type { Scope } from '../../src/cel/program.ts';

const base: Scope = { params: true, authorizer: true, variables: [] };

function told(source: string, scope: Partial<Scope> = {}): string {
  const made = compile(source, { ...base, ...scope }, 'any');
  if (made.ok) return made.value.type;
  const [fault] = made.error;
  return `${fault?.code} ${fault?.start}: ${fault?.message}`;
}

const types: readonly (readonly [expression: string, type: string])[] = [
  ['object.spec', 'dyn'],
  ['request.userInfo.extra', 'map(string, list(string))'],
  ['namespaceObject.status.conditions[0].lastTransitionTime', 'google.protobuf.Timestamp'],
  ['authorizer.group("apps").resource("x")', 'kubernetes.authorization.ResourceCheck'],
  ['[]', 'list(dyn)'],
  ['[] + [1]', 'list(int)'],
  ['[[], [1]]', 'list(list(int))'],
  ['{"a": []}', 'map(string, list(dyn))'],
  ['[1].map(x, [x])', 'list(list(int))'],
  ['{"a": 1}.map(k, k)', 'list(string)'],
  ['object.l.filter(x, true)', 'list(dyn)'],
  ['{"a": 1}.transformMap(k, v, "b")', 'map(string, string)'],
  ['["a"].transformMapEntry(i, v, {v: i})', 'map(string, int)'],
  ['true ? 1 : object.a', 'dyn'],
  ['true ? null : timestamp("2020-01-01T00:00:00Z")', 'null_type'],
  ['true ? [] : ["a"]', 'list(string)'],
  ['object.a + 1', 'int'],
  ['object.a + object.b', 'dyn'],
  ['object.?a', 'optional_type(dyn)'],
  ['request.?name', 'optional_type(string)'],
  ['object.l[?0]', 'dyn'],
  ['[1][?0].orValue(2)', 'int'],
  ['optional.of(1).optMap(x, string(x))', 'optional_type(string)'],
  ['optional.none().or(optional.of(1))', 'optional_type(int)'],
  ['[?object.?a]', 'list(dyn)'],
  ['type(1)', 'type(int)'],
  ['net.IP', 'type(net.IP)'],
  ['[1].all(object, object > 0)', 'bool'],
  ['[{"a": 1}].all(object, .object.kind == "Pod")', 'bool'],
  ['"%s: %d".format(["a", 1])', 'string'],
];

test('every expression has the type that the API server gives it', (t) => {
  for (const [expression, type] of types) t.equal(told(expression), type, expression);
  t.end();
});

const refusals: readonly (readonly [expression: string, fault: string])[] = [
  ['nope', "cel-unknown 0: undeclared reference to 'nope' (in container '')"],
  ['true && nope.a', "cel-unknown 8: undeclared reference to 'nope' (in container '')"],
  ['nope(1)', "cel-unknown 0: undeclared reference to 'nope' (in container '')"],
  ['request.nope', "cel-unknown 0: undefined field 'nope'"],
  ['request.?nope', "cel-unknown 0: undefined field 'nope'"],
  ['has(request.nope)', "cel-unknown 4: undefined field 'nope'"],
  ['variables.nope', "cel-unknown 0: undefined field 'nope'"],
  ['1.a', "cel-type 0: type 'int' does not support field selection"],
  ['request.name.a', "cel-type 0: type 'string' does not support field selection"],
  ['1 == "a"', "cel-type 0: found no matching overload for '_==_' applied to '(int, string)'"],
  ['1 + "a"', "cel-type 0: found no matching overload for '_+_' applied to '(int, string)'"],
  [
    '{"a": 1}[1]',
    "cel-type 0: found no matching overload for '_[_]' applied to '(map(string, int), int)'",
  ],
  ['"a".size(1)', "cel-type 0: found no matching overload for 'size' applied to 'string.(int)'"],
  ['1 ? 2 : 3', "cel-type 0: found no matching overload for '_?_:_' applied to '(int, int, int)'"],
  [
    'true ? 1 : "a"',
    "cel-type 0: found no matching overload for '_?_:_' applied to '(bool, int, string)'",
  ],
  ['true || 1', "cel-type 8: expected type 'bool' but found 'int'"],
  ['[1, "a"]', "cel-type 4: expected type 'int' but found 'string'"],
  ['[1, object.a]', "cel-type 4: expected type 'int' but found 'dyn'"],
  ['[[1], ["a"]]', "cel-type 6: expected type 'list(int)' but found 'list(string)'"],
  ['{"a": 1, 2: 3}', "cel-type 9: expected type 'string' but found 'int'"],
  ['{"a": 1, "b": true}', "cel-type 14: expected type 'int' but found 'bool'"],
  ['[?1]', "cel-type 2: expected type 'optional_type(int)' but found 'int'"],
  ['{?"a": 1}', "cel-type 7: expected type 'optional_type(int)' but found 'int'"],
  [
    '"a".all(x, true)',
    "cel-type 0: expression of type 'string' cannot be range of a comprehension (must be list, map, or dynamic)",
  ],
  ['[1].all(x, 1)', "cel-type 0: the predicate of all() must be a bool, not 'int'"],
  ['[1].map(x, 1, x)', "cel-type 0: the predicate of map() must be a bool, not 'int'"],
  ['[1].all(x.y, true)', 'cel-syntax 8: argument must be a simple name'],
  ['[1].all(x, x, true)', 'cel-syntax 11: argument must be a simple name'],
  ['[1].all(__result__, true)', 'cel-syntax 8: iteration variable overwrites accumulator variable'],
  [
    '[1].optMap(x, x)',
    "cel-type 0: found no matching overload for 'hasValue' applied to 'list(int).()'",
  ],
  ['has(object)', 'cel-syntax 0: invalid argument to has() macro'],
  ['"a".matches("[")', 'cel-regex'],
  ['duration("x")', 'cel-type 9'],
  ['timestamp("x")', 'cel-type 10'],
  ['int("x")', 'cel-type 4'],
  ['"%d".format(["a"])', "cel-type 13: the clause %d does not take a value of type 'string'"],
  [
    '"%s".format([1, 2])',
    'cel-type 0: too many arguments supplied to string.format (expected 1, got 2)',
  ],
  ['"%s %s".format([1])', 'cel-type 0: index 1 out of range'],
  ['"%q".format([1])', 'cel-type 0: could not parse formatting clause: %q'],
  [
    '"%s".format([[optional.of(1)]])',
    "cel-type 14: the clause %s does not take a value of type 'optional_type'",
  ],
];

test('what the API server refuses in a policy is refused at load, with its place', (t) => {
  for (const [expression, fault] of refusals) {
    const found = told(expression);
    t.ok(found.startsWith(fault), `${expression}: ${found}`);
  }
  t.end();
});

test('names that are not declared here are told as such', (t) => {
  const scope = { params: false, authorizer: false };
  for (const name of ['params', 'authorizer', 'authorizer.requestResource']) {
    t.match(told(name, scope), /^cel-unknown/, name);
  }
  t.end();
});

/** The minor of the API server that first takes it in a new policy: one after the minor that brought it. */
const firsts: readonly (readonly [expression: string, minor: number])[] = [
  ['object.?a.hasValue()', 29],
  ['object[?"a"].hasValue()', 29],
  ['[?object.?a]', 29],
  ['{?"a": object.?a}', 29],
  ['optional.of(1).optMap(x, x)', 29],
  ['1 < 2.0', 29],
  ['isQuantity("1")', 29],
  ['sets.contains([1], [1])', 30],
  ['"%s".format(["a"])', 30],
  ['isIP("::1")', 31],
  ['ip.isCanonical("::1")', 31],
  ['format.dns1123Label()', 32],
  ['[1].all(i, v, true)', 33],
  ['[1].transformList(i, v, v)', 33],
  ['isSemver("1.0.0")', 34],
  ['[1].sort()', 35],
  ['[1].sortBy(x, x)', 35],
];

test('each Kubernetes version takes in a new policy what the version before it knows', (t) => {
  for (const [expression, minor] of firsts) {
    const [before, first] = [minor - 1, minor].map((each) => ({ kubernetesVersion: `1.${each}` }));
    t.match(
      told(expression, before),
      new RegExp(`^cel-unknown.* came with Kubernetes 1\\.${minor - 1}: `),
      expression,
    );
    t.notMatch(told(expression, first), /^cel-/, expression);
  }
  t.end();
});

test('without a version everything that is known may be used, as in a policy that is stored', (t) => {
  t.notMatch(told('[1].includes(1)'), /^cel-/);
  t.match(told('[1].includes(1)', { kubernetesVersion: '1.37' }), /came with Kubernetes 1\.37/);
  t.notMatch(told('[1].includes(1)', { kubernetesVersion: '1.38' }), /^cel-/);
  t.end();
});
