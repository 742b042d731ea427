// What `check` shows to policies is what a real API server showed its webhooks, as the goldens have it (they are made by
// test/e2e/defaults.e2e.ts, which also holds them fresh); and what no server can tell: updates, wrong types, old objects.
import { test } from 'tap';
import { get, getIn, type JsonObject, type JsonValue } from '../../src/base/json.ts';
import { type Form, fieldsOf, kindsWithDefaults, typeNames } from '../../src/k8s/api-types.ts';
import { asServed } from '../../src/k8s/defaults/api-server.ts';
import { unknownUid } from '../../src/k8s/defaults/unknown.ts';
import { imageTag } from '../../src/k8s/image-reference.ts';
import { canonicalQuantity, canonicalResource } from '../../src/k8s/quantity-text.ts';
import { differences, ours } from '../e2e/defaults/compare.ts';
import { changed, readGolden } from '../e2e/defaults/golden.ts';

const goldens = readGolden();

test('objects are shown to policies as a real API server showed them', (t) => {
  t.ok(goldens.length > 400, `${goldens.length} goldens`);
  const kinds = new Set(goldens.map(([, manifest]) => manifest['kind']));
  for (const [, kind] of kindsWithDefaults()) t.ok(kinds.has(kind), `${kind} is among them`);
  const told = goldens.flatMap(([name, manifest, changes]) =>
    differences(changed(manifest, changes), ours(manifest)).map((each) => `${name}: ${each}`),
  );
  t.strictSame(told, []);
  t.end();
});

test('the comparison sees every change that the server made', (t) => {
  const unseen = goldens.filter(
    ([, manifest, changes]) =>
      changes.length > 0 && differences(manifest, ours(manifest)).length === 0,
  );
  t.strictSame(unseen, []);
  t.end();
});

test('every type that a field names is in the tables', (t) => {
  const named = (form: Form): readonly string[] =>
    form.kind === 'struct' ? [form.type] : 'of' in form ? named(form.of) : [];
  const known = new Set(typeNames());
  const wanted = [...known].flatMap((type) =>
    [...fieldsOf(type).values()].flatMap(({ form }) => named(form)),
  );
  t.ok(known.size > 200);
  t.strictSame(
    wanted.filter((type) => !known.has(type)),
    [],
  );
  t.end();
});

const pod = (
  spec: JsonValue,
  metadata: JsonObject = { name: 'web', namespace: 'shop' },
): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata,
  spec,
});
const container = { name: 'web', image: 'web' };
const served = (object: JsonObject): JsonObject => asServed(object, { create: true }).object;

test('a manifest is not changed itself', (t) => {
  for (const [, manifest] of goldens) {
    const before = JSON.stringify(manifest);
    asServed(manifest, { create: true });
    t.equal(JSON.stringify(manifest), before);
  }
  t.end();
});

test('what is settled once stays as it is', (t) => {
  for (const [name, manifest] of goldens) {
    // A Job without labels gets those of its template, which have been added to in the meantime.
    const first = served(manifest);
    const once = manifest['kind'] === 'Job' ? served(first) : first;
    const again = asServed(once, { create: true, old: once }).object;
    t.strictSame(differences(once, again), [], name);
  }
  t.end();
});

test('what has a wrong type is left to those who judge it', (t) => {
  const spoilt: readonly JsonValue[] = ['x', 7, true, [], [7], {}, null, [null], { a: null }];
  for (const value of spoilt) {
    t.doesNotThrow(() => served(pod(value)), `spec: ${JSON.stringify(value)}`);
    for (const field of fieldsOf('PodSpec').keys()) {
      const object = pod({ containers: [container], [field]: value });
      t.doesNotThrow(() => served(object), `${field}: ${JSON.stringify(value)}`);
    }
  }
  const kept = served(pod({ containers: [container], hostNetwork: 'yes', volumes: { a: 1 } }));
  t.equal(getIn(kept, ['spec', 'hostNetwork']), 'yes');
  t.same(getIn(served(pod('x')), ['spec']), 'x');
  t.end();
});

test('fields that the type does not have are kept and told', (t) => {
  const object = pod({
    containers: [{ ...container, newer: { a: null } }],
    volumes: [{ name: 'a', magic: {} }],
    ['constructor']: 'x',
  });
  const sent = asServed(object, { create: true });
  t.same(getIn(sent.object, ['spec', 'containers', 0, 'newer']), { a: null });
  t.same(
    getIn(sent.object, ['spec', 'volumes', 0]),
    { name: 'a', magic: {} },
    'such a source is not taken for none',
  );
  t.strictSame(
    sent.unknown.map((path) => path.join('.')),
    ['spec.containers.0.newer', 'spec.volumes.0.magic', 'spec.constructor'],
  );
  t.end();
});

