// The engine end to end: policies as text, attempts as values, decisions asserted by code, path and action.
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { err, ok } from '../../src/base/result.ts';
import { admit } from '../../src/engine/admit.ts';
import type { Ports } from '../../src/engine/ports.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import type { Decision } from '../../src/model/decision.ts';
import type { PolicySet } from '../../src/policy/model.ts';
import { attemptOf, now } from '../fixtures/attempts.ts';
import { plainPorts } from '../fixtures/ports.ts';
import { wholeSet } from '../policy/texts.ts';

type Setup = {
  readonly resources?: string;
  readonly spec?: string;
  readonly binding?: string;
  readonly annotations?: string;
  readonly more?: string;
};

/** One policy `p` on pods with binding `b`; texts are YAML lines at their own indentation. */
function policies(setup: Setup): PolicySet {
  const text = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: p
  annotations: {${setup.annotations ?? ''}}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE, DELETE], resources: [${setup.resources ?? 'pods'}]}
${setup.spec ?? "  validations: [{expression: 'has(object.spec)'}]"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: b}
spec:
  policyName: p
${setup.binding ?? '  validationActions: [Deny]'}
${setup.more ?? ''}`;
  return wholeSet(text);
}

const namespace: JsonObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', labels: { 'kubernetes.io/metadata.name': 'shop', env: 'prod' } },
};

function ports(changes: Partial<Ports> = {}): Ports {
  return {
    ...plainPorts,
    namespace: async () => ok({ value: namespace, at: now }),
    ...changes,
  };
}

const pod = (spec: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { containers: [{ name: 'web', image: 'nginx' }], ...spec },
});

const gone = async () => err({ code: 'namespace-unavailable', message: 'gone' } as const);

async function decided(
  setup: Setup,
  attempt: Partial<Attempt> = {},
  changed: Partial<Ports> = {},
): Promise<Decision> {
  return admit(policies(setup), attemptOf({ object: pod(), ...attempt }), ports(changed));
}

const told = (decision: Decision): unknown =>
  decision.results.map((r) => [r.rule, r.evaluation, r.actions.join(), r.message]);

test('a pass is a result without action', async (t) => {
  const decision = await decided({});
  t.equal(decision.allowed, true);
  t.same(told(decision), [['p/validations[0]', 'pass', '', '']]);
  t.equal(decision.results[0]?.code, null);
});

const messages: readonly [string, string, readonly unknown[]][] = [
  [
    'the message, trimmed',
    "{expression: 'false', message: ' no way '}",
    ['fail', 'deny', 'no way'],
  ],
  [
    'the trimmed expression without a message',
    "{expression: ' false '}",
    ['fail', 'deny', 'failed expression: false'],
  ],
  [
    'a messageExpression beats the message',
    "{expression: 'false', message: m, messageExpression: '\"made by \" + object.metadata.name'}",
    ['fail', 'deny', 'made by web'],
  ],
  [
    'a messageExpression is trimmed',
    "{expression: 'false', message: m, messageExpression: '\"  x  \"'}",
    ['fail', 'deny', 'x'],
  ],
  [
    'one that errs falls back to the message',
    "{expression: 'false', message: m, messageExpression: 'string(object.nope)'}",
    ['fail', 'deny', 'm'],
  ],
  [
    'a blank one falls back',
    "{expression: 'false', message: m, messageExpression: '\"   \"'}",
    ['fail', 'deny', 'm'],
  ],
  [
    'one with a line break falls back',
    `{expression: 'false', message: m, messageExpression: '"a\\nb"'}`,
    ['fail', 'deny', 'm'],
  ],
  [
    'a blank one without a message gives the expression',
    "{expression: 'false', messageExpression: '\"\"'}",
    ['fail', 'deny', 'failed expression: false'],
  ],
  [
    'an error beats the message',
    "{expression: 'object.nope == 1', message: m}",
    ['error', 'deny', "expression 'object.nope == 1' resulted in error: no such key: nope"],
  ],
];

for (const [name, validation, [evaluation, actions, message]] of messages) {
  test(`messages: ${name}`, async (t) => {
    const decision = await decided({ spec: `  validations: [${validation}]` });
    t.equal(decision.allowed, false);
    t.same(told(decision), [['p/validations[0]', evaluation, actions, message]]);
  });
}

test('a messageExpression of more than 5 KiB falls back to the message', async (t) => {
  const spec =
    "  validations: [{expression: 'false', message: m, messageExpression: 'object.metadata.annotations.long'}]"
      .replace("'object.metadata", "'string(object.metadata")
      .replace(".long'", ".long)'");
  const long = { ...pod(), metadata: { name: 'web', annotations: { long: 'x'.repeat(6000) } } };
  t.equal((await decided({ spec }, { object: long })).results[0]?.message, 'm');
});

test('every failing validation is told, not only the first, and rule names make rule ids', async (t) => {
  const decision = await decided({
    annotations: 'sekisho.dev/rule-names: "one, two, three", sekisho.dev/remedy: do it',
    spec: "  validations: [{expression: 'false', message: a}, {expression: 'true'}, {expression: 'false', message: c, reason: Forbidden}]",
  });
  t.same(told(decision), [
    ['p/one', 'fail', 'deny', 'a'],
    ['p/two', 'pass', '', ''],
    ['p/three', 'fail', 'deny', 'c'],
  ]);
  t.same(
    decision.results.map((r) => r.reason),
    ['Invalid', null, 'Forbidden'],
  );
  t.match(decision.results[0]?.findings, [
    { path: '', pointer: '', value: null, message: 'a', remedy: 'do it' },
  ]);
});

const failing =
  "  validations: [{expression: 'object.nope == 1'}, {expression: 'false', message: m}]";

test('Ignore: a validation that errs is passed over, later ones still run and deny', async (t) => {
  const decision = await decided({ spec: `  failurePolicy: Ignore\n${failing}` });
  t.equal(decision.allowed, false);
  t.same(
    decision.results.map((r) => [r.evaluation, r.actions.join()]),
    [
      ['error', ''],
      ['fail', 'deny'],
    ],
  );
});

test('Warn gives a line for every failing validation, errors included, in the words of the API server', async (t) => {
  const decision = await decided({ spec: failing, binding: '  validationActions: [Warn, Audit]' });
  t.equal(decision.allowed, true);
  t.same(decision.warnings, [
    "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': expression 'object.nope == 1' resulted in error: no such key: nope",
    "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': m",
  ]);
  const annotation =
    decision.auditAnnotations['validation.policy.admission.k8s.io/validation_failure'];
  t.match(JSON.parse(annotation ?? ''), [
    { policy: 'p', binding: 'b', expressionIndex: 0, validationActions: ['Warn', 'Audit'] },
    { message: 'm', policy: 'p', binding: 'b', expressionIndex: 1 },
  ]);
});

const conditions = (list: string, failurePolicy = 'Fail'): Setup => ({
  spec: `  failurePolicy: ${failurePolicy}\n  matchConditions: [${list}]\n  validations: [{expression: 'false'}]`,
});
const no = "{name: never, expression: 'false'}";
const yes = "{name: always, expression: 'true'}";
const errs = "{name: errs, expression: 'object.nope'}".replace(
  "'object.nope'",
  "'object.nope == 1'",
);

test('a false match condition skips the policy even when another one errs', async (t) => {
  for (const list of [no, `${errs}, ${no}`, `${no}, ${errs}`]) {
    t.same(told(await decided(conditions(list))), []);
  }
  t.equal((await decided(conditions(yes))).allowed, false);
});

test('a match condition that errs denies under Fail and skips the policy under Ignore', async (t) => {
  const message = "expression 'object.nope == 1' resulted in error: no such key: nope";
  t.same(told(await decided(conditions(`${yes}, ${errs}`))), [['p', 'error', 'deny', message]]);
  t.same(told(await decided(conditions(errs, 'Ignore'))), []);
});

const variables = (validation: string): Setup => ({
  spec: `  variables: [{name: bad, expression: 'object.nope'}, {name: two, expression: '1 + 1'}, {name: four, expression: 'variables.two * 2'}]\n  validations: [{expression: '${validation}'}]`,
});

test('variables are lazy: an unused or short-circuited error does no harm', async (t) => {
  for (const expression of [
    'variables.four == 4',
    'true || variables.bad == 1',
    'variables.bad == 1 || true',
  ]) {
    t.equal((await decided(variables(expression))).allowed, true, expression);
  }
  t.equal(
    (await decided(variables('variables.bad == 1'))).results[0]?.message,
    `expression 'variables.bad == 1' resulted in error: composited variable "bad" fails to evaluate: no such key: nope`,
  );
});

test('an error in an audit annotation denies under Fail, even under Warn; a value is noted', async (t) => {
  const annotated = (expression: string): Setup => ({
    spec: `  validations: [{expression: 'true'}]\n  auditAnnotations: [{key: who, valueExpression: '${expression}'}]`,
    binding: '  validationActions: [Warn]',
  });
  t.equal((await decided(annotated('string(object.nope)'))).allowed, false);
  t.equal(
    (await decided(annotated('request.userInfo.username'))).auditAnnotations['p/who'],
    'alice',
  );
  t.notOk('p/who' in (await decided(annotated('null'))).auditAnnotations);
});

test('what expressions see of the request', async (t) => {
  const expressions = [
    'request.operation == "CREATE"',
    'request.kind.kind == "Pod" && request.resource.resource == "pods" && request.requestKind.version == "v1"',
    '!has(request.subResource) && !has(request.userInfo.uid) && !has(request.userInfo.extra)',
    'request.userInfo.groups == ["system:authenticated"]',
    'request.dryRun == false && request.name == "web" && request.namespace == "shop"',
    'namespaceObject.metadata.labels.env == "prod"',
    'oldObject == null',
  ];
  const spec = `  validations: [${expressions.map((e) => `{expression: '${e}'}`).join(', ')}]`;
  const decision = await decided({ spec });
  t.same(
    decision.results.filter((r) => r.evaluation !== 'pass'),
    [],
  );
  t.equal(decision.results.length, expressions.length);
  t.match(decision.inputs, [{ port: 'namespace', question: 'shop', at: now }]);
});

test('a Namespace is judged by its own labels, its namespaceObject is null', async (t) => {
  const setup: Setup = {
    resources: 'namespaces',
    spec: `  validations: [{expression: 'namespaceObject == null && request.namespace == "new"'}]`,
    binding:
      '  validationActions: [Deny]\n  matchResources: {namespaceSelector: {matchLabels: {env: dev}}}',
  };
  const attempt = (labels: JsonObject): Partial<Attempt> => ({
    kind: { group: '', version: 'v1', kind: 'Namespace' },
    resource: { group: '', version: 'v1', resource: 'namespaces' },
    name: 'new',
    namespace: 'new',
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'new', labels } },
  });
  const asked = { namespace: gone };
  t.same(told(await decided(setup, attempt({ env: 'dev' }), asked)), [
    ['p/validations[0]', 'pass', '', ''],
  ]);
  t.same(told(await decided(setup, attempt({ env: 'prod' }), asked)), []);
});

test('a namespace that cannot be had is a denial in the webhook and unknown elsewhere', async (t) => {
  const webhook = await decided({}, {}, { namespace: gone });
  t.equal(webhook.allowed, false);
  t.match(webhook.results, [
    {
      rule: 'sekisho/namespace',
      evaluation: 'error',
      code: 'namespace-unavailable',
      actions: ['deny'],
    },
  ]);
  const check = await decided({}, { origin: 'manifest' }, { namespace: gone });
  t.equal(check.allowed, true);
  t.match(check.results, [{ evaluation: 'unknown', actions: [] }]);
});

test('an attempt that no policy is about asks no port', async (t) => {
  const decision = await decided(
    {},
    {
      kind: { group: '', version: 'v1', kind: 'Secret' },
      resource: { group: '', version: 'v1', resource: 'secrets' },
    },
    { namespace: async () => t.fail('asked') as never },
  );
  t.equal(decision.allowed, true);
  t.same(decision.results, []);
});

const withParams = (ref: string, more = '', actions = 'Deny', failurePolicy = 'Fail'): Setup => ({
  spec: `  failurePolicy: ${failurePolicy}\n  paramKind: {apiVersion: v1, kind: ConfigMap}\n  validations: [{expression: 'params != null && params.data.ok == "yes"', message: not ok}]`,
  binding: `  validationActions: [${actions}]\n${ref === '' ? '' : `  paramRef: ${ref}`}`,
  more,
});
const configMap = (name: string, okay: string, extra = 'namespace: shop') =>
  `---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}, ${extra}, labels: {use: it}}, data: {ok: "${okay}"}}\n`;

test('params by name, from the object namespace when paramRef names none', async (t) => {
  const decision = await decided(
    withParams('{name: a, parameterNotFoundAction: Deny}', configMap('a', 'yes')),
  );
  t.equal(decision.allowed, true);
  t.equal(decision.results[0]?.param, 'shop/a');
});

test('a selector evaluates every match, one result for each', async (t) => {
  const all =
    configMap('a', 'yes') + configMap('b', 'no') + configMap('c', 'no', 'namespace: other');
  const decision = await decided(
    withParams('{selector: {matchLabels: {use: it}}, parameterNotFoundAction: Deny}', all),
  );
  t.same(
    decision.results.map((r) => [r.param, r.evaluation]),
    [
      ['shop/a', 'pass'],
      ['shop/b', 'fail'],
    ],
  );
});

test('no paramRef: params is null', async (t) => {
  t.match((await decided(withParams(''))).results, [
    { evaluation: 'fail', param: null, message: 'not ok' },
  ]);
});

const notFound =
  'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction';

test('params not found with Deny denies even under Warn; Ignore lets it pass; Allow evaluates nothing', async (t) => {
  const missing = '{name: none, parameterNotFoundAction: Deny}';
  const warn = await decided(withParams(missing, configMap('a', 'yes'), 'Warn'));
  t.equal(warn.allowed, false);
  t.same(told(warn), [['p', 'error', 'deny', notFound]]);
  t.equal(
    (await decided(withParams(missing, configMap('a', 'yes'), 'Deny', 'Ignore'))).allowed,
    true,
  );
  t.same(
    (await decided(withParams(missing.replace('Deny', 'Allow'), configMap('a', 'yes')))).results,
    [],
  );
});

test('a file beats the cluster', async (t) => {
  const cluster = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'shop' },
    data: { ok: 'no' },
  };
  const other = { ...cluster, metadata: { name: 'b', namespace: 'shop' } };
  const ref = (name: string) =>
    withParams(`{name: ${name}, parameterNotFoundAction: Deny}`, configMap('a', 'yes'));
  const answer = { params: async () => ok({ value: [cluster, other], at: now }) };
  t.equal((await decided(ref('a'), {}, answer)).allowed, true);
  const decision = await decided(ref('b'), {}, answer);
  t.equal(decision.allowed, false);
});

test('a file without a namespace beats the object in default', async (t) => {
  const value = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } },
  ];
  const setup = withParams(
    '{selector: {}, parameterNotFoundAction: Deny}',
    configMap('a', 'yes', 'x: y').replace('x: y, ', ''),
  );
  const params = async () => ok({ value, at: now });
  const { results } = await decided(setup, { namespace: 'default' }, { params });
  t.match(results, [{ param: 'default/a', evaluation: 'pass' }]);
  t.equal(results.length, 1);
});

test('of the params of a kind a decision holds those where its binding looks, and no other', async (t) => {
  const object = (name: string, namespace: string): JsonObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data: { ok: 'yes' },
  });
  const [a, b, far] = [object('a', 'shop'), object('b', 'shop'), object('a', 'other')];
  const params = async () => ok({ value: [a, b, far], at: now });
  const kind = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop' };
  const rows: readonly (readonly [ref: string, question: JsonObject, held: number])[] = [
    ['name: a', { ...kind, name: 'a' }, 1],
    ['name: c', { ...kind, name: 'c' }, 0],
    ['selector: {}', kind, 2],
  ];
  for (const [ref, question, held] of rows) {
    const setup = withParams(`{${ref}, parameterNotFoundAction: Deny}`);
    const { inputs } = await decided(setup, {}, { params });
    t.same(inputs[1]?.question, question, ref);
    t.match(inputs[1], { port: 'params', answer: { length: held } }, ref);
  }
});

test('namespaced params for a cluster-scoped object are a configuration error', async (t) => {
  const decision = await decided(
    withParams('{name: a, parameterNotFoundAction: Allow}', configMap('a', 'yes')),
    { namespace: '' },
  );
  t.equal(decision.results[0]?.code, 'params-invalid');
  t.equal(decision.allowed, false);
});

test('a namespace for params of a cluster-scoped kind is a configuration error, which denies', async (t) => {
  const node = '---\n{apiVersion: v1, kind: Node, metadata: {name: a}}\n';
  const decision = await decided({
    spec: "  paramKind: {apiVersion: v1, kind: Node}\n  validations: [{expression: 'params != null'}]",
    binding:
      '  validationActions: [Audit]\n  paramRef: {name: a, namespace: shop, parameterNotFoundAction: Allow}',
    more: node,
  });
  t.equal(decision.results[0]?.code, 'params-invalid');
  t.equal(decision.allowed, false);
});

test('the scope of a custom kind of params is what the cluster says, not what bindings or objects look like', async (t) => {
  const limited = (ref: string): Setup => ({
    spec: "  paramKind: {apiVersion: example.com/v1, kind: Limit}\n  validations: [{expression: 'params == null'}]",
    binding: `  validationActions: [Deny]\n  paramRef: {${ref}, parameterNotFoundAction: Allow}`,
  });
  const object = { apiVersion: 'example.com/v1', kind: 'Limit', metadata: { name: 'a' } };
  const inShop = { ...object, metadata: { name: 'a', namespace: 'shop' } };
  const answers = (value: readonly JsonObject[], namespaced: boolean) => ({
    params: async () => ok({ value, at: now, namespaced }),
  });
  const codes = async (ref: string, attempt: Partial<Attempt>, answer: Partial<Ports>) =>
    (await decided(limited(ref), attempt, answer)).results.map(({ code }) => code);
  const wrong = ['params-invalid'];
  t.same(await codes('name: a, namespace: shop', {}, answers([object], false)), wrong);
  t.same(await codes('name: a', {}, answers([object], false)), ['validation-failed']);
  t.same(await codes('name: a', {}, answers([], true)), []);
  t.same(await codes('name: a', { namespace: '' }, answers([], true)), wrong);
  t.same(await codes('name: a', { namespace: '' }, answers([inShop], true)), wrong);
  t.same(await codes('name: a', { namespace: '' }, answers([], false)), []);
});

const deployment: Partial<Attempt> = {
  kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
  resource: { group: 'apps', version: 'v1', resource: 'deployments' },
  object: {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'nginx' }] },
      },
    },
  },
};
const onTemplates = (expression: string): Setup => ({
  annotations: 'sekisho.dev/pod-templates: "true"',
  spec: `  validations: [{expression: '${expression}'}]`,
});

test('pod-templates: the policy sees a Pod made from the template, and the request of the owner', async (t) => {
  const expression =
    'object.kind == "Pod" && object.metadata.labels.app == "web" && request.kind.kind == "Deployment"';
  const decision = await decided(onTemplates(expression), deployment);
  t.same(
    decision.results.map((r) => [r.rule, r.evaluation]),
    [['p/validations[0]', 'pass']],
  );
  t.same(
    (await decided({ spec: onTemplates(expression).spec ?? '' }, deployment)).results,
    [],
    'not without the annotation',
  );
});

test('the template of a ReplicaSet that the deployment controller makes is not judged again, one that a user makes is', async (t) => {
  const replicaSet: Partial<Attempt> = {
    ...deployment,
    kind: { group: 'apps', version: 'v1', kind: 'ReplicaSet' },
    resource: { group: 'apps', version: 'v1', resource: 'replicasets' },
  };
  const by = (username: string) => ({
    ...replicaSet,
    userInfo: { username, uid: '', groups: [], extra: {} },
  });
  const controller = 'system:serviceaccount:kube-system:deployment-controller';
  t.same((await decided(onTemplates('false'), by(controller))).results, []);
  t.equal((await decided(onTemplates('false'), by('mallory'))).allowed, false);
});

test('request.options is there for a connection, and null', async (t) => {
  const spec =
    "  validations: [{expression: 'false', messageExpression: 'string(has(request.options)) + string(request.options == null)'}]";
  const attempt = { operation: 'CREATE', options: null } as const;
  t.match((await decided({ spec }, attempt)).results, [{ message: 'truetrue' }]);
});

test('events come under two names: a policy on one is not silent about the other', async (t) => {
  const attempt = { resource: { group: 'events.k8s.io', version: 'v1', resource: 'events' } };
  const { results } = await decided({ resources: 'events' }, attempt);
  t.match(results, [{ evaluation: 'error', code: 'equivalent-version', actions: ['deny'] }]);
});

test('another version: an error in the webhook, unknown in check', async (t) => {
  const attempt = { resource: { group: '', version: 'v2', resource: 'pods' } };
  t.match((await decided({}, attempt)).results, [
    { evaluation: 'error', code: 'equivalent-version', actions: ['deny'] },
  ]);
  t.match((await decided({}, { ...attempt, origin: 'manifest' })).results, [
    { evaluation: 'unknown', actions: [] },
  ]);
});

test('past the deadline the rest is a denial that says so', async (t) => {
  const turn = { elapsed: () => 5000, yield: async () => undefined };
  const more = `---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: c}
