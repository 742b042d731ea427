// Objects that no single field makes: images, quantities, and fields that decide about others.
import type { JsonObject, JsonValue } from '../../../src/base/json.ts';
import type { CorpusObject } from './corpus.ts';

const container = { name: 'web', image: 'nginx' };
const metadata = { name: 'web', namespace: 'default' };
const select = { matchLabels: { app: 'web' } };

const object = (kind: string, rest: JsonObject, apiVersion = 'v1'): JsonObject => ({
  apiVersion,
  kind,
  metadata,
  ...rest,
});
const pod = (spec: JsonObject, more: JsonObject = {}): JsonObject => ({
  ...object('Pod', { spec: { containers: [container], ...spec } }),
  metadata: { ...metadata, ...more },
});
const template = (spec: JsonObject): JsonObject =>
  object('PodTemplate', { template: { spec: { containers: [container], ...spec } } });
const service = (spec: JsonObject): JsonObject =>
  object('Service', { spec: { ports: [{ port: 80 }], selector: { app: 'web' }, ...spec } });
const claim = (spec: JsonObject): JsonObject =>
  object('PersistentVolumeClaim', {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  });

const hex = (n: number): string => 'a'.repeat(n);
const images = [
  ...['nginx', 'nginx:latest', 'nginx:1', 'Nginx', 'nginx@sha256:12', 'docker.io/nginx', 'a/b/c'],
  ...['registry.example.com:5000/a', 'registry.example.com:5000/a:1', 'localhost/a:latest'],
  ...[`nginx@sha256:${hex(64)}`, `nginx:latest@sha256:${hex(64)}`, `nginx:1@sha512:${hex(128)}`],
  ...[`nginx@sha256:${hex(63)}`, `nginx@md5:${hex(32)}`, hex(64), `${hex(64)}:1`, `x/${hex(64)}`],
  ...[
    'a//b',
    'a__b',
    'a___b',
    'a..b',
    'a-.b',
    '-a',
    'a-',
    'a:b:c',
    'a:',
    ':a',
    '[::1]:80/a',
    '[::1]/a',
  ],
  ...['EXAMPLE.com/a', 'EXAMPLE/a', 'exa_mple.com/a', 'a/B', 'a:.b', 'a:_b', `a:${hex(128)}`],
  ...[
    `a:${hex(129)}`,
    `x.io/${hex(255)}`,
    `x.io/${hex(256)}`,
    `${hex(244)}`,
    'a b',
    'index.docker.io/a',
  ],
  ...['a@', 'a@b', '@a', 'a/', '/a', 'x.io/', 'x.io', 'a\n', 'ä', `nginx@sha256:${'A'.repeat(64)}`],
];
const quantities: readonly JsonValue[] = [
  ...[
    '0',
    '1',
    '1000m',
    '1500m',
    '0.5',
    '.5',
    '5.',
    '+1',
    '1k',
    '1000',
    '1e3',
    '1E3',
    '1e-3',
    '12e1',
  ],
  ...['1Ki', '1024', '1024Ki', '1.5Gi', '0.5Mi', '1023Ki', '0.1Ki', '1000Mi', '1Ei', '1E', '100G'],
  ...['1u', '1n', '999999n', '1500u', '0.0001', '123456789', '1000000', '1234567890123456789'],
  ...['9223372036854775807', '9223372036854775808', '10Ei', '0m', '00.500', '1M', '1.000', '100e2'],
  ...['1e19', '12345678901234567890.5', '0.1e1', '3e0', '1Pi', '1.1Gi', '0.5Ki'],
  ...[1, 0.5, 2.5, 1000, 1e6, 0.1, 1.5e-7, 1e21, null, 123456789012],
];

const limits = (cpu: JsonValue): JsonObject => ({ limits: { cpu, memory: '1Gi' } });
const both = (cpu: string): JsonObject => ({
  limits: { cpu, memory: '1Gi' },
  requests: { cpu: '1', memory: '1024Mi' },
});
const sized = (resources: JsonObject, more: JsonObject = {}): JsonObject =>
  pod({ containers: [{ ...container, resources }], ...more });
const sidecar = { name: 'side', image: 'side', restartPolicy: 'Always', resources: limits('250m') };
const init = { name: 'init', image: 'init', resources: limits('3') };
const affinity = {
  labelSelector: { matchLabels: { app: 'web' } },
  topologyKey: 'zone',
  matchLabelKeys: ['tier', 'none'],
  mismatchLabelKeys: ['team'],
};
const appArmor = (value: string): JsonObject => ({
  annotations: { 'container.apparmor.security.beta.kubernetes.io/web': value },
});
const port = { containerPort: 8080 };
const lost = (key: string | undefined, effect: string | undefined): JsonObject => ({
  operator: 'Exists',
  ...(key === undefined ? {} : { key: `node.kubernetes.io/${key}` }),
  ...(effect === undefined ? {} : { effect }),
});
const tokenMount = { name: 'own', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
const snapshot = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'a' };
const hugepages = { limits: { cpu: '1', memory: '1Gi', 'hugepages-2Mi': '4Mi' } };

