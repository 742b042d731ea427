// What an explanation names decides: for expressions as policies have them and objects of every shape, changing nothing
// but the named fields turns the verdict; and a verdict that nothing names is one of no field.
import fc from 'fast-check';
import { test } from 'tap';
import { toPointer } from '../../src/base/field-path.ts';
import type { JsonValue } from '../../src/base/json.ts';
import { activate } from '../../src/cel/activation.ts';
import { compile } from '../../src/cel/compile.ts';
import type { Cause } from '../../src/cel/explain/cause.ts';
import { explain } from '../../src/cel/explain/explain.ts';
import type { Activation, Program } from '../../src/cel/program.ts';
import { type Change, mends, removed, type Verdict } from './mend.ts';

const image = fc.constantFrom('good/a:1', 'bad/b:latest', 'good/c:latest', 'a@sha256:0', '');
const context = fc.record(
  {
    privileged: fc.boolean(),
    runAsNonRoot: fc.boolean(),
    runAsUser: fc.integer({ min: 0, max: 2 }),
    capabilities: fc.record(
      { drop: fc.subarray(['ALL', 'NET_RAW']), add: fc.subarray(['SYS_ADMIN', 'CHOWN']) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);
const container = fc.record(
  {
    name: fc.constantFrom('a', 'b', 'c'),
    image,
    securityContext: context,
    ports: fc.array(fc.record({ hostPort: fc.constantFrom(0, 80, 443) }, { requiredKeys: [] }), {
      maxLength: 2,
    }),
    resources: fc.record(
      { limits: fc.record({ memory: fc.constantFrom('1Gi', '64Mi') }, { requiredKeys: [] }) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['name', 'image'] },
);
const labels = fc.dictionary(
  fc.constantFrom('app', 'owner', 'a.b/tier'),
  fc.constantFrom('', 'x', 'gold'),
);
const pod = fc.record({
  metadata: fc.record(
    { name: fc.constantFrom('web', 'Db'), labels, annotations: labels },
    { requiredKeys: ['name'] },
  ),
  spec: fc.record(
    {
      replicas: fc.integer({ min: 0, max: 9 }),
      hostNetwork: fc.boolean(),
      securityContext: context,
      containers: fc.array(container, { maxLength: 3 }),
      initContainers: fc.array(container, { maxLength: 2 }),
      selector: labels,
    },
    { requiredKeys: ['containers'] },
  ),
});

const every = '(object.spec.containers + object.spec.?initContainers.orValue([]))';
const expressions: readonly string[] = [
  'object.spec.containers.all(c, !c.securityContext.privileged)',
  'object.spec.containers.all(c, !has(c.securityContext) || !has(c.securityContext.privileged) || !c.securityContext.privileged)',
  'object.spec.containers.all(c, has(c.securityContext) && has(c.securityContext.runAsNonRoot) && c.securityContext.runAsNonRoot)',
  `${every}.all(c, c.?securityContext.?runAsNonRoot.orValue(object.spec.?securityContext.?runAsNonRoot.orValue(false)))`,
  `${every}.filter(c, c.image.endsWith(":latest")).size() == 0`,
  `size(${every}.filter(c, !c.image.startsWith("good/"))) < 1`,
  `${every}.map(c, c.image).all(i, i.contains("@"))`,
  `!${every}.exists(c, c.name in ["b", "c"])`,
  `${every}.all(c, c.?ports.orValue([]).all(p, p.?hostPort.orValue(0) == 0))`,
  `${every}.all(c, "ALL" in c.?securityContext.?capabilities.?drop.orValue([]))`,
  `${every}.all(c, !("SYS_ADMIN" in c.?securityContext.?capabilities.?add.orValue([])))`,
  `${every}.all(c, c.?securityContext.?capabilities.?add.orValue([]).all(a, a in ["CHOWN"]))`,
  `${every}.all(c, has(c.resources) && has(c.resources.limits) && has(c.resources.limits.memory))`,
  `${every}.all(c, c.?resources.?limits.?memory.optMap(m, m == "64Mi").orValue(false))`,
  `${every}.all(c, c.?securityContext.?runAsUser.orValue(1) > 0)`,
  'object.spec.containers.exists(c, c.name == "a")',
  'object.spec.containers.exists_one(c, c.name == "a")',
  'object.spec.containers.map(c, c.image.split(":")[0]).all(i, i == "good/a")',
  'object.spec.replicas <= 5 && !object.spec.hostNetwork',
  'object.?spec.?replicas.orValue(1) <= 3',
  'has(object.metadata.labels) && "owner" in object.metadata.labels && object.metadata.labels.owner != ""',
  'object.metadata.?labels[?"a.b/tier"].orValue("") in ["x", "gold"]',
  'object.metadata.?labels.orValue({}).all(k, object.metadata.labels[k] != "")',
  'object.metadata.?labels.orValue({}).all(k, k.startsWith("a"))',
  'object.metadata.?labels.orValue({}).all(k, v, v != "x" || k == "app")',
  'object.?spec.?selector.orValue({}) == object.?metadata.?labels.orValue({})',
  'has(object.spec.hostNetwork) ? !object.spec.hostNetwork : true',
  'object.metadata.name.matches("^[a-z]+$") && object.metadata.name.size() < 3',
  'object.metadata.name.lowerAscii() == "web"',
  'object.metadata.annotations.app == "gold"',
  'sets.contains(["good/a:1"], object.spec.containers.map(c, c.image))',
  'object.spec.containers.map(c, c.name).distinct().size() == object.spec.containers.size()',
  'object.spec.containers.all(c, object.spec.containers.exists_one(d, d.name == c.name))',
];

const texts = [
  ...new Set(
    expressions.flatMap((each) => [...each.matchAll(/"([^"]*)"/g)].map((m) => m[1] ?? '')),
  ),
];
const plain: readonly Change[] = [removed, false, true, 0, 1, 4, {}, []];
const tries: readonly Change[] = [
  ...plain,
  ...['good/a:1', 'good/a@:1', 'owner', 'u', 'v', 'w', 'z', 'y'],
  ...texts,
  ...[
    { name: 'a', image: '' },
    { name: 'q', image: '' },
  ].map((each) => [each]),
  ...texts.map((text) => [text]),
];

function activationOf(object: JsonValue): Activation {
  const roots = { object, oldObject: null, request: {}, namespaceObject: null };
  return activate(roots, [], { total: 10_000_000 });
}

const nameOf = ({ path }: Cause): string => toPointer(path);

function judge(program: Program, object: JsonValue): Verdict {
  const activation = activationOf(object);
  const outcome = program.evaluate(activation);
  if (outcome.kind === 'value' && outcome.value === true) return { kind: 'passes', named: [] };
  return { kind: 'refused', named: explain(program, activation).causes.map(nameOf) };
}

async function mended(program: Program, object: JsonValue): Promise<boolean> {
  if (judge(program, object).kind === 'passes') return true;
  const { causes } = explain(program, activationOf(object));
  const sameAs = causes.map(({ value }) => value).filter((value) => value !== undefined);
  const fields = causes.map((cause) => ({
    name: nameOf(cause),
    path: cause.path,
    tries: [...tries, ...sameAs],
  }));
  return mends(object, fields, (next) => judge(program, next));
}

for (const source of expressions) {
  test(`the fields named decide: ${source}`, async (t) => {
    const program = compile(source, { params: false, authorizer: false, variables: [] }, 'bool');
    if (!program.ok) throw new Error(JSON.stringify(program.error));
    const property = fc.asyncProperty(pod, (object) => mended(program.value, object));
    await t.resolves(fc.assert(property, { numRuns: 60 }));
  });
}
