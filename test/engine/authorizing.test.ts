// Policies that ask the authorizer, through the whole engine: what is asked, once each; what is recorded; and what
// becomes of a policy whose question nobody answers.
import { test } from 'tap';
import { err, ok } from '../../src/base/result.ts';
import type { AuthorizerQuestion } from '../../src/cel/authorizer.ts';
import { admit } from '../../src/engine/admit.ts';
import type { Ports } from '../../src/engine/ports.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import type { PolicySet } from '../../src/policy/model.ts';
import { attemptOf, now } from '../fixtures/attempts.ts';
import { plainPorts } from '../fixtures/ports.ts';
import { wholeSet } from '../policy/texts.ts';

/** One policy on pods; `spec`: YAML lines of its spec. */
function policies(spec: string): PolicySet {
  return wholeSet(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: p}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
${spec}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: b}
spec: {policyName: p, validationActions: [Deny]}
`);
}

const rule = (...expressions: readonly string[]): string =>
  `  validations:\n${expressions.map((each) => `    - expression: '${each}'\n`).join('')}`;

/** Who may do what: `verb resource`, or `verb path`. */
function portsOf(allowed: readonly string[], asked: AuthorizerQuestion[]): Ports {
  return {
    ...plainPorts,
    async authorizer(question) {
      asked.push(question);
      const what = question.kind === 'path' ? question.path : question.resource;
      const isAllowed = allowed.includes(`${question.verb} ${what}`);
      return ok({ value: { allowed: isAllowed, reason: `rbac: ${what}`, error: null }, at: now });
    },
  };
}

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: {} };

async function decide(
  spec: string,
  allowed: readonly string[] = [],
  attempt: Partial<Attempt> = {},
  changed: Partial<Ports> = {},
) {
  const asked: AuthorizerQuestion[] = [];
  const ports = { ...portsOf(allowed, asked), ...changed };
  const decision = await admit(policies(spec), attemptOf({ object: pod, ...attempt }), ports);
  const told = decision.results
    .filter(({ rule }) => rule.startsWith('p'))
    .map(({ rule, evaluation, code, actions }) => [rule, evaluation, code, actions.join()]);
  return { decision, told, asked };
}

const may = (verb: string, resource: string): string =>
  `authorizer.group("").resource("${resource}").check("${verb}").allowed()`;

test('a rule is decided by what the authorizer answers, and its reason can be told', async (t) => {
  const yes = await decide(rule(may('get', 'secrets')), ['get secrets']);
  t.same(yes.told, [['p/validations[0]', 'pass', null, '']]);
  const no = await decide(rule(may('get', 'secrets')), []);
  t.same(no.told, [['p/validations[0]', 'fail', 'validation-failed', 'deny']]);
  t.equal(no.decision.allowed, false);
});

test('each question is asked once in an attempt, and stands in the inputs with its answer', async (t) => {
  const spec = rule(may('get', 'secrets'), may('get', 'secrets'), `!${may('list', 'nodes')}`);
  const { decision, asked, told } = await decide(spec, ['get secrets']);
  t.same(
    told.map(([, evaluation]) => evaluation),
    ['pass', 'pass', 'pass'],
  );
  t.same(
    asked.map(({ verb }) => verb),
    ['get', 'list'],
  );
  const inputs = decision.inputs.filter(({ port }) => port === 'authorizer');
  t.match(inputs, [
    {
      port: 'authorizer',
      question: { kind: 'resource', verb: 'get', resource: 'secrets', username: String },
      answer: { allowed: true, reason: 'rbac: secrets', error: null },
      at: now,
      redacted: [],
    },
    { question: { verb: 'list', resource: 'nodes' }, answer: { allowed: false } },
  ]);
  t.equal(inputs.length, 2);
});

const canary = 'hunter2-canary';
const env = [{ name: 'CODE', value: canary }];
const holding = { ...pod, spec: { containers: [{ name: 'web', env }] } };
const value = 'object.spec.containers[0].env[0].value';
const quoting: readonly (readonly [name: string, asks: string, Partial<Attempt>])[] = [
  ['as a name', `authorizer.group("").resource("pods").name(${value})`, { object: holding }],
  ['inside a path', `authorizer.path("/of/" + ${value} + "/x")`, { object: holding }],
  [
    'of the old object',
    `authorizer.group("").resource("pods").namespace("of-" + oldO${value.slice(1)})`,
    { object: pod, oldObject: holding },
  ],
  [
    'of the namespace',
    'authorizer.path("/of/" + namespaceObject.metadata.annotations["db-password"])',
    { object: pod },
  ],
  [
    'as a credential by its form',
    'authorizer.path(object.metadata.annotations.note)',
    { object: { ...pod, metadata: { annotations: { note: `--password=${canary}` } } } },
  ],
];

const guarded = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', annotations: { 'db-password': canary } },
};

for (const [name, asks, attempt] of quoting) {
  test(`a secret that is asked about (${name}) is asked as it is, and recorded without`, async (t) => {
    const asked: AuthorizerQuestion[] = [];
    const echo: Partial<Ports> = {
      namespace: async () => ok({ value: guarded, at: now }),
      async authorizer(question) {
        asked.push(question);
        const reason = `of ${JSON.stringify(question)}`;
        return ok({ value: { allowed: true, reason, error: reason }, at: now });
      },
    };
    const { decision } = await decide(rule(`${asks}.check("get").allowed()`), [], attempt, echo);
    t.match(JSON.stringify(asked), canary);
    t.equal(decision.allowed, true);
    t.notMatch(JSON.stringify(decision), canary);
    const made = decision.inputs.filter(({ port }) => port === 'authorizer');
    t.match(made, [
      { question: { verb: 'get', username: 'alice' }, redacted: ['/reason', '/error'] },
    ]);
    t.match(JSON.stringify(made[0]?.question), '[redacted]');
  });
}

test('a question may hang on the answer to another: variables and conditions too', async (t) => {
  const spec = `
  matchConditions:
    - {name: m, expression: '${may('get', 'a')}'}
  variables:
    - {name: v, expression: '${may('get', 'b')} ? ${may('get', 'c')} : false'}