const groups: Readonly<Record<string, readonly JsonObject[]>> = {
  image: images.map((image) => template({ containers: [{ name: 'web', image }] })),
  'image volume': images.map((reference) =>
    pod({ volumes: [{ name: 'v', image: { reference } }] }),
  ),
  quantity: quantities.map((cpu) =>
    template({ containers: [{ ...container, resources: limits(cpu) }] }),
  ),
  'quantity of a pod': quantities.slice(0, 9).map((cpu) => sized(limits(cpu))),
  'quota of a quantity': quantities.map((each) =>
    object('ResourceQuota', { spec: { hard: { 'requests.cpu': each } } }),
  ),
  'size limit': quantities.map((sizeLimit) =>
    template({ volumes: [{ name: 'v', emptyDir: { sizeLimit } }] }),
  ),
  resources: [
    sized(both('1')),
    sized(both('2')),
    sized({ requests: { cpu: '1' } }),
    sized({ limits: { cpu: '1' } }),
    sized({ limits: { 'example.com/gpu': 1 } }),
    sized({ limits: { cpu: '0', memory: '0' } }),
    sized(both('1'), { initContainers: [init, sidecar] }),
    sized(both('1'), { initContainers: [{ ...init, resources: both('1') }] }),
    sized({}, { resources: both('1') }),
    sized({}, { resources: limits('2') }),
    sized({ requests: { cpu: '100m' } }, { resources: limits('5') }),
    sized(limits('1'), { resources: limits('8'), initContainers: [sidecar, init] }),
    sized(limits('1'), { resources: limits('8'), initContainers: [init, sidecar] }),
    sized(hugepages, { resources: limits('2') }),
    sized(hugepages, { resources: { requests: { cpu: '1' } } }),
    sized(hugepages, { resources: { limits: { 'hugepages-2Mi': '8Mi' } } }),
    sized({}, { resources: {} }),
  ],
  'service account': [
    pod({ automountServiceAccountToken: false }),
    pod({ serviceAccount: 'default' }),
    pod({ volumes: [{ name: 'own' }], containers: [{ ...container, volumeMounts: [tokenMount] }] }),
    pod({
      volumes: [{ name: 'own' }],
      containers: [{ ...container, volumeMounts: [tokenMount] }],
      initContainers: [init],
    }),
    pod({ volumes: [{ name: 'kube-api-access-a', emptyDir: {} }] }),
  ],
  tolerations: [undefined, 'not-ready', 'unreachable', 'other'].flatMap((key) =>
    [undefined, 'NoExecute', 'NoSchedule'].map((effect) =>
      pod({ tolerations: [lost(key, effect)] }),
    ),
  ),
  priority: ['system-cluster-critical', 'system-node-critical', ''].map((priorityClassName) =>
    pod({ priorityClassName }),
  ),
  'host network': [
    pod({ hostNetwork: true, containers: [{ ...container, ports: [port] }] }),
    pod({
      hostNetwork: true,
      containers: [container],
      initContainers: [{ ...init, ports: [{ ...port, hostPort: 0 }] }],
    }),
    object(
      'Deployment',
      {
        spec: {
          selector: { matchLabels: { app: 'web' } },
          template: {
            metadata: { labels: { app: 'web' } },
            spec: { hostNetwork: true, containers: [{ ...container, ports: [port] }] },
          },
        },
      },
      'apps/v1',
    ),
  ],
  'label keys': [
    pod(
      {
        affinity: {
          podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [affinity] },
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 1, podAffinityTerm: affinity },
            ],
          },
        },
      },
      { labels: { tier: 'a', team: 'b' } },
    ),
    pod(
      {
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'zone',
            whenUnsatisfiable: 'DoNotSchedule',
            labelSelector: {},
            matchLabelKeys: ['tier', 'none'],
          },
        ],
      },
      { labels: { tier: 'a' } },
    ),
  ],
  AppArmor: [
    ...['unconfined', 'runtime/default', 'localhost/web', 'localhost/', 'own'].map((value) =>
      pod({}, appArmor(value)),
    ),
    pod({ os: { name: 'windows' } }, appArmor('unconfined')),
    pod({ securityContext: { appArmorProfile: { type: 'Unconfined' } } }, appArmor('unconfined')),
    pod(
      { securityContext: { appArmorProfile: { type: 'Unconfined' } } },
      appArmor('runtime/default'),
    ),
    pod(
      {
        containers: [
          { ...container, securityContext: { appArmorProfile: { type: 'Unconfined' } } },
        ],
      },
      appArmor('unconfined'),
    ),
  ],
  pod: [
    pod({ schedulingGates: [{ name: 'example.com/wait' }] }),
    pod({ terminationGracePeriodSeconds: -1 }),
    pod({ terminationGracePeriodSeconds: 0 }),
    pod({ containers: [container, { name: 'b', image: 'b', env: null, args: [], command: null }] }),
    pod({
      volumes: [
        { name: 'a', emptyDir: null },
        { name: 'b', secret: { secretName: 'k' } },
      ],
    }),
    pod({}, { labels: { a: null }, annotations: {} }),
    pod({}, { name: '', generateName: 'web-' }),
    pod({}, { generation: 7, selfLink: 'x', uid: 'x', creationTimestamp: null }),
    pod({}, { deletionGracePeriodSeconds: 5, finalizers: [] }),
    { ...pod({}), status: { phase: 'Running' } },
  ],
  service: [
    service({ type: 'NodePort', externalTrafficPolicy: 'Local' }),
    service({
      type: 'NodePort',
      ports: [
        { port: 80, nodePort: 30_123 },
        { name: 'b', port: 81 },
      ],
    }),
    service({
      type: 'LoadBalancer',
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 81 },
      ],
    }),
    service({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false }),
    service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' }),
    service({ type: 'ExternalName', externalName: 'example.com', ports: null, selector: null }),
    service({ type: 'ExternalName', externalName: 'example.com' }),
    service({ clusterIP: 'None' }),
    service({ clusterIP: 'None', selector: null }),
    service({ clusterIP: 'None', selector: {}, ipFamilyPolicy: 'SingleStack' }),
    service({ clusterIP: '10.0.0.77' }),
    service({ clusterIP: '10.0.0.77', clusterIPs: ['10.0.0.77'] }),
    service({ externalIPs: ['192.0.2.3'] }),
    service({ sessionAffinity: 'ClientIP' }),
    service({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: {} } }),
    service({
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } },
    }),
    service({ sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } }),
    service({ ports: [{ port: 80, targetPort: '' }] }),
    service({ ports: [{ port: 80, targetPort: '80' }] }),
  ],
  claim: [
    claim({ dataSource: { kind: 'PersistentVolumeClaim', name: 'a' } }),
    claim({ dataSource: { apiGroup: '', kind: 'PersistentVolumeClaim', name: 'a' } }),
    claim({ dataSource: snapshot }),
    claim({ dataSource: { apiGroup: 'example.com', kind: 'Own', name: 'a' } }),
    claim({ dataSourceRef: { apiGroup: 'example.com', kind: 'Own', name: 'a' } }),
    claim({ dataSourceRef: { ...snapshot, namespace: 'other' } }),
    claim({ dataSourceRef: { ...snapshot, namespace: '' } }),
  ],
  secret: [
    object('Secret', { data: { a: 'YQ==', b: null }, stringData: { a: 'x', c: 'ä' } }),
    object('Secret', { stringData: {} }),
    object('Secret', { data: { a: 'YW\nJj' } }),
    object('Secret', {
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': 'e30=' },
    }),
  ],
  job: [
    job({ metadata: { labels: { app: 'web' } } }),
    job({}, { parallelism: 3 }),
    job({}, { completions: 3 }),
    job({}, { backoffLimitPerIndex: 1, completionMode: 'Indexed', completions: 2 }),
    job({ metadata: { labels: { app: 'web' } } }, { manualSelector: true, selector: select }),
    job(
      {},
      { podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'A' }] }] } },
    ),
  ],
  binding: ['User', 'Group', 'ServiceAccount'].map((kind) => ({
    ...object(
      'RoleBinding',
      {
        roleRef: { kind: 'Role', name: 'a' },
        subjects: [
          kind === 'ServiceAccount' ? { kind, name: 'a', namespace: 'b' } : { kind, name: 'a' },
        ],
      },
      'rbac.authorization.k8s.io/v1',
    ),
  })),
};

function job(template: JsonObject, more: JsonObject = {}): JsonObject {
  const spec = { containers: [container], restartPolicy: 'Never' };
  return object('Job', { spec: { template: { ...template, spec }, ...more } }, 'batch/v1');
}

export function cases(): readonly CorpusObject[] {
  return Object.entries(groups).flatMap(([name, objects]) =>
    objects.map((each, i) => ({ name: `${name} ${i}`, object: each })),
  );
}
