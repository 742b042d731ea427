// What is changed in a generated pod: every field that a control reads, with values on both sides of it, and fields that
// none reads. Most values are ones that the API server takes; a row sets together what is only valid together.
import type { JsonObject, JsonValue } from '../../../src/base/json.ts';

/** Dotted paths below the pod or the container; undefined takes a field away. */
export type Sets = Readonly<Record<string, JsonValue | undefined>>;

const each = (path: string, ...values: readonly (JsonValue | undefined)[]): readonly Sets[] =>
  values.map((value) => ({ [path]: value }));

/** Go quotes it in another way than JSON, and orders it in another way than UTF-16. */
const odd = 'a"\\\u0007\u00e9\u200b\uff01';
const odder = 'a"\\\u0007\u00e9\u200b\u{1f600}';

const profiles: readonly (JsonValue | undefined)[] = [
  { type: 'RuntimeDefault' },
  { type: 'Unconfined' },
  { type: 'Localhost', localhostProfile: 'a.json' },
  undefined,
];

/** Of a pod and of a container, below `securityContext`. */
const shared: readonly Sets[] = [
  ...each('runAsNonRoot', true, false, undefined),
  ...each('runAsUser', 0, 1000, undefined),
  ...each('seLinuxOptions.type', 'container_t', 'container_engine_t', 'spc_t', '', odd),
  ...each(
    'seLinuxOptions',
    { user: 'system_u' },
    { user: odd },
    { role: 'sysadm_r' },
    { level: 's0:c1' },
  ),
  ...profiles.map((seccompProfile) => ({ seccompProfile })),
  ...profiles.map((appArmorProfile) => ({ appArmorProfile })),
  ...each('windowsOptions', { hostProcess: true }, { hostProcess: false }, { runAsUserName: 'u' }),
  { runAsGroup: 0 },
];

const within = (sets: Sets): Sets =>
  Object.fromEntries(Object.entries(sets).map(([key, value]) => [`securityContext.${key}`, value]));

const capabilities: readonly JsonValue[] = [
  { drop: ['ALL'] },
  { drop: ['ALL', 'KILL'], add: ['NET_BIND_SERVICE'] },
  { drop: ['all'] },
  { drop: ['KILL'] },
  { add: ['CHOWN', 'KILL'], drop: ['ALL'] },
  { add: ['NET_ADMIN', 'SYS_TIME', 'NET_RAW'] },
  { add: ['ALL', 'CAP_SYS_ADMIN', 'net_admin'] },
  { add: [odder, odd], drop: ['ALL'] },
];

const ports: readonly JsonValue[] = [
  [{ containerPort: 8080, hostPort: 8080 }],
  [{ containerPort: 1, hostPort: 1 }, { containerPort: 2 }, { containerPort: 443, hostPort: 443 }],
  [{ containerPort: 8080, hostPort: 0 }],
];

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
const hooks = ['lifecycle.postStart', 'lifecycle.preStop'] as const;

const handlers: readonly JsonValue[] = [
  { httpGet: { port: 80, host: '10.0.0.1', path: '/' } },
  { tcpSocket: { port: 80, host: 'localhost' } },
  { tcpSocket: { port: 80, host: odd } },
  { httpGet: { port: 80, path: '/' } },
  { exec: { command: ['true'] } },
];

export const containerRows: readonly Sets[] = [
  ...shared.map(within),
  ...each('securityContext.privileged', true, false),
  ...each('securityContext.allowPrivilegeEscalation', true, false, undefined),
  { 'securityContext.privileged': true, 'securityContext.allowPrivilegeEscalation': undefined },
  ...each('securityContext.procMount', 'Unmasked', 'Default'),
  ...each('securityContext.capabilities', ...capabilities, undefined),
  {
    'securityContext.capabilities': { add: ['SYS_ADMIN'] },
    'securityContext.allowPrivilegeEscalation': true,
  },
  ...each('securityContext', undefined),
  ...each('ports', ...ports),
  ...[...probes, ...hooks].flatMap((path) => each(path, ...handlers)),
];

export const idleContainerRows: readonly Sets[] = [
  { 'securityContext.readOnlyRootFilesystem': true },
  { command: ['run'], args: ['--privileged'] },
  { env: [{ name: 'hostNetwork', value: 'true' }] },
  { workingDir: '/proc' },
  { imagePullPolicy: 'Never' },
  { stdin: true, tty: true },
  { resources: { limits: { memory: '64Mi' } } },
  { terminationMessagePath: '/dev/shm/x' },
];

const sysctls: readonly (readonly string[])[] = [
  ['kernel.shm_rmid_forced'],
  ['net.ipv4.ip_local_reserved_ports', 'net.ipv4.ip_unprivileged_port_start'],
  ['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout'],
  ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'],
  ['net.ipv4.tcp_notsent_lowat'],
  ['kernel.msgmax', 'net.core.somaxconn'],
  ['net/ipv4/ip_local_port_range'],
  ['fs.mqueue.msg_max', 'net.ipv4.ping_group_range'],
];

