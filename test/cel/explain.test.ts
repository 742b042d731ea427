// An explanation names the fields that made an expression false or fail: each construct of the language, as a table.
import { test } from 'tap';
import { formatPath } from '../../src/base/field-path.ts';
import type { JsonValue } from '../../src/base/json.ts';
import { activate } from '../../src/cel/activation.ts';
import { compile } from '../../src/cel/compile.ts';
import type { Cause } from '../../src/cel/explain/cause.ts';
import { type Explanation, explain, maxCauses } from '../../src/cel/explain/explain.ts';
import type { Roots, Variable } from '../../src/cel/program.ts';

const spec = {
  replicas: 5,
  hostNetwork: true,
  tier: 'gold',
  containers: [
    { name: 'a', image: 'good/a:1', securityContext: { privileged: false } },
    { name: 'b', image: 'bad/b:latest', securityContext: { privileged: true }, ports: [80, 22] },
    { name: 'c', image: 'good/c:latest' },
  ],
  initContainers: [{ name: 'i', image: 'bad/i:1', securityContext: { privileged: true } }],
  none: [],
  empty: {},
  nothing: null,
  nested: [[1, 2], [3]],
  matrix: { x: { y: 1 }, z: { y: 2 } },
};
const roots = {
  object: {
    kind: 'Pod',
    metadata: { name: 'web', labels: { app: 'web', 'a.b/c': 'x', bad: '' } },
    spec,
  },
  oldObject: { metadata: { name: 'web' }, spec: { replicas: 3, tier: 'gold' } },
  params: { max: 3, allowed: ['x', 'y'], limits: { gold: 2 } },
  request: { operation: 'CREATE', userInfo: { username: 'eve', groups: ['dev'] } },
  namespaceObject: { metadata: { labels: { env: 'prod' } } },
} satisfies Roots;

type Options = { readonly variables?: Readonly<Record<string, string>>; readonly roots?: Roots };

function explained(source: string, options: Options = {}): Explanation {
  const variables: Variable[] = [];
  for (const [name, expression] of Object.entries(options.variables ?? {})) {
    variables.push({ name, program: compiled(expression, variables) });
  }
  const activation = activate(options.roots ?? roots, variables, { total: 10_000_000 });
  return explain(compiled(source, variables), activation);
}

function compiled(source: string, variables: readonly Variable[]): Variable['program'] {
  const program = compile(
    source,
    { params: true, authorizer: false, variables: [...variables] },
    'any',
  );
  if (!program.ok) throw new Error(`${source}: ${JSON.stringify(program.error)}`);
  return program.value;
}

/** `object` goes without saying; `~` stands before what was computed with. */
function text({ root, path, exact }: Cause): string {
  const field = formatPath(path);
  const whole = root === 'object' ? field : [root, field].filter((each) => each !== '').join('.');
  return `${exact ? '' : '~'}${whole}`;
}

const told = (source: string, options?: Options): readonly string[] =>
  explained(source, options).causes.map(text);

type Row = readonly [expression: string, ...paths: string[]];
type Variables = Readonly<Record<string, string>>;

function holds(name: string, rows: readonly Row[], variables: Variables = {}): void {
  test(name, (t) => {
    for (const [expression, ...paths] of rows)
      t.same(told(expression, { variables }), paths, expression);
    t.end();
  });
}

// biome-ignore format: a table
holds('a field, an index and a key are told by their paths', [
  ['!object.spec.hostNetwork', 'spec.hostNetwork'],
  ['object.spec.containers[1].image == "x"', 'spec.containers[1].image'],
  ['object.metadata.labels["a.b/c"] == "y"', 'metadata.labels["a.b/c"]'],
  ['object["spec"]["replicas"] < 3', 'spec.replicas'],
  ['(object.spec).replicas < 3', 'spec.replicas'],
  ['object.spec.matrix[object.spec.tier].y == 1', 'spec.matrix.gold.y', '~spec.tier'],
  ['object.spec == null', 'spec'],
  ['object == null', ''],
]);

// biome-ignore format: a table
holds('a missing field is told by the path that would have been read', [
  ['object.spec.nope == 1', 'spec.nope'],
  ['object.spec.nope.deeper[0].still == 1', 'spec.nope.deeper[0].still'],
  ['object.spec.nothing.deeper == 1', 'spec.nothing.deeper'],
  ['object.spec.containers[7].name == "x"', 'spec.containers[7].name'],
  ['object.metadata.annotations["a"] == "x"', 'metadata.annotations.a'],
  ['has(object.spec.nope)', 'spec.nope'],
  ['has(object.spec.a.b)', 'spec.a.b'],
  ['!has(object.spec.replicas)', 'spec.replicas'],
  ['has(object.spec.a) && has(object.spec.a.b) && object.spec.a.b.c', 'spec.a.b.c'],
  ['has(object.spec.a) ? object.spec.a.b == 1 : false', 'spec.a.b'],
]);

