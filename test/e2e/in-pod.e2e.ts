// In a pod the gate finds the API server by its environment and itself by the files of its service account: both are laid
// where a pod has them, in a mount namespace of their own. The token is replaced meanwhile, as the kubelet does.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'tap';
import { root, startServed } from '../gate.ts';
import { type Cluster, whyNot } from './cluster.ts';
import {
  askGate,
  changedLabelIsSeen,
  policies,
  rights,
  startWatchedCluster,
} from './cluster-scene.ts';
import { until } from './processes.ts';

const account = '/run/secrets/kubernetes.io/serviceaccount';
const isRoot = process.getuid?.() === 0;
const skip = whyNot() || (isRoot ? false : 'a mount namespace needs root');

/** The rights of docs/rbac.yaml, for the service account of the pod. */
const ofAccount = rights.replaceAll(
  '{apiGroup: rbac.authorization.k8s.io, kind: User, name: sekisho}',
  '{kind: ServiceAccount, name: sekisho, namespace: sekisho}',
);

const serviceAccount = `apiVersion: v1
kind: Namespace
metadata: {name: sekisho}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: sekisho, namespace: sekisho}
`;

/** As the kubelet: the new token is there whole, or the old one. */
async function writeToken({ kubectl }: Cluster, folder: string): Promise<string> {
  const made = await kubectl(['create', 'token', 'sekisho', '-n', 'sekisho', '--duration=10m']);
  if (made.code !== 0) throw new Error(made.stderr);
  const token = made.stdout.trim();
  writeFileSync(join(folder, '.token'), token, { mode: 0o600 });
  renameSync(join(folder, '.token'), join(folder, 'token'));
  return token;
}

test('with the service account of its pod the gate sees what happens in the cluster', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const cluster = await startWatchedCluster(t, `${serviceAccount}---\n${ofAccount}`);

  const secrets = join(cluster.folder, 'account');
  mkdirSync(secrets);
  writeFileSync(join(secrets, 'ca.crt'), cluster.authority.certificate);
  writeFileSync(join(secrets, 'namespace'), 'sekisho');
  const first = idOf(await writeToken(cluster, secrets));
  const { cert, key } = await cluster.authority.issue({
    commonName: 'sekisho',
    names: [{ type: 'ip', value: '127.0.0.1' }],
  });
  const put = (name: string, text: string): string => {
    writeFileSync(join(cluster.folder, name), text);
    return join(cluster.folder, name);
  };
  const laid = `mount -t tmpfs tmpfs /run && mkdir -p ${account} && mount --bind "$0" ${account} && exec "$@"`;
  const gate = await startServed(
    [
      ...[
        '--mount',
        'sh',
        '-c',
        laid,
        secrets,
        process.execPath,
        join(root, 'src/main.ts'),
        'serve',
      ],
      ...[
        '-p',
        put('policies.yaml', policies),
        '--listen',
        '127.0.0.1:0',
        '--metrics',
        '127.0.0.1:0',
      ],
      ...[
        '--tls-cert',
        put('tls.crt', cert),
        '--tls-key',
        put('tls.key', key),
        '--drain-seconds',
        '0',
      ],
    ],
    {
      program: 'unshare',
      env: {
        ...process.env,
        KUBERNETES_SERVICE_HOST: '127.0.0.1',
        KUBERNETES_SERVICE_PORT: String(cluster.port),
      },
    },
  );
  t.teardown(() => gate.stop());
  const agent = new Agent({ keepAlive: true, ca: cluster.authority.certificate });
  t.teardown(() => agent.destroy());
  const ask = askGate(agent, gate.port);
  await until('the first list of namespaces', 30, async () => (await ask('pod')) === 'allowed');
  t.match(await ask('service'), 'more ports than 2', 'params are read');
  t.match(await ask('configMap'), 'more keys than 2', 'and those of a custom kind');
  await changedLabelIsSeen(cluster, { ask });

  const second = idOf(await writeToken(cluster, secrets));
  t.not(second, first);
  // A namespace that is not known is asked for live. The token is read again after a minute at most.
  await until('a question with the new token', 120, async () => {
    const text = await ask('pod', { namespace: 'nowhere' });
    if (!text.includes('namespace "nowhere" does not exist')) throw new Error(text);
    await sleep(1000);
    return readFileSync(cluster.auditLog, 'utf8').includes(second);
  });
});

/** By which the API server's audit log names a token. */
function idOf(token: string): string {
  const claims: { jti: string } = JSON.parse(
    Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
  );
  return claims.jti;
}
