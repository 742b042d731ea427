// Pull secrets in a running server: a registry that asks for a password, a Secret of the pod or of its service account that
// has it, and a canary in the password that must be nowhere but in what the registry is sent.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { statusFault } from '../../src/cluster/live/api.ts';
import { noRegistries } from '../../src/config/registries.ts';
import { parsePullSecret } from '../../src/images/registry/credentials.ts';
import { fakeApi, listOf, namespace } from '../cluster/fake-cluster.ts';
import { policy } from '../engine/image-scene.ts';
import { corpus } from '../images/corpus/corpus.ts';
import { type FakeRegistry, fakeRegistry } from '../images/fake-registry/server.ts';
import { outcome, podReview, type Reply, type Running, serve, until } from './harness.ts';

const canary = 'canary-5e1c9b';
const access = { kind: 'basic', username: 'kubelet', password: canary } as const;
const encoded = Buffer.from(`kubelet:${canary}`).toString('base64');
const image = `p256/bundle@${corpus.tagged('p256/bundle', '1.4')}`;
const at = '/api/v1/namespaces/capture';
const privileged = `
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: privileged}
`;

type Scene = {
  readonly running: Running;
  readonly registry: FakeRegistry;
  readonly api: ReturnType<typeof fakeApi>;
  readonly admit: (spec?: object) => Promise<Reply>;
};

async function scene(t: Test, pullSecrets = true): Promise<Scene> {
  const registry = await fakeRegistry(t, corpus, { access });
  const { host } = registry;
  const api = fakeApi();
  api.set('/api/v1/namespaces', listOf([namespace('capture')]));
  api.set('/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', listOf([]));
  api.set(`${at}/secrets/pull`, secretFor(host));
  const running = await serve(t, {
    policies: { 'images.yaml': [policy(), privileged].join('---') },
    settings: (folder) => ({
      ...noRegistries,
      insecureRegistry: [host],
      pullSecrets,
      clusterObjects: [],
      ledger: join(folder, 'ledger'),
    }),
    replace: { cluster: { api } },
  });
  await until(
    () => running.plain('/readyz'),
    ({ status }) => status === 200,
  );
  const containers = [{ name: 'app', image: `${host}/${image}` }];
  const admit = (spec = {}): Promise<Reply> =>
    running.call({
      path: '/validate/fail-v1?timeout=10s',
      body: podReview({ containers, ...spec }),
    });
  return { running, registry, api, admit };
}

/** As it is in the Secret. */
function dataOf(host: string): string {
  const auths = { auths: { [host]: { auth: encoded } } };
  return Buffer.from(JSON.stringify(auths)).toString('base64');
}

/** What stands for it in the cache. */
function hashOf(host: string): string {
  const read = parsePullSecret(secretFor(host));
  if (!read.ok) throw new Error(read.error.message);
  return read.value.id;
}

function secretFor(host: string): JsonObject {
  const data = { '.dockerconfigjson': dataOf(host) };
  return { metadata: { name: 'pull' }, type: 'kubernetes.io/dockerconfigjson', data };
}

const own = { imagePullSecrets: [{ name: 'pull' }] };
const message = ({ json }: Reply): string => json.response?.status?.message ?? '';

test('an image is verified with the pull secret of its Pod, and not without one', async (t) => {
  const { admit } = await scene(t);
  t.match(message(await admit()), /could not be verified: .*\(registry-denied\)/);
  const reply = await admit(own);
  t.equal(outcome(reply), '200 allowed', message(reply));
  t.match(message(await admit()), /\(registry-denied\)/, 'nobody else sees what it could read');
});

test('a pull secret that does not exist is named to the Pod that names it, and to no other', async (t) => {
  const { admit } = await scene(t);
  const lost = { imagePullSecrets: [{ name: 'lost' }] };
  const both = { imagePullSecrets: [{ name: 'lost' }, { name: 'gone\u001b[2J' }] };
  t.match(message(await admit(lost)), /; there is no Secret "capture\/lost" \(registry-denied\)/);
  t.match(
    message(await admit(both)),
    /; there is no Secret "capture\/lost" or "capture\/gone\\u001b\[2J" \(registry-denied\)/,
  );
  const other = message(await admit());
  t.match(other, /\(registry-denied\)/);
  t.notMatch(other, 'there is no Secret');
  t.equal(
    outcome(await admit({ imagePullSecrets: [...lost.imagePullSecrets, ...own.imagePullSecrets] })),
    '200 allowed',
  );
});

test('a pull secret of the service account does as well', async (t) => {
  const { admit, api } = await scene(t);
  api.set(`${at}/serviceaccounts/release`, own);
  t.match(message(await admit()), /\(registry-denied\)/);
  const reply = await admit({ serviceAccountName: 'release' });
  t.equal(outcome(reply), '200 allowed', message(reply));
});

test('nothing is read while pull secrets are off', async (t) => {
  const { admit, api } = await scene(t, false);
  t.match(message(await admit(own)), /\(registry-denied\)/);
  t.strictSame(
    api.asked.filter((path) => /secrets|serviceaccounts/.test(path)),
    [],
  );
});

test('a right that is missing is named, with the namespace', async (t) => {
  const { admit, api } = await scene(t);
  api.set(`${at}/secrets/pull`, statusFault(403, 'forbidden'));
  t.match(
    message(await admit(own)),
    /could not be verified: .*may not read Secret "capture\/pull": grant get on secrets .*\(registry-credentials\)/,
  );
});

test('what is in a pull secret is in no answer, log, metric or record', async (t) => {
  const { admit, running, registry, api } = await scene(t);
  const replies = [await admit(own)];
  api.set(`${at}/secrets/other`, { ...secretFor(registry.host), type: 'Opaque' });
  replies.push(await admit({ imagePullSecrets: [{ name: 'other' }] }));
  t.ok(registry.asked.some(({ authorization }) => authorization === `Basic ${encoded}`));
  const { text } = await running.plain('/metrics');
  await running.stop();
  const folder = join(running.folder, 'ledger');
  const records = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
  t.match(records.join(''), 'registry-credentials', 'the decisions are in the ledger');
  const places = {
    replies: replies.map((reply) => reply.text),
    log: running.logged,
    text,
    records,
  };
  for (const [place, held] of Object.entries(places)) {
    for (const secret of [canary, encoded, dataOf(registry.host), hashOf(registry.host)]) {
      t.notOk(JSON.stringify(held).includes(secret), place);
    }
  }
});