test('keys of maps are ordinary keys', (t) => {
  const labels = JSON.parse('{"__proto__": "a", "constructor": null}');
  const own = getIn(served(pod({}, { name: 'web', labels })), ['metadata', 'labels']);
  t.same(Object.entries(own ?? {}), [
    ['__proto__', 'a'],
    ['constructor', ''],
  ]);
  t.end();
});

test('kinds and versions without a table are left as they are', (t) => {
  for (const apiVersion of ['x.io/v1', 'apps/v1beta1', 'v2', 7]) {
    const object = { apiVersion, kind: 'Pod', metadata: { name: 'a', labels: null }, spec: {} };
    t.equal(asServed(object, { create: true }).object, object, String(apiVersion));
  }
  t.end();
});

test('what takes the place of another keeps what that was given', (t) => {
  const old = served({
    ...pod({
      containers: [container],
      volumes: [{ name: 'kube-api-access-abcde', projected: { sources: [] } }],
    }),
    metadata: { name: 'web' },
  });
  const was = {
    ...old,
    metadata: { name: 'web', uid: 'u', generation: 4 },
    status: { phase: 'Running' },
  };
  const now = asServed(pod({ containers: [container] }), { create: true, old: was }).object;
  t.equal(getIn(now, ['metadata', 'uid']), 'u');
  t.equal(getIn(now, ['metadata', 'generation']), 4);
  t.same(get(now, 'status'), { phase: 'Running' });
  t.equal(getIn(now, ['spec', 'volumes', 0, 'name']), 'kube-api-access-abcde');
  t.equal(
    getIn(now, ['spec', 'containers', 0, 'volumeMounts', 0, 'name']),
    'kube-api-access-abcde',
  );
  const service = (spec: JsonObject): JsonObject => ({ apiVersion: 'v1', kind: 'Service', spec });
  const ports = [{ port: 80, protocol: 'TCP', nodePort: 31_000 }];
  const before = { type: 'NodePort', clusterIP: '10.0.0.9', clusterIPs: ['10.0.0.9'], ports };
  const after = asServed(service({ type: 'NodePort', ports: [{ port: 81 }, { port: 80 }] }), {
    create: true,
    old: service(before),
  }).object;
  t.equal(getIn(after, ['spec', 'clusterIP']), '10.0.0.9');
  t.equal(getIn(after, ['spec', 'ports', 1, 'nodePort']), 31_000);
  t.equal(getIn(after, ['spec', 'ports', 0, 'nodePort']), 30_000);
  t.end();
});

test('a subresource gets types and defaults, and nothing of what creation makes', (t) => {
  const { object } = asServed(pod({ containers: [container] }), { create: false });
  t.equal(getIn(object, ['spec', 'dnsPolicy']), 'ClusterFirst');
  t.equal(getIn(object, ['spec', 'tolerations']), undefined);
  t.equal(getIn(object, ['metadata', 'generation']), undefined);
  t.end();
});

test('a Job and its labels bear the stand-in of its uid', (t) => {
  const template = { spec: { containers: [container], restartPolicy: 'Never' } };
  const job = served({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j' },
    spec: { template },
  });
  const label = 'batch.kubernetes.io/controller-uid';
  t.equal(getIn(job, ['spec', 'selector', 'matchLabels', label]), unknownUid);
  t.equal(getIn(job, ['spec', 'template', 'metadata', 'labels', label]), unknownUid);
  t.end();
});

const quantities: readonly [text: string, alone: string | undefined, inList: string | undefined][] =
  [
    ['1000m', '1', '1'],
    ['1024Mi', '1Gi', '1Gi'],
    ['1.5Gi', '1536Mi', '1536Mi'],
    ['0.5', '500m', '500m'],
    ['-1500u', '-1500u', '-2m'],
    ['1n', '1n', '1m'],
    ['0.5Ki', '512', '512'],
    ['100e6', '100e6', '100e6'],
    [' 1 ', '1', '1'],
    ['+1', '+1', '+1'],
    ['10Ei', '9223372036854775807', '9223372036854775807'],
    ['1e-4095', '1e-9', '1e-3'],
    ['1e2147483647', '10e2147483646', '10e2147483646'],
    [`1${'0'.repeat(1_000_000)}`, undefined, undefined],
    ['1x', undefined, undefined],
    ['', undefined, undefined],
  ];

test('quantities are written as Kubernetes writes them', (t) => {
  for (const [text, alone, inList] of quantities) {
    t.equal(canonicalQuantity(text), alone, text);
    t.equal(canonicalResource(text), inList, `${text} in a list of resources`);
  }
  t.end();
});

test('an image name is read in time that grows with its length', (t) => {
  for (const part of ['a', 'a-', 'a/', '.', ':', '@', '-', 'a.']) {
    t.equal(typeof imageTag(part.repeat(500_000)), 'string');
  }
  t.equal(imageTag(`${'a.'.repeat(400)}!`), '');
  t.end();
});