${rule('variables.v')}`;
  const { told, asked } = await decide(spec, ['get a', 'get b', 'get c']);
  t.same(told, [['p/validations[0]', 'pass', null, '']]);
  t.same(
    asked.map((each) => each.kind === 'resource' && each.resource),
    ['a', 'b', 'c'],
  );
  const { told: none } = await decide(spec, ['get b', 'get c']);
  t.same(none, [], 'the policy does not apply');
});

test('authorizer.requestResource is what the request was sent for, by who sent it', async (t) => {
  const requested = { group: 'apps', version: 'v1', resource: 'things' };
  const { asked } = await decide(rule('authorizer.requestResource.check("delete").allowed()'), [], {
    requestResource: requested,
    requestSubResource: 'scale',
    name: 'web',
    namespace: 'shop',
  });
  t.match(asked, [
    {
      kind: 'resource',
      verb: 'delete',
      group: 'apps',
      resource: 'things',
      subresource: 'scale',
      namespace: 'shop',
      name: 'web',
    },
  ]);
});

const down = async () =>
  err({ code: 'authorizer-unavailable', message: 'connection refused' } as const);

for (const [what, changed, words] of [
  ['there is no authorizer', {}, /there is no authorizer to ask/],
  ['the authorizer cannot be asked', { authorizer: down }, /connection refused/],
] as const) {
  test(`${what}: an error in the webhook, unknown elsewhere, and what does not need it is decided`, async (t) => {
    const set = policies(rule(may('get', 'secrets'), `${may('get', 'secrets')} || true`));
    const asking = (origin: Attempt['origin']) =>
      admit(set, attemptOf({ object: pod, origin }), { ...plainPorts, ...changed });
    const webhook = await asking('webhook');
    t.match(webhook.results, [
      { evaluation: 'error', code: 'authorizer-unavailable', message: words },
      { evaluation: 'pass' },
    ]);
    t.equal(webhook.allowed, false);
    t.match((await asking('manifest')).results, [
      { evaluation: 'unknown', code: 'authorizer-unavailable' },
      { evaluation: 'pass' },
    ]);
  });
}

test('an endless chain of questions ends', async (t) => {
  const asked: AuthorizerQuestion[] = [];
  const forgetful: Partial<Ports> = {
    async authorizer(question) {
      asked.push(question);
      return ok({ value: { allowed: true, reason: `${asked.length}`, error: null }, at: now });
    },
  };
  // Each reason makes the next verb.
  const chain = Array.from({ length: 20 }, (_, i) =>
    i === 0
      ? '    - {name: v0, expression: \'authorizer.path("/a").check("get").reason()\'}'
      : `    - {name: v${i}, expression: 'authorizer.path("/a").check(variables.v${i - 1}).reason()'}`,
  ).join('\n');
  const { told } = await decide(
    `  variables:\n${chain}\n${rule('variables.v19 == "x"')}`,
    [],
    {},
    forgetful,
  );
  t.match(told, [['p/validations[0]', 'error', 'authorizer-unavailable', 'deny']]);
  t.ok(asked.length <= 12, `${asked.length} questions`);
});
