// A real control plane on loopback: etcd, kube-apiserver and kube-controller-manager, as in a cluster but for nodes.
// The API server reaches webhooks through a Service (ExternalName to localhost), and shows them a client certificate.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Authority, makeAuthority } from '../../certs/make.ts';
import { type Api, apiClient } from './api.ts';
import { freePort, type Started, start, until } from './processes.ts';
import type { Programs } from './programs.ts';

export type ControlPlane = {
  readonly folder: string;
  /** Of the API server, on 127.0.0.1. */
  readonly port: number;
  readonly api: Api;
  /** Of the cluster's administrator. */
  readonly kubeconfig: string;
  /** A kubeconfig for another user, known by a static token. */
  readonly kubeconfigOf: (user: keyof typeof users) => string;
  readonly authority: Authority;
  readonly auditLog: string;
  /** The API server alone, for tests that take it away. */
  readonly stopApiServer: () => Promise<void>;
  readonly startApiServer: () => Promise<void>;
  /** Of all that runs now. */
  readonly pids: () => readonly number[];
  stop(): Promise<void>;
};

export type PlaneOptions = {
  /** What the API server shows to webhooks: a certificate of the cluster's CA, one of another CA, or none. */
  readonly webhookClient?: 'trusted' | 'untrusted' | 'none';
  /** Namespaces that the in-tree Pod Security admission leaves alone, beside `exemptNamespace`. */
  readonly exempt?: readonly string[];
};

/** Static users: name, groups. */
const users = {
  admin: ['system:masters'],
  alice: ['system:authenticated', 'team-shop'],
  sekisho: ['system:authenticated'],
} as const;

export async function startControlPlane(
  programs: Programs,
  folder: string,
  { webhookClient = 'trusted', exempt = [] }: PlaneOptions = {},
): Promise<ControlPlane> {
  mkdirSync(folder, { recursive: true });
  const files = await writeFiles(folder, { webhookClient, exempt });
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
  const etcd = start(
    programs.etcd,
    etcdFlags(folder, etcdPort, peerPort),
    join(folder, 'etcd.log'),
  );
  const kubeconfigOf = (user: keyof typeof users): string =>
    writeKubeconfig(folder, user, port, files);
  const kubeconfig = kubeconfigOf('admin');
  const api = apiClient({ port, ca: files.authority.certificate, token: files.tokens.admin });
  const ready = async (): Promise<boolean> => (await api.get('/readyz')).status === 200;

  const running: { server?: Started } = {};
  const startApiServer = async (): Promise<void> => {
    const flags = ['kube-apiserver', ...apiServerFlags(folder, files, port, etcdPort)];
    running.server = start(programs.controlPlane, flags, join(folder, 'apiserver.log'));
    await until('the API server', 60, ready);
  };
  await startApiServer();
  const controllerPort = await freePort();
  const controllers = start(
    programs.controlPlane,
    ['kube-controller-manager', ...controllerFlags(folder, kubeconfig, controllerPort)],
    join(folder, 'controllers.log'),
  );
  await until('the default service account', 60, async () => {
    const account = await api.get('/api/v1/namespaces/default/serviceaccounts/default');
    return account.status === 200;
  });
  return {
    ...{ folder, port, api, kubeconfig, kubeconfigOf, authority: files.authority, startApiServer },
    auditLog: join(folder, 'audit.log'),
    stopApiServer: async () => running.server?.stop(),
    pids: () =>
      [etcd, running.server, controllers].flatMap((each) => (each === undefined ? [] : [each.pid])),
    async stop() {
      api.close();
      await controllers.stop();
      await running.server?.stop();
      await etcd.stop();
    },
  };
}

type Files = {
  readonly authority: Authority;
  readonly tokens: Readonly<Record<keyof typeof users, string>>;
};

