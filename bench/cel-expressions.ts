// What `node bench/cel.ts` measures: 21 expressions as policies have them, on a pod with three containers, and for each
// what somebody would write by hand for exactly this.
const container = (name: string, extra: object) => ({
  name,
  image: `registry.example.com/team/${name}:1.${name.length}.0`,
  ports: [{ containerPort: 8080 }, { containerPort: 9090 }],
  env: [{ name: 'MODE', value: 'fast' }],
  resources: { requests: { cpu: '100m' }, limits: { cpu: '500m', memory: '128Mi' } },
  securityContext: {
    privileged: false,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE', 'CHOWN'] },
  },
  ...extra,
});

export const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web-7d4b9c6f5-x2x7q',
    namespace: 'shop',
    labels: { app: 'web', team: 'checkout', 'app.kubernetes.io/version': '1.2.3' },
    annotations: { 'example.com/owner': 'checkout', 'example.com/revision': '42' },
  },
  spec: {
    hostNetwork: false,
    replicas: 3,
    securityContext: { runAsNonRoot: true, runAsUser: 1000 },
    containers: [container('web', {}), container('proxy', {}), container('metrics', {})],
    volumes: [
      { name: 'config', configMap: { name: 'web' } },
      { name: 'scratch', emptyDir: {} },
    ],
  },
};

export type Pod = typeof pod;
export type Measured = {
  readonly expression: string;
  readonly wanted: boolean | string;
  readonly byHand: (object: Pod) => boolean | string;
};

const added = ['NET_BIND_SERVICE', 'CHOWN', 'SETUID', 'SETGID', 'KILL'];
const tag = /^[a-z0-9./-]+:[0-9.]+$/;

const bools: readonly (readonly [string, (object: Pod) => boolean])[] = [
  ['object.kind == "Pod"', (o) => o.kind === 'Pod'],
  [
    '!has(object.spec.hostNetwork) || object.spec.hostNetwork == false',
    ({ spec }) => !Object.hasOwn(spec, 'hostNetwork') || spec.hostNetwork === false,
  ],
  [
    'object.spec.replicas >= 1 && object.spec.replicas <= 5',
    ({ spec }) => spec.replicas >= 1 && spec.replicas <= 5,
  ],
  [
    'object.spec.containers.all(c, !has(c.securityContext) || !has(c.securityContext.privileged) || c.securityContext.privileged == false)',
    ({ spec }) =>
      spec.containers.every(
        (c) =>
          !Object.hasOwn(c, 'securityContext') ||
          !Object.hasOwn(c.securityContext, 'privileged') ||
          c.securityContext.privileged === false,
      ),
  ],
  [
    'object.spec.containers.all(c, c.image.startsWith("docker.io/") || c.image.startsWith("registry.example.com/"))',
    ({ spec }) =>
      spec.containers.every(
        ({ image }) => image.startsWith('docker.io/') || image.startsWith('registry.example.com/'),
      ),
  ],
  [
    'object.spec.containers.all(c, c.securityContext.capabilities.add.all(a, a in ["NET_BIND_SERVICE", "CHOWN", "SETUID", "SETGID", "KILL"]))',
    ({ spec }) =>
      spec.containers.every((c) =>
        c.securityContext.capabilities.add.every((a) => added.includes(a)),
      ),
  ],
  [
    'object.spec.containers.all(c, has(c.resources) && has(c.resources.limits) && has(c.resources.limits.cpu) && has(c.resources.limits.memory))',
    ({ spec }) =>
      spec.containers.every(
        (c) =>
          Object.hasOwn(c, 'resources') &&
          Object.hasOwn(c.resources, 'limits') &&
          Object.hasOwn(c.resources.limits, 'cpu') &&
          Object.hasOwn(c.resources.limits, 'memory'),
      ),
  ],
  [
    'object.spec.containers.all(c, c.ports.all(p, p.containerPort >= 1024))',
    ({ spec }) => spec.containers.every((c) => c.ports.every((p) => p.containerPort >= 1024)),
  ],
  [
    'object.spec.containers.filter(c, c.name == "debug").size() == 0',
    ({ spec }) => spec.containers.filter((c) => c.name === 'debug').length === 0,
  ],
  [
    'object.spec.?securityContext.?runAsNonRoot.orValue(false) && object.spec.containers.all(c, c.?securityContext.?privileged.orValue(false) == false)',
    ({ spec }) =>
      (spec.securityContext?.runAsNonRoot ?? false) &&
      spec.containers.every((c) => !(c.securityContext?.privileged ?? false)),
  ],
  [
    'object.spec.containers.all(c, c.image.matches("^[a-z0-9./-]+:[0-9.]+$"))',
    ({ spec }) => spec.containers.every((c) => tag.test(c.image)),
  ],
  [
    '"app" in object.metadata.labels && object.metadata.labels["app"] != ""',
    ({ metadata: { labels } }) => Object.hasOwn(labels, 'app') && labels.app !== '',
  ],
  ['object.metadata.name.size() <= 63', ({ metadata }) => metadata.name.length <= 63],
  [
    'object.spec.containers.exists(c, c.name == "metrics")',
    ({ spec }) => spec.containers.some((c) => c.name === 'metrics'),
  ],
  [
    '!object.spec.containers.map(c, c.image).exists(i, i.endsWith(":latest"))',
    ({ spec }) => !spec.containers.map((c) => c.image).some((i) => i.endsWith(':latest')),
  ],
  [
    'has(object.metadata.annotations) ? object.metadata.annotations.all(k, k.startsWith("example.com/")) : true',
    ({ metadata }) =>
      Object.hasOwn(metadata, 'annotations')
        ? Object.keys(metadata.annotations).every((k) => k.startsWith('example.com/'))
        : true,
  ],
  [
    '!has(object.spec.volumes) || object.spec.volumes.all(v, has(v.configMap) || has(v.emptyDir) || has(v.secret) || has(v.projected))',
    ({ spec }) =>
      !Object.hasOwn(spec, 'volumes') ||
      spec.volumes.every((v) =>
        ['configMap', 'emptyDir', 'secret', 'projected'].some((kind) => Object.hasOwn(v, kind)),
      ),
  ],
  [
    'object.spec.containers.all(c, !has(c.env) || !c.env.exists(e, e.name == "PASSWORD" && has(e.value)))',
    ({ spec }) =>
      spec.containers.every(
        (c) =>
          !Object.hasOwn(c, 'env') ||
          !c.env.some((e) => e.name === 'PASSWORD' && Object.hasOwn(e, 'value')),
      ),
  ],
  [
    'object.spec.containers.exists_one(c, c.name == object.metadata.labels.app)',
    ({ spec, metadata }) =>
      spec.containers.filter((c) => c.name === metadata.labels.app).length === 1,
  ],
];

const texts: readonly (readonly [string, string, (object: Pod) => string])[] = [
  [
    '"containers: " + object.spec.containers.map(c, c.name).join(", ")',
    'containers: web, proxy, metrics',
    ({ spec }) => `containers: ${spec.containers.map((c) => c.name).join(', ')}`,
  ],
  [
    '"replicas are " + string(object.spec.replicas) + ", not 1 of " + object.metadata.name',
    'replicas are 3, not 1 of web-7d4b9c6f5-x2x7q',
    ({ spec, metadata }) => `replicas are ${spec.replicas}, not 1 of ${metadata.name}`,
  ],
];

export const measured: readonly Measured[] = [
  ...bools.map(([expression, byHand]) => ({ expression, wanted: true, byHand })),
  ...texts.map(([expression, wanted, byHand]) => ({ expression, wanted, byHand })),
];
