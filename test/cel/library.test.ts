// The libraries at their edges, against Kubernetes' answers (SEKISHO_GOLDEN=write asks Go anew); versions of functions,
// names that lead nowhere, work that is cut short, and what expressions ask the authorizer.
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'tap';
import type { JsonValue } from '../../src/base/json.ts';
import { activate } from '../../src/cel/activation.ts';
import type { AuthorizerAnswer, AuthorizerQuestion } from '../../src/cel/authorizer.ts';
import { compile } from '../../src/cel/compile.ts';
import { functionsNamed, libraries } from '../../src/cel/library/index.ts';
import type { CelOutcome, Roots, Scope } from '../../src/cel/program.ts';
import { whyNotGo } from '../differential/go.ts';
import { idOf } from '../fixtures/cel/case.ts';
import { object } from '../fixtures/cel/corpus.ts';
import { edges } from '../fixtures/cel/edges.ts';
import { writesGoldens } from '../golden.ts';
import { cost, verdict } from './compare.ts';
import { answersIn, theirs } from './oracle.ts';
import { ours } from './ours.ts';

const golden = new URL('../fixtures/cel/edges.jsonl', import.meta.url);
if (writesGoldens) writeFileSync(golden, await theirs(edges, object));
const answers = answersIn(readFileSync(golden, 'utf8'));

test('every function reads every text at the edges as Kubernetes does, for the same cost', (t) => {
  t.ok(edges.length > 1500);
  t.same(answers.map(({ id }) => id).join('\n'), edges.map(idOf).join('\n'));
  const differing = edges.flatMap((each, i) => {
    const [found, wanted] = [ours(each, object), answers[i]];
    if (wanted === undefined) return [[each.expression, 'no golden']];
    const why = verdict(found, wanted) ?? cost(found, wanted);
    return why === undefined ? [] : [[each.expression, why]];
  });
  t.same(differing, []);
  t.end();
});

test('the answers are those that Go gives today', {
  skip: whyNotGo,
}, async (t) => {
  t.equal(readFileSync(golden, 'utf8'), await theirs(edges, object));
});

const rows = Object.values(libraries).flat();

test('every row is found by its name, and no other name leads to a function', (t) => {
  for (const row of rows) t.ok(functionsNamed(row.name).includes(row), row.text);
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', '']) {
    t.same(functionsNamed(name), [], name);
  }
  t.end();
});

const scope: Scope = { params: false, authorizer: true };
const roots: Roots = { object: {}, oldObject: null, request: {}, namespaceObject: null };

const codeOf = (source: string, kubernetesVersion?: string): string | undefined => {
  const version = kubernetesVersion === undefined ? {} : { kubernetesVersion };
  const made = compile(source, { ...scope, ...version }, 'any');
  return made.ok ? undefined : made.error[0]?.code;
};

/** New expressions may use what the minor before the version has. */
for (const [since, source] of [
  [27, 'authorizer.path("/healthz")'],
  [28, 'quantity("1")'],
  [28, 'optional.of(1)'],
  [28, '1 < 2.0'],
  [29, 'sets.contains([1], [1])'],
  [29, '"%s".format(["a"])'],
  [30, 'ip("::1")'],
  [30, 'cidr("::/0")'],
  [31, 'format.uuid()'],
  [31, 'authorizer.group("").resource("pods").fieldSelector("a=b")'],
  [33, 'semver("1.2.3")'],
  [34, '[[1]].flatten()'],
  [37, '[1].includes(1)'],
] as const) {
  test(`${source} needs Kubernetes 1.${since}`, (t) => {
    t.equal(codeOf(source), undefined, 'as stored');
    t.equal(codeOf(source, `1.${since + 1}`), undefined, 'written to the version after');
    t.not(codeOf(source, `1.${since}`), undefined, 'written to the version that brings it');
    t.end();
  });
}

for (const source of [
  'math.greatest(1, 2)',
  'base64.encode(b"a")',
  'cel.bind(a, 1, a)',
  '"abc".reverse()',
  'jsonpatch.escapeKey("a")',
  'regex.replace("a", "b", "c")',
  'quantity("1").sign()',
  '"a".constructor()',
  'sets.constructor([1])',
]) {
  test(`${source} is no function of Kubernetes 1.37`, (t) => {
    t.match(codeOf(source), /^cel-(unknown|type)$/);
    t.end();
  });
}

function run(source: string, changed: Partial<Roots> = {}): CelOutcome {
  const made = compile(source, scope, 'any');
  if (!made.ok) throw new Error(made.error[0]?.message);
  return made.value.evaluate(activate({ ...roots, ...changed }, [], { total: 10_000_000 }));
}

const long: JsonValue = { text: 'a'.repeat(1 << 20), list: new Array(50_000).fill('a') };