async function writeFiles(
  folder: string,
  { webhookClient, exempt }: Required<PlaneOptions>,
): Promise<Files> {
  const authority = await makeAuthority('Sekisho end-to-end CA');
  const put = (name: string, text: string): void =>
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  const server = await authority.issue({
    commonName: 'kube-apiserver',
    names: [
      { type: 'dns', value: 'localhost' },
      { type: 'dns', value: 'kubernetes.default.svc' },
      { type: 'ip', value: '127.0.0.1' },
    ],
  });
  const clientAuthority =
    webhookClient === 'untrusted' ? await makeAuthority('Another CA') : authority;
  const client = await clientAuthority.issue({ commonName: 'kube-apiserver-webhook-client' });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const tokens = { admin: token(), alice: token(), sekisho: token() };
  put('ca.crt', authority.certificate);
  put('apiserver.crt', server.cert);
  put('apiserver.key', server.key);
  put('webhook-client.crt', client.cert);
  put('webhook-client.key', client.key);
  put('service-account.key', String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  put('tokens.csv', tokensFile(tokens));
  put('audit-policy.yaml', auditPolicy);
  put('admission.yaml', admissionConfiguration(folder, exempt));
  put('webhooks.kubeconfig', webhookClient === 'none' ? noUser : webhooksKubeconfig(folder));
  return { authority, tokens };
}

const token = (): string => randomBytes(24).toString('hex');

function tokensFile(tokens: Files['tokens']): string {
  const rows = Object.entries(users).map(([user, groups]) => {
    const secret = tokens[user as keyof typeof users];
    return `${secret},${user},uid-${user},"${groups.join(',')}"`;
  });
  return `${rows.join('\n')}\n`;
}

/** What admission sees at Metadata: enough for the annotations that webhooks leave. Over a websocket exec is a get. */
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  resources: [{group: "", resources: [pods/exec, pods/attach]}]
- level: None
  verbs: [get, list, watch]
- level: None
  resources: [{group: coordination.k8s.io, resources: [leases]}, {group: "", resources: [events]}]
- level: Metadata
`;

/** Exempt from the in-tree Pod Security admission. */
export const exemptNamespace = 'exempt';

function admissionConfiguration(folder: string, exempt: readonly string[]): string {
  const plugin = `apiVersion: apiserver.config.k8s.io/v1
    kind: WebhookAdmissionConfiguration
    kubeConfigFile: ${join(folder, 'webhooks.kubeconfig')}`;
  return `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: ValidatingAdmissionWebhook
  configuration:
    ${plugin}
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    exemptions: {namespaces: ${JSON.stringify([exemptNamespace, ...exempt])}}
`;
}

const noUser = 'apiVersion: v1\nkind: Config\n';

/** The client certificate that the API server shows to webhooks. */
function webhooksKubeconfig(folder: string): string {
  return `apiVersion: v1
kind: Config
users:
- name: '*'
  user:
    client-certificate: ${join(folder, 'webhook-client.crt')}
    client-key: ${join(folder, 'webhook-client.key')}
`;
}

function writeKubeconfig(
  folder: string,
  user: keyof typeof users,
  port: number,
  { tokens }: Files,
): string {
  const path = join(folder, `${user}.kubeconfig`);
  const text = `apiVersion: v1
kind: Config
current-context: e2e
clusters:
- name: e2e
  cluster: {server: 'https://127.0.0.1:${port}', certificate-authority: ${join(folder, 'ca.crt')}}
users:
- name: ${user}
  user: {token: ${tokens[user]}}
contexts:
- name: e2e
  context: {cluster: e2e, user: ${user}}
`;
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function etcdFlags(folder: string, client: number, peer: number): string[] {
  const [clients, peers] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    '--unsafe-no-fsync',
  ];
}

function apiServerFlags(folder: string, _files: Files, port: number, etcd: number): string[] {
  const file = (name: string): string => join(folder, name);
  return [
    `--etcd-servers=http://127.0.0.1:${etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    '--endpoint-reconciler-type=none',
    `--cert-dir=${file('certs')}`,
    `--tls-cert-file=${file('apiserver.crt')}`,
    `--tls-private-key-file=${file('apiserver.key')}`,
    `--client-ca-file=${file('ca.crt')}`,
    `--token-auth-file=${file('tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('service-account.key')}`,
    `--service-account-signing-key-file=${file('service-account.key')}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--allow-privileged=true',
    `--admission-control-config-file=${file('admission.yaml')}`,
    `--audit-policy-file=${file('audit-policy.yaml')}`,
    `--audit-log-path=${file('audit.log')}`,
    '--audit-log-mode=blocking',
  ];
}

function controllerFlags(folder: string, kubeconfig: string, port: number): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${join(folder, 'controller-certs')}`,
    '--leader-elect=false',
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${join(folder, 'service-account.key')}`,
    `--root-ca-file=${join(folder, 'ca.crt')}`,
    '--controllers=serviceaccount-controller,serviceaccount-token-controller,namespace-controller,deployment-controller,replicaset-controller,statefulset-controller,daemonset-controller,job-controller,cronjob-controller,garbage-collector-controller,root-ca-certificate-publisher-controller,validatingadmissionpolicy-status-controller',
  ];
}