const appArmor = 'container.apparmor.security.beta.kubernetes.io/';
const seccomp = 'seccomp.security.alpha.kubernetes.io/';

const annotations: readonly JsonObject[] = [
  { [`${appArmor}web`]: 'unconfined' },
  { [`${appArmor}web`]: 'runtime/default', [`${appArmor}side`]: 'localhost/a' },
  { [`${appArmor}init`]: 'unconfined', [`${appArmor}side`]: 'unconfined' },
  { [`${seccomp}pod`]: 'unconfined' },
  { [`${seccomp}pod`]: 'docker/default', [`container.${seccomp}init`]: 'unconfined' },
  { [`container.${seccomp}web`]: 'unconfined', [`${seccomp}pod`]: 'runtime/default' },
  { [`container.${seccomp}gone`]: 'unconfined' },
  { [`container.${seccomp}web`]: odd, [`${seccomp}pod`]: odder },
  { [`${appArmor}web`]: odd, [`${appArmor}web-2`]: odder },
];

const windows: Sets = { 'spec.os': { name: 'windows' } };
const hostProcess: Sets = {
  'spec.hostNetwork': true,
  'spec.securityContext.windowsOptions': { hostProcess: true },
};

export const podRows: readonly Sets[] = [
  ...shared.map(within).map((sets) => prefixed('spec.', sets)),
  ...each('spec.hostNetwork', true, false),
  ...each('spec.hostPID', true, false),
  ...each('spec.hostIPC', true, false),
  ...each('spec.hostUsers', true, false),
  // Only in a user namespace is a pod with it valid.
  ...['Unmasked', 'Default'].map((procMount) => ({
    'spec.hostUsers': false,
    'spec.containers.0.securityContext.procMount': procMount,
  })),
  windows,
  { 'spec.os': { name: 'linux' } },
  hostProcess,
  { ...windows, ...hostProcess, 'spec.securityContext.seccompProfile': undefined },
  ...each(
    'spec.securityContext.sysctls',
    ...sysctls.map((names) => names.map((name) => ({ name, value: '1' }))),
  ),
  ...each('spec.securityContext', undefined),
  ...each('metadata.annotations', ...annotations),
];

export const idlePodRows: readonly Sets[] = [
  { 'metadata.labels': { 'pod-security.kubernetes.io/enforce': 'privileged' } },
  { 'metadata.annotations': { 'example.com/privileged': 'true' } },
  { 'spec.hostAliases': [{ ip: '10.0.0.1', hostnames: ['a'] }] },
  { 'spec.shareProcessNamespace': true },
  { 'spec.nodeName': 'node-1' },
  { 'spec.nodeSelector': { role: 'control-plane' } },
  { 'spec.tolerations': [{ operator: 'Exists' }] },
  { 'spec.securityContext.fsGroup': 0, 'spec.securityContext.supplementalGroups': [0] },
  { 'spec.automountServiceAccountToken': true },
  { 'spec.restartPolicy': 'Never', 'spec.terminationGracePeriodSeconds': 0 },
  { 'spec.hostname': 'localhost', 'spec.dnsPolicy': 'Default' },
];

const claim = {
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};

/** As small as the API server takes them. */
export const volumeSources: Readonly<Record<string, JsonObject>> = {
  configMap: { name: 'a' },
  csi: { driver: 'csi.example.com' },
  downwardAPI: {},
  emptyDir: {},
  ephemeral: { volumeClaimTemplate: claim },
  image: { reference: 'registry.example.com/data' },
  persistentVolumeClaim: { claimName: 'a' },
  projected: { sources: [{ configMap: { name: 'a' } }] },
  secret: { secretName: 'a' },
  hostPath: { path: '/' },
  gcePersistentDisk: { pdName: 'a' },
  awsElasticBlockStore: { volumeID: 'a' },
  gitRepo: { repository: 'https://git.example.com/a' },
  nfs: { server: 'nfs.example.com', path: '/' },
  iscsi: { targetPortal: '10.0.0.1', iqn: 'iqn.2001-04.com.example:a', lun: 0 },
  glusterfs: { endpoints: 'a', path: 'a' },
  rbd: { monitors: ['a'], image: 'a' },
  flexVolume: { driver: 'example.com/a' },
  cinder: { volumeID: 'a' },
  cephfs: { monitors: ['a'] },
  flocker: { datasetName: 'a' },
  fc: { targetWWNs: ['a'], lun: 0 },
  azureFile: { secretName: 'a', shareName: 'a' },
  vsphereVolume: { volumePath: 'a' },
  quobyte: { registry: 'a:1', volume: 'a' },
  azureDisk: { diskName: 'a', diskURI: 'https://a.blob.core.windows.net/a', kind: 'Shared' },
  portworxVolume: { volumeID: 'a' },
  photonPersistentDisk: { pdID: 'a' },
  scaleIO: { gateway: 'a', system: 'a', secretRef: { name: 'a' }, volumeName: 'a' },
  storageos: { volumeName: 'a' },
};

export function prefixed(prefix: string, sets: Sets): Sets {
  return Object.fromEntries(Object.entries(sets).map(([key, value]) => [prefix + key, value]));
}