// biome-ignore format: a table
holds('what has no such items is told itself', [
  ['object.spec.replicas.deeper == 1', 'spec.replicas'],
  ['object.spec.tier[0] == "g"', 'spec.tier'],
  ['object.spec.containers.name == "x"', 'spec.containers'],
  ['object.spec.replicas.all(x, x)', 'spec.replicas'],
  ['object.spec.tier > 3', 'spec.tier'],
  ['object.spec.replicas && true', 'spec.replicas'],
  ['object.spec.containers[-1].name == "x"', 'spec.containers'],
  ['duration(object.spec.tier) < duration("1s")', 'spec.tier'],
]);

// biome-ignore format: a table
holds(
  '&& tells the terms that are false and those that fail beside them, || and negations all that count',
  [
    ['object.spec.replicas == 5 && object.spec.tier == "x" && !object.spec.hostNetwork', 'spec.tier', 'spec.hostNetwork'],
    ['object.spec.replicas == 1 || object.spec.tier == "x"', 'spec.replicas', 'spec.tier'],
    ['!(object.spec.replicas == 5 && object.spec.tier == "gold")', 'spec.replicas', 'spec.tier'],
    ['!(object.spec.replicas == 5 || object.spec.tier == "x")', 'spec.replicas'],
    ['object.spec.tier == "x" && object.spec.nope == 1', 'spec.tier', 'spec.nope'],
    ['object.spec.nope == 1 || object.spec.tier == "x"', 'spec.nope'],
    ['!!object.spec.nope', 'spec.nope'],
  ],
);

// biome-ignore format: a table
holds(
  '?: tells the branch that was taken, and the condition where the other one would have differed',
  [
    ['object.kind == "Pod" ? !object.spec.hostNetwork : true', 'spec.hostNetwork', 'kind'],
    ['object.kind == "Pod" ? !object.spec.hostNetwork : false', 'spec.hostNetwork'],
    ['has(object.spec.x) ? true : false', 'spec.x'],
    ['(object.kind == "Pod" ? object.spec : object.spec.template.spec).hostNetwork == false', 'spec.hostNetwork'],
    ['object.spec.nope ? true : false', 'spec.nope'],
  ],
);

// biome-ignore format: a table
holds('all and exists tell every item, map keys too', [
  ['object.spec.containers.all(c, !c.securityContext.privileged)', 'spec.containers[1].securityContext.privileged', 'spec.containers[2].securityContext.privileged'],
  ['object.spec.containers.all(c, c.image.startsWith("good/"))', 'spec.containers[1].image'],
  ['!object.spec.containers.all(c, c.image != "")', 'spec.containers[0].image', 'spec.containers[1].image', 'spec.containers[2].image'],
  ['object.spec.containers.exists(c, c.name == "z")', 'spec.containers[0].name', 'spec.containers[1].name', 'spec.containers[2].name'],
  ['!object.spec.containers.exists(c, c.image.endsWith(":latest"))', 'spec.containers[1].image', 'spec.containers[2].image'],
  ['object.spec.none.exists(c, c.name == "z")', 'spec.none'],
  ['object.spec.nope.exists(c, c.name == "z")', 'spec.nope'],
  ['object.spec.containers.exists_one(c, c.image.endsWith(":latest"))', 'spec.containers[1].image', 'spec.containers[2].image'],
  ['object.spec.containers.exists_one(c, c.image == "x")', 'spec.containers[0].image', 'spec.containers[1].image', 'spec.containers[2].image'],
  ['object.metadata.labels.all(k, object.metadata.labels[k] != "")', 'metadata.labels.bad'],
  ['object.metadata.labels.all(k, k != "bad")', '~metadata.labels.bad'],
  ['object.metadata.labels.all(k, v, v != "")', 'metadata.labels.bad'],
  ['object.spec.containers.all(i, c, i == 1 || !c.image.endsWith(":latest"))', 'spec.containers[2].image'],
  ['object.spec.containers.all(c, !has(c.ports) || c.ports.all(p, p != 22))', 'spec.containers[1].ports', 'spec.containers[1].ports[1]'],
  ['object.spec.containers.all(c, false)', '~spec.containers[0]', '~spec.containers[1]', '~spec.containers[2]'],
  ['object.spec.containers.all(c, object.spec.initContainers.all(i, i.name == c.name))', 'spec.initContainers[0].name', 'spec.containers[0].name', 'spec.containers[1].name', 'spec.containers[2].name'],
  ['[object, oldObject].all(o, o.spec.replicas < 4)', 'spec.replicas'],
  ['[1, 2].all(i, object.spec.replicas < i)', 'spec.replicas'],
]);

