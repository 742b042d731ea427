// Real kubectl, a real API server, and Sekisho behind its webhook: what people see.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { root } from '../gate.ts';
import { service, startCluster, startGate, untilRefused, whyNot } from './cluster.ts';

const bad = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  hostNetwork: true
  containers:
  - {name: web, image: registry.example.com/shop/web:1.4}
`;

const webhook = (ca: string, port: number): string => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: sekisho}
webhooks:
- name: gate.sekisho.dev
  admissionReviewVersions: [v1]
  sideEffects: None
  failurePolicy: Fail
  timeoutSeconds: 10
  clientConfig:
    service: {name: sekisho, namespace: sekisho, path: /validate, port: ${port}}
    caBundle: ${Buffer.from(ca).toString('base64')}
  rules:
  - {apiGroups: ['', apps, batch], apiVersions: ['*'], operations: ['*'], resources: ['*/*']}
  namespaceSelector:
    matchExpressions:
    - {key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system, sekisho]}
`;

test('a pod that breaks rules is refused by kubectl, with the field', {
  skip: whyNot(),
}, async (t) => {
  const cluster = await startCluster();
  t.teardown(() => cluster.stop());
  const objects = join(cluster.folder, 'objects');
  mkdirSync(objects);
  writeFileSync(
    join(objects, 'shop.yaml'),
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
  );
  const gate = await startGate(cluster, [
    ...['-p', join(root, 'policies'), '--cluster-objects', objects],
    ...['--ledger', join(cluster.folder, 'ledger')],
  ]);
  t.teardown(() => gate.stop());
  await cluster.apply(`${service}---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n`);
  await cluster.apply(webhook(cluster.authority.certificate, gate.port));
  await untilRefused(cluster, bad);
  const ran = await cluster.kubectl(['apply', '-f', '-'], { input: bad });
  t.equal(ran.code, 1);
  t.match(ran.stderr, 'admission webhook "gate.sekisho.dev" denied the request:');
  t.match(ran.stderr, 'spec.hostNetwork');
  t.comment(ran.stderr);
});