for (const source of [
  'object.text.matches(object.text.substring(0, 100))',
  'object.list.all(x, object.list + object.list != [])',
  'object.list.all(x, quantity("1e2000000000").sub(1).isInteger())',
  'object.list.all(x, "%s".format([object.list]) != "")',
  'sets.equivalent(object.list, object.list.map(x, [x]))',
  '"%.99999999f".format([1.5]) != ""',
]) {
  test(`${source} is over the budget, whatever stands beside it`, (t) => {
    const outcome = run(`(${source}) || true`, { object: long });
    t.match(outcome, { kind: 'error', code: 'cost-exceeded' });
    t.end();
  });
}

const user = {
  username: 'alice',
  uid: 'u-1',
  groups: ['dev'],
  extra: { scopes: ['a'] },
};
const none = {
  group: '',
  subresource: '',
  namespace: '',
  name: '',
  fieldSelector: '',
  labelSelector: '',
};
const requestResource = { ...none, resource: 'pods', namespace: 'shop', name: 'web' };
const pods = { ...user, kind: 'resource', verb: 'get', ...none, resource: 'pods' } as const;

function authorized(source: string, answer?: Partial<AuthorizerAnswer>) {
  const asked: AuthorizerQuestion[] = [];
  const authorizer: Roots['authorizer'] & object = {
    user,
    requestResource,
    answer(question) {
      asked.push(question);
      return answer && { allowed: false, reason: '', error: null, ...answer };
    },
  };
  return { outcome: run(source, { authorizer }), asked };
}

const serviceAccount = {
  username: 'system:serviceaccount:shop:web',
  uid: '',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:shop'],
  extra: {},
};

for (const [source, question] of [
  ['authorizer.group("").resource("pods").check("get")', pods],
  [
    'authorizer.path("/healthz").check("get")',
    { ...user, kind: 'path', verb: 'get', path: '/healthz' },
  ],
  [
    'authorizer.group("apps").resource("deployments").subresource("scale").namespace("shop").name("web").check("patch")',
    {
      ...pods,
      verb: 'patch',
      group: 'apps',
      resource: 'deployments',
      subresource: 'scale',
      namespace: 'shop',
      name: 'web',
    },
  ],
  [
    'authorizer.group("").resource("pods").fieldSelector("spec.nodeName=a").labelSelector("a in (b, c)").check("get")',
    { ...pods, fieldSelector: 'spec.nodeName=a', labelSelector: 'a in (b, c)' },
  ],
  ['authorizer.requestResource.check("get")', { ...pods, ...requestResource }],
  [
    'authorizer.serviceAccount("shop", "web").group("").resource("pods").check("get")',
    { ...pods, ...serviceAccount },
  ],
] as const) {
  test(`${source} asks what a SubjectAccessReview needs`, (t) => {
    const { outcome, asked } = authorized(`${source}.allowed()`, { allowed: true });
    t.match(outcome, { kind: 'value', value: true });
    t.strictSame(asked, [question]);
    t.end();
  });
}

const check = 'authorizer.path("/a").check("get")';

for (const [source, answer, wanted] of [
  [`${check}.allowed()`, {}, { value: false }],
  [`${check}.reason()`, { reason: 'rbac' }, { value: 'rbac' }],
  [`${check}.errored()`, { error: 'down' }, { value: true }],
  [`${check}.error()`, { error: 'down' }, { value: 'down' }],
  [`${check}.error()`, {}, { value: '' }],
  [`${check}.allowed()`, undefined, { kind: 'unknown', paths: ['authorizer'] }],
  [`${check}.allowed() || true`, undefined, { value: true }],
  [`${check}.allowed() && false`, undefined, { value: false }],
  [`[1].exists(x, ${check}.allowed())`, undefined, { kind: 'unknown' }],
  ['authorizer.path(" ")', {}, { message: 'path must not be empty' }],
  ['authorizer.group("").resource("")', {}, { message: 'resource must not be empty' }],
  ['authorizer.serviceAccount("shop", "A")', {}, { message: 'Invalid service account name' }],
  ['authorizer.serviceAccount("a.b", "a")', {}, { message: 'Invalid service account namespace' }],
  ['authorizer == authorizer', {}, { message: 'no such overload' }],
  [
    `[1, 2, 3].all(x, !${check}.allowed())`,
    {},
    { code: 'cost-exceeded', message: 'operation cancelled: actual cost limit exceeded' },
  ],
] as const) {
  test(`${source} of ${JSON.stringify(answer)} gives ${JSON.stringify(wanted)}`, (t) => {
    t.match(authorized(source, answer).outcome, wanted);
    t.end();
  });
}

test('without an authorizer what asks it is unknown', (t) => {
  t.match(run(`${check}.allowed()`), { kind: 'unknown', paths: ['authorizer'] });
  t.match(run('authorizer.requestResource.check("get").allowed()'), { kind: 'unknown' });
  t.end();
});