// biome-ignore format: a table
holds('items keep their origin through +, filter, map, slices and orders', [
  ['(object.spec.containers + object.spec.initContainers).all(c, c.image.startsWith("good"))', 'spec.containers[1].image', 'spec.initContainers[0].image'],
  ['object.spec.containers.filter(c, c.name != "a").all(c, c.image.endsWith(":1"))', 'spec.containers[1].image', 'spec.containers[2].image'],
  ['object.spec.containers.map(c, c.image).all(i, i.startsWith("good"))', 'spec.containers[1].image'],
  ['object.spec.containers.map(c, c.name == "b", c.image).all(i, i == "x")', 'spec.containers[1].image'],
  ['object.spec.containers.map(c, c.image.split(":")[1]).all(i, i == "1")', '~spec.containers[1].image', '~spec.containers[2].image'],
  ['object.spec.containers.map(c, {"n": c.name}).all(m, m.n != "b")', 'spec.containers[1].name'],
  ['object.spec.containers.transformList(i, c, c.name).all(n, n != "c")', 'spec.containers[2].name'],
  ['object.metadata.labels.transformList(k, v, v).all(v, v != "")', 'metadata.labels.bad'],
  ['object.metadata.labels.transformMap(k, v, v + "!").all(k, v, v != "!")', '~metadata.labels.bad'],
  ['object.spec.containers.slice(1, 3).all(c, c.name != "c")', 'spec.containers[2].name'],
  ['object.spec.containers.map(c, c.name).reverse()[0] == "x"', 'spec.containers[2].name'],
  ['object.spec.containers.map(c, c.name).sort()[1] == "x"', 'spec.containers[1].name'],
  ['object.spec.containers.map(c, c.name).distinct().all(n, n != "c")', 'spec.containers[2].name'],
  ['object.spec.nested.flatten().all(n, n != 3)', 'spec.nested[1][0]'],
  ['object.spec.containers.sortBy(c, c.image)[0].name == "x"', 'spec.containers[1].name'],
  ['object.metadata.labels.transformMapEntry(k, v, {v: k}).all(k, k != "")', '~metadata.labels.app', '~metadata.labels["a.b/c"]', '~metadata.labels.bad'],
  ['object.spec.containers.existsOne(i, c, c.name == "z" || i > 1 && c.name == "d")', 'spec.containers[0].name', 'spec.containers[1].name', 'spec.containers[2].name'],
  ['[object.spec.?nope, optional.of(object.spec.tier)].all(o, o.hasValue())', 'spec.nope'],
  ['.object.spec.tier == "x"', 'spec.tier'],
  ['object.spec.containers.first().value().name == "x"', 'spec.containers[0].name'],
  ['object.spec.containers.last().?name.orValue("") == "x"', 'spec.containers[2].name'],
  ['object.spec.containers.map(c, c.name).join(",") == ""', '~spec.containers[0].name', '~spec.containers[1].name', '~spec.containers[2].name'],
]);

// biome-ignore format: a table
holds('a size is told by the items that should not be there, or should', [
  ['object.spec.containers.filter(c, c.image.endsWith(":latest")).size() == 0', 'spec.containers[1].image', 'spec.containers[2].image'],
  ['size(object.spec.containers.filter(c, c.image.endsWith(":latest"))) == 0', 'spec.containers[1].image', 'spec.containers[2].image'],
  ['object.spec.containers.filter(c, c.name == "z").size() > 0', 'spec.containers[0].name', 'spec.containers[1].name', 'spec.containers[2].name'],
  ['0 < object.spec.containers.filter(c, c.name == "z").size()', 'spec.containers[0].name', 'spec.containers[1].name', 'spec.containers[2].name'],
  ['object.spec.containers.filter(c, c.name == "a").size() >= 2', 'spec.containers[1].name', 'spec.containers[2].name'],
  ['object.spec.containers.filter(c, c.name == "b") == []', 'spec.containers[1].name'],
  ['object.spec.containers.filter(c, c.name == "b").map(c, c.image).size() == 0', 'spec.containers[1].name'],
  ['object.spec.containers.map(c, c.name == "b", c.image).size() == 0', 'spec.containers[1].name'],
  ['object.spec.containers.filter(c, has(c.ports)).exists(c, c.name == "a")', 'spec.containers[1].name', 'spec.containers[0].ports', 'spec.containers[2].ports'],
  ['object.spec.containers.size() <= 2', '~spec.containers'],
  ['(object.spec.containers + object.spec.none).size() <= 2', '~spec.containers'],
  ['object.spec.?absent.orValue([]).size() > 0', '~spec.absent'],
  ['object.spec.tier.size() > 9', '~spec.tier'],
]);

