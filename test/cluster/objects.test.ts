// A cluster from files: namespaces, params, custom kinds, and what the ports answer.
import { join } from 'node:path';
import { test } from 'tap';
import { getIn } from '../../src/base/json.ts';
import {
  type ClusterObjects,
  clusterOf,
  loadClusterObjects,
  objectsOf,
  portsOf,
  withManifests,
} from '../../src/cluster/objects.ts';
import { readDocuments } from '../../src/yaml/read.ts';

const now = '2026-11-21T10:00:00Z';

function objects(text: string) {
  return objectsOf(readDocuments(text, 'c.yaml').documents).objects;
}

function cluster(text: string): ClusterObjects {
  return clusterOf(objects(text));
}

const facts = `
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {tier: gold}}}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: limits, namespace: shop}, data: {a: "1"}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: limits, namespace: shop}, data: {a: "2"}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: other, namespace: ops}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgetry.a.b}
spec: {group: a.b, scope: Cluster, names: {kind: Widget, plural: widgetry}}
`;

test('a namespace is answered with the label that every namespace has', async (t) => {
  const answer = await portsOf(cluster(facts), now, 'strict').namespace('shop');
  t.equal(answer.ok && answer.value.at, now);
  t.same(answer.ok && getIn(answer.value.value, ['metadata', 'labels']), {
    tier: 'gold',
    'kubernetes.io/metadata.name': 'shop',
  });
});

test('a namespace that nobody supplied is a fault for the server, and bare for check', async (t) => {
  const strict = await portsOf(cluster(facts), now, 'strict').namespace('nowhere');
  t.match(strict, { ok: false, error: { code: 'namespace-unavailable', message: /"nowhere"/ } });
  const bare = await portsOf(cluster(facts), now, 'synthesise').namespace('nowhere');
  t.same(bare.ok && bare.value.value, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'nowhere', labels: { 'kubernetes.io/metadata.name': 'nowhere' } },
  });
});

test('params are all objects of a kind; of two with one name the later counts', async (t) => {
  const { params } = portsOf(cluster(facts), now, 'strict');
  const names = async (question: Parameters<typeof params>[0]): Promise<unknown> => {
    const answer = await params(question);
    return answer.ok && answer.value.value.map((o) => getIn(o, ['metadata', 'name']));
  };
  const configMaps = { apiVersion: 'v1', kind: 'ConfigMap' };
  t.same(await names(configMaps), ['limits', 'other']);
  t.same(await names({ ...configMaps, namespace: 'ops' }), ['other']);
  t.same(await names({ ...configMaps, name: 'limits' }), ['limits']);
  t.same(await names({ apiVersion: 'v2', kind: 'ConfigMap' }), []);
  const limits = await params({ ...configMaps, name: 'limits' });
  t.equal(limits.ok && getIn(limits.value.value[0], ['data', 'a']), '2');
});

test('manifests bring namespaces and custom kinds, never params', async (t) => {
  const given = cluster(facts);
  const both = withManifests(
    given,
    objects(`
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {new: label}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: fresh}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: mine, namespace: shop}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgetry.a.b}
spec: {group: a.b, scope: Namespaced, names: {kind: Gadget, plural: gadgetry}}
`),
  );
  t.same([...both.namespaces.keys()], ['shop', 'fresh']);
  t.same(
    getIn(both.namespaces.get('shop'), ['metadata', 'labels']),
    { tier: 'gold', new: 'label', 'kubernetes.io/metadata.name': 'shop' },
    'what a manifest does not say stays, as with kubectl apply',
  );
  t.same([...both.customKinds.keys()].sort(), ['a.b/Gadget', 'a.b/Widget']);
  const params = await portsOf(both, now, 'strict').params({ apiVersion: 'v1', kind: 'ConfigMap' });
  t.equal(params.ok && params.value.value.length, 2);
});

test('the Pods of files are the pods that run in a namespace', async (t) => {
  const pod = (name: string, namespace: string): string =>
    `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, namespace: ${namespace}}}\n---\n`;
  const pods = [pod('a', 'shop'), pod('b', 'ops'), pod('c', 'shop'), pod('d', 'shop')].join('');
  const { inventory } = portsOf(cluster(pods), now, 'strict');
  const question = { namespace: 'shop', limit: 2, within: 1 };
  const answer = await inventory(question);
  t.match(answer, { ok: true, value: { total: 3, at: now } });
  t.same(answer.ok && answer.value.value.map((each) => getIn(each, ['metadata', 'name'])), [
    'a',
    'c',
  ]);
  t.match(await inventory({ ...question, namespace: 'nowhere' }), {
    value: { value: [], total: 0 },
  });
});

test('files are loaded whole, or every fault of every file is told', async (t) => {
  const folder = t.testdir({
    good: { 'a.yaml': facts, 'b.json': '{"apiVersion":"v1","kind":"Node"}' },
    bad: { 'a.yaml': 'a: b\n', 'b.yaml': 'apiVersion: v1\nkind: [\n', 'c.yaml': facts },
  });
  const good = await loadClusterObjects([join(folder, 'good')]);
  t.ok(good.ok);
  const bad = await loadClusterObjects([join(folder, 'bad'), join(folder, 'nothing')]);
  t.same(bad.ok ? [] : bad.error.map((f) => f.code).sort(), [
    'file-unreadable',
    'manifest-kind',
    'yaml-syntax',
  ]);
  t.ok((await loadClusterObjects([])).ok, 'no path is an empty cluster');
});