spec: {policyName: p, validationActions: [Deny]}
`;
  const decision = await decided({ more }, { deadline: 4000 }, { turn });
  t.equal(decision.results.length, 1, 'it is said once');
  t.match(decision.results, [
    { rule: 'sekisho/deadline', code: 'deadline-exceeded', actions: ['deny'] },
  ]);
  t.equal(decision.allowed, false);
});

test('the deadline ends a policy among its params too, and passes before it allow nothing', async (t) => {
  let passed = 0;
  const turn = { elapsed: () => ++passed, yield: async () => undefined };
  const params: Ports['params'] = async () => {
    const value = Array.from({ length: 500 }, (_, i) => ({
      metadata: { name: `c${i}`, namespace: 'shop' },
    }));
    return ok({ value, at: now });
  };
  const setup = {
    spec: "  paramKind: {apiVersion: v1, kind: ConfigMap}\n  validations: [{expression: 'true'}]",
    binding:
      '  validationActions: [Deny]\n  paramRef: {selector: {}, parameterNotFoundAction: Deny}',
  };
  const { allowed, results } = await decided(setup, { deadline: 100 }, { turn, params });
  t.equal(allowed, false);
  t.ok(results.length < 200, `${results.length} of 500`);
  t.match(results.at(-1), { rule: 'sekisho/deadline', actions: ['deny'] });
});

test('only policies of the wanted failurePolicy are evaluated', async (t) => {
  const set = policies({ spec: "  failurePolicy: Ignore\n  validations: [{expression: 'false'}]" });
  const attempt = attemptOf({ object: pod() });
  t.equal((await admit(set, attempt, ports(), { entry: 'fail' })).allowed, true);
  t.equal((await admit(set, attempt, ports(), { entry: 'ignore' })).allowed, false);
  t.equal((await admit(set, attempt, ports())).allowed, false);
});

test('a policy that runs past its whole budget denies with the API server text', async (t) => {
  const list = Array.from({ length: 2000 }, (_, i) => i);
  const heavy = 'object.spec.l.all(a, object.spec.l.all(b, a + b >= 0))';
  const decision = await decided(
    { spec: `  validations: [{expression: '${heavy}'}]` },
    { object: pod({ l: list }) },
  );
  t.match(decision.results, [{ evaluation: 'error', code: 'cost-exceeded', actions: ['deny'] }]);
  t.match(decision.results[0]?.message, /operation cancelled: actual cost limit exceeded$/);
});

test('params that cannot be had are an error, even where a binding allows that there are none', async (t) => {
  const setup = {
    spec: "  paramKind: {apiVersion: v1, kind: ConfigMap}\n  validations: [{expression: 'true'}]",
    binding:
      '  validationActions: [Deny]\n  paramRef: {name: c, namespace: shop, parameterNotFoundAction: Allow}',
  };
  const gone = {
    params: async () => err({ code: 'params-unavailable', message: 'gone' } as const),
  };
  const decision = await decided(setup, {}, gone);
  t.equal(decision.allowed, false);
  t.match(decision.results, [{ evaluation: 'error', code: 'params-unavailable' }]);
  t.equal((await decided(setup, {})).allowed, true, 'and where there are none it passes');
});