// biome-ignore format: a table
holds('optionals lead to what is there, or to what would have been read', [
  ['object.?spec.?nope.orValue(false)', 'spec.nope'],
  ['object.?spec.?a.?b.?c.orValue(false)', 'spec.a.b.c'],
  ['object.?spec.?hostNetwork.orValue(false) == false', 'spec.hostNetwork'],
  ['object.?spec.?nope.hasValue()', 'spec.nope'],
  ['object.?spec.?nope.value() == 1', 'spec.nope'],
  ['object.spec.?containers[?7].?name.orValue("") == "x"', 'spec.containers[7].name'],
  ['object.metadata.?annotations[?"a"].orValue("") == "x"', 'metadata.annotations.a'],
  ['object.metadata.?annotations.orValue({}).?a.orValue("") == "x"', 'metadata.annotations.a'],
  ['"a" in object.metadata.?annotations.orValue({})', 'metadata.annotations.a'],
  ['object.spec.?nope.orValue([]).exists(c, c == 1)', 'spec.nope'],
  ['object.spec.?nope.orValue(object.spec.replicas) == 1', 'spec.replicas', 'spec.nope'],
  ['object.spec.?nope.or(object.spec.?tier).orValue("") == "x"', 'spec.tier', 'spec.nope'],
  ['object.spec.?tier.optMap(t, t == "x").orValue(true)', 'spec.tier'],
  ['object.spec.?nope.optMap(t, t == "x").orValue(false)', 'spec.nope'],
  ['object.?spec.optFlatMap(s, s.?tier).orValue("") == "x"', 'spec.tier'],
  ['optional.of(object.spec.tier).value() == "x"', 'spec.tier'],
]);

// biome-ignore format: a table
holds('in tells the item and the list; for a map, what is under the key', [
  ['object.spec.tier in ["x", "y"]', 'spec.tier'],
  ['!("dev" in request.userInfo.groups)', 'request.userInfo.groups[0]'],
  ['"ops" in request.userInfo.groups', 'request.userInfo.groups'],
  ['object.spec.tier in params.allowed', 'spec.tier', 'params.allowed'],
  ['"nope" in object.metadata.labels', 'metadata.labels.nope'],
  ['!("bad" in object.metadata.labels)', 'metadata.labels.bad'],
  ['object.spec.containers.all(c, c.image in ["good/a:1"])', 'spec.containers[1].image', 'spec.containers[2].image'],
]);

// biome-ignore format: a table
holds('comparisons tell both sides, and the parts that differ', [
  ['object.spec.replicas <= params.max', 'spec.replicas', 'params.max'],
  ['object.spec.replicas == oldObject.spec.replicas', 'spec.replicas', 'oldObject.spec.replicas'],
  ['object.spec.matrix == {"x": {"y": 1}, "z": {"y": 3}}', 'spec.matrix.z.y'],
  ['object.spec.matrix == {"x": {"y": 1}}', 'spec.matrix.z'],
  ['{"name": "web2"} == oldObject.metadata', 'oldObject.metadata.name'],
  ['object.spec.nested == [[1, 2], [4]]', 'spec.nested[1][0]'],
  ['object.spec.nested == [[1, 2]]', 'spec.nested'],
  ['object.metadata != object.metadata', 'metadata'],
  ['object.spec.replicas + oldObject.spec.replicas < 5', '~spec.replicas', '~oldObject.spec.replicas'],
  ['params.limits[object.spec.tier] >= object.spec.replicas', 'params.limits.gold', '~spec.tier', 'spec.replicas'],
  ['namespaceObject.metadata.labels.env != "prod"', 'namespaceObject.metadata.labels.env'],
  ['oldObject.spec.tier != object.spec.tier', 'oldObject.spec.tier', 'spec.tier'],
]);

