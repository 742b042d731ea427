// A rule that failed tells each field that made it fail, at its place in what was sent, without secrets and bounded.
import { test } from 'tap';
import type { JsonObject, JsonValue } from '../../src/base/json.ts';
import { admit } from '../../src/engine/admit.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import type { Finding, RuleResult } from '../../src/model/decision.ts';
import { attemptOf } from '../fixtures/attempts.ts';
import { plainPorts } from '../fixtures/ports.ts';
import { binding, join, policy, wholeSet } from '../policy/texts.ts';

type Law = {
  readonly message?: string;
  readonly annotations?: string;
  readonly variables?: string;
};

async function resultOf(
  expression: string,
  attempt: Partial<Attempt>,
  law: Law = {},
): Promise<RuleResult> {
  const { message = 'no', annotations = 'sekisho.dev/remedy: mend it', variables = '[]' } = law;
  const text = policy({
    annotations,
    rules: '{apiGroups: ["", apps], apiVersions: [v1], operations: ["*"], resources: ["*"]}',
    spec: `variables: ${variables}`,
    validations: `{expression: ${JSON.stringify(expression)}, message: ${JSON.stringify(message)}}`,
  });
  const set = wholeSet(join(text, binding('b')));
  const { results } = await admit(set, attemptOf(attempt), plainPorts);
  const result = results.find((each) => each.policy === 'p' && each.evaluation === 'fail');
  if (result === undefined) throw new Error('the rule did not fail');
  return result;
}

const findingsOf = async (...args: Parameters<typeof resultOf>): Promise<readonly Finding[]> =>
  (await resultOf(...args)).findings;

const pod = (spec: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec,
});
const images = (...all: readonly string[]): JsonObject =>
  pod({ containers: all.map((image, i) => ({ name: `c${i}`, image })) });
const pinned = 'object.spec.containers.all(c, c.image.contains("@"))';

test('a finding for each field, with its value, what passes, and the remedy; the message stays as it is in-tree', async (t) => {
  const object = pod({ replicas: 5, tier: 'gold' });
  const expression =
    'object.spec.tier in ["x", "y"] && object.spec.replicas == 3 && object.spec.nope';
  const { message, findings } = await resultOf(expression, { object });
  t.equal(message, 'no');
  t.strictSame(
    findings.map(({ patch: _, ...rest }) => rest),
    [
      {
        path: 'spec.tier',
        pointer: '/spec/tier',
        value: 'gold',
        allowed: ['x', 'y'],
        message: 'is "gold": no',
        remedy: 'mend it',
      },
      {
        path: 'spec.replicas',
        pointer: '/spec/replicas',
        value: 5,
        allowed: ['3'],
        message: 'is 5: no',
        remedy: 'mend it',
      },
      {
        path: 'spec.nope',
        pointer: '/spec/nope',
        value: null,
        allowed: [],
        message: 'is not set: no',
        remedy: 'mend it',
      },
    ],
  );
});

test('a message that names the field goes on from its path', async (t) => {
  const object = pod({ hostNetwork: true, list: [1, 2], none: [], map: { a: 1 } });
  const texts: readonly (readonly [string, string, string])[] = [
    ['!object.spec.hostNetwork', 'hostNetwork is true', 'is true'],
    ['!object.spec.hostNetwork', 'spec.hostNetwork must be false: really', 'must be false: really'],
    ['!object.spec.hostNetwork', 'network is shared', 'is true: network is shared'],
    ['object.spec.list.size() < 2', 'too long', 'has 2 items: too long'],
    ['object.spec.none.size() > 0', 'too short', 'is empty: too short'],
    ['object.spec.map == {}', 'no', 'is 1: no'],
    ['object.spec.map.size() == 0', 'no', 'is set: no'],
  ];
  for (const [expression, message, told] of texts) {
    const [finding] = await findingsOf(expression, { object }, { message });
    t.equal(finding?.message, told, expression);
  }
});

