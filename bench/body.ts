// The review that every server gets: a pod of three containers that keeps every rule of the bundle, 6,904 bytes,
// the size of what a real API server sent for such a pod. Made from a review that one sent.
import { readFileSync } from 'node:fs';

export const bodyBytes = 6_904;

const digest = `sha256:${'4be1'.repeat(16)}`;

function container(name: string, image: string, port: number): object {
  return {
    name,
    image: `registry.example.com/${image}@${digest}`,
    ports: [{ containerPort: port, protocol: 'TCP' }],
    env: [{ name: 'MODE', value: 'production' }],
    resources: { limits: { memory: '128Mi' }, requests: { cpu: '100m', memory: '64Mi' } },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}

type Fields = { [key: string]: Fields };

/** What managedFields says of a value: containers, ports, variables and volumes are keyed by name or number. */
function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) return {};
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((item) => [keyOf(item), item])
    : Object.entries(value).map(([key, item]) => [`f:${key}`, item]);
  const inside = entries.map(([key, item]): [string, Fields] => [key, fieldsOf(item)]);
  return { '.': {}, ...Object.fromEntries(inside) };
}

function keyOf(item: object | string): string {
  if (typeof item === 'string') return `v:"${item}"`;
  const key = ['name', 'containerPort', 'mountPath'].find((name) => name in item) ?? 'name';
  return `k:${JSON.stringify(Object.fromEntries(Object.entries(item).filter(([k]) => k === key)))}`;
}

/** JSON text of exactly `bodyBytes` bytes, all ASCII; throws when the review it is made from has outgrown that. */
export function makeBody(): string {
  const fixture = new URL('../test/fixtures/reviews/pod-create-apply.json', import.meta.url);
  const review = JSON.parse(readFileSync(fixture, 'utf8'));
  const pod = review.request.object;
  pod.metadata.annotations = { 'example.com/note': '' };
  pod.metadata.labels = { ...pod.metadata.labels, 'sekisho.dev/service-account-token': 'needed' };
  pod.spec.containers = [
    container('web', 'shop/web', 8080),
    container('log', 'shop/log', 8081),
    container('proxy', 'mesh/proxy', 8082),
  ];
  pod.metadata.managedFields[0].fieldsV1 = {
    'f:spec': { 'f:containers': fieldsOf(pod.spec.containers) },
  };
  const missing = bodyBytes - JSON.stringify(review).length;
  if (missing < 0) throw new Error(`the body has ${-missing} bytes too many`);
  pod.metadata.annotations['example.com/note'] = 'x'.repeat(missing);
  return JSON.stringify(review);
}