// biome-ignore format: a table
holds('functions tell the fields that they were given', [
  ['object.spec.tier.lowerAscii().startsWith("x")', '~spec.tier'],
  ['object.spec.tier.matches("^x")', 'spec.tier'],
  ['string(object.spec.replicas) == "3"', '~spec.replicas'],
  ['type(object.spec.replicas) == string', '~spec.replicas'],
  ['sets.contains(["x"], object.spec.containers.map(c, c.name))', 'spec.containers[0].name', 'spec.containers[1].name', 'spec.containers[2].name'],
  ['quantity(string(object.spec.replicas)).isLessThan(quantity("1"))', '~spec.replicas'],
  ['object.spec.nested[0].sum() == 4', '~spec.nested[0]'],
  ['-object.spec.replicas > 0', '~spec.replicas'],
  ['dyn(object.spec.replicas) == 3', 'spec.replicas'],
  ['true && false'],
  ['1 == 2'],
]);

// biome-ignore format: a table
holds(
  'variables lead into their own expressions',
  [
    ['variables.all.all(c, !c.?securityContext.?privileged.orValue(false))', 'spec.containers[1].securityContext.privileged', 'spec.initContainers[0].securityContext.privileged'],
    ['variables.bad.size() == 0', 'spec.containers[1].securityContext.privileged', 'spec.initContainers[0].securityContext.privileged'],
    ['variables.good', 'spec.replicas'],
    ['variables.broken == 1', 'spec.nope'],
    ['variables.s.tier == "x"', 'spec.tier'],
  ],
  {
    all: 'object.spec.containers + object.spec.?initContainers.orValue([])',
    bad: 'variables.all.filter(c, c.?securityContext.?privileged.orValue(false))',
    good: 'object.spec.replicas < 3',
    broken: 'object.spec.nope',
    s: 'object.spec',
  },
);

test('a cause holds the value of its field, the sub-expression, and what was wanted', (t) => {
  const source =
    'object.spec.containers.all(c, c.image in ["x", "y"]) && object.spec.replicas <= 3';
  const [first, , , last] = explained(source).causes;
  t.match(first, {
    value: 'good/a:1',
    exact: true,
    variable: null,
    wanted: { operator: 'in', negated: false, value: ['x', 'y'] },
  });
  t.match(last, { value: 5, wanted: { operator: '<=', negated: false, value: 3 } });
  t.equal(source.slice(first?.range.start, first?.range.end), 'c.image');
  t.match(explained('3 >= object.spec.replicas').causes, [
    { wanted: { operator: '<=', value: 3 } },
  ]);
  t.match(explained('!(object.spec.tier == "gold")').causes, [
    { wanted: { operator: '==', negated: true } },
  ]);
  const [inVariable] = explained('variables.v', {
    variables: { v: '  object.spec.replicas < 3' },
  }).causes;
  t.match(inVariable, { variable: 'v', range: { start: 2, end: 22 } });
  t.end();
});

test('keys of prototypes are ordinary keys', (t) => {
  t.same(told('has(object.constructor)'), ['constructor']);
  t.same(told('object.spec.toString.__proto__ == 1'), ['spec.toString.__proto__']);
  t.match(explained('object.spec.constructor == 1').causes, [{ value: undefined }]);
  t.end();
});

test('an explanation is bounded: by its causes, by its work, by the stack', (t) => {
  const many = { ...roots, object: { list: Array.from({ length: 500 }, (_, i) => i) } };
  const cut = explained('object.list.all(i, i < 0)', { roots: many });
  t.equal(cut.causes.length, maxCauses);
  t.equal(cut.complete, false);
  const square = explained(
    'object.list.all(i, object.list.all(j, object.list.exists(k, k == i * j)))',
    { roots: many },
  );
  t.equal(square.complete, false);
  let deep: JsonValue = 1;
  for (let i = 0; i < 20_000; i++) deep = { a: deep };
  const roomy: Roots = { ...roots, object: { deep } };
  t.same(told('object.deep == {"a": 1}', { roots: roomy }), ['deep.a']);
  t.match(
    explained('object.deep == oldObject.deep', {
      roots: { ...roomy, oldObject: { deep: structuredClone({ a: { a: 1 } }) } },
    }).causes.length,
    2,
  );
  const long = Array.from({ length: 2_000 }, () => 'object.spec.replicas == 5').join(' && ');
  t.same(told(`${long} && object.spec.tier == "x"`), ['spec.tier']);
  t.end();
});

test('an explanation takes nothing from the budget of the policy', (t) => {
  const budget = { total: 1_000 };
  const activation = activate(roots, [], budget);
  explain(compiled('object.spec.containers.all(c, c.name == "z")', []), activation);
  t.equal(budget.total, 1_000);
  const own = { total: 5 };
  t.equal(
    explain(compiled('object.spec.containers.all(c, c.name == "z")', []), activation, own).complete,
    false,
  );
  t.end();
});