test('in a template the path is that of the workload', async (t) => {
  const annotations = 'sekisho.dev/pod-templates: "true"';
  const template = { metadata: {}, spec: { containers: [{ name: 'a', image: 'x' }] } };
  const attempt = {
    kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
    resource: { group: 'apps', version: 'v1', resource: 'deployments' },
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { template },
    },
  };
  const findings = await findingsOf(`object.kind != "Pod" || ${pinned}`, attempt, { annotations });
  t.match(findings, [{ path: 'spec.template.spec.containers[0].image' }]);
});

test('the whole object is told where no field decided, or not all could be told', async (t) => {
  const whole = { path: '', pointer: '', value: null, message: 'no' };
  t.match(await findingsOf('request.operation == "UPDATE"', { object: images('x') }), [whole]);
  t.match(await findingsOf('object != null', { operation: 'DELETE', oldObject: images('x') }), [
    whole,
  ]);
  t.match(
    await findingsOf('oldObject.spec.x == 1', { operation: 'DELETE', oldObject: pod({ x: 2 }) }),
    [whole],
  );
  t.match(await findingsOf('object.kind == "Job"', { object: images('x') }), [{ path: 'kind' }]);
  t.match(
    (await findingsOf('object.kind == "Job" || object.spec.x == 1', { object: pod({ x: 2 }) })).map(
      ({ path }) => path,
    ),
    ['spec.x'],
  );
  const many = await findingsOf(pinned, {
    object: images(...Array.from({ length: 30 }, (_, i) => `i${i}`)),
  });
  t.equal(many.length, 21);
  t.match(many.at(-1), { path: '', message: 'no (+10 more fields)' });
  const some = await findingsOf(pinned, {
    object: images(...Array.from({ length: 20 }, (_, i) => `i${i}`)),
  });
  t.equal(some.length, 20);
  t.notOk(some.some(({ path }) => path === ''));
  const endless = 'object.list.all(i, object.list.all(j, object.list.exists(k, k == i + j + 1)))';
  const list: JsonValue = Array.from({ length: 70 }, (_, i) => i);
  t.match((await findingsOf(endless, { object: { ...images('x'), list } })).at(-1), { path: '' });
});

test('what an update took away is told where it was', async (t) => {
  const attempt = { operation: 'UPDATE', object: pod({}), oldObject: pod({ x: 2 }) } as const;
  t.match(await findingsOf('oldObject.spec.x == 1', attempt), [
    { path: 'spec.x', value: null, message: 'is not set: no' },
  ]);
});

test('secrets are told by their place alone: neither as a value nor as a key that was computed from one', async (t) => {
  const secret = 'c3VwZXItc2VjcmV0';
  const attempt = {
    kind: { group: '', version: 'v1', kind: 'Secret' },
    resource: { group: '', version: 'v1', resource: 'secrets' },
    object: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', labels: {} },
      data: { password: secret },
    },
  };
  const direct = await findingsOf('object.data.password == ""', attempt);
  t.match(direct, [{ path: 'data.password', value: '[redacted]' }]);
  const keyed = await findingsOf(
    'object.metadata.labels[?object.data.password].orValue("") == "x"',
    attempt,
  );
  t.notMatch(JSON.stringify([direct, keyed]), secret);
  const looked = await findingsOf(
    'has(object.metadata.labels.a) || object.data.password in object.metadata.labels',
    attempt,
  );
  t.notMatch(JSON.stringify(looked), secret);
  t.ok(looked.some(({ path }) => path === 'metadata.labels'));
});

test('values that are large or nested deep are not quoted', async (t) => {
  let deep: JsonValue = 1;
  for (let i = 0; i < 500; i++) deep = { a: deep };
  const object = {
    ...images('x'),
    deep,
    long: 'x'.repeat(5_000),
    wide: Array.from({ length: 5_000 }, () => 1),
  };
  t.match(await findingsOf('object.deep.size() == 0', { object }), [{ path: 'deep', value: null }]);
  t.match(await findingsOf('object.wide.size() == 0', { object }), [
    { path: 'wide', value: null, message: 'has 5000 items: no' },
  ]);
  const [long] = await findingsOf('object.long == ""', { object });
  t.equal(String(long?.value).length, 1_000);
  t.ok((long?.message.length ?? 0) < 100);
});
