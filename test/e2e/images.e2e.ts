// Signed images, live: the real cosign signs into a real registry, a real API server asks the gate, and what kubectl shows
// is pinned. What nobody signed is refused, what was signed runs, and a registry that is gone is told apart from both.
import { writeFileSync } from 'node:fs';
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { whyNot } from './cluster.ts';
import { digests, openWorkbench } from './image-scene.ts';
import { until } from './processes.ts';
import {
  annotationsOf,
  auditEvents,
  manifest,
  pod,
  podSpec,
  proveWitnessed,
  startScene,
} from './scene.ts';
import { golden, startTranscript } from './transcript.ts';

const [container] = podSpec.containers;

/** A Pod or a Deployment of one image. */
const running = (name: string): JsonObject => ({
  containers: [{ ...container, image: `registry.example.com/${name}` }],
});
const labels = { app: 'cart' };
const deployment = (name: string): string =>
  manifest({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'cart', namespace: 'shop' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { ...podSpec, ...running(name) } },
    },
  });

const needs = whyNot(['docker-registry']);

test('signed images', { skip: needs, timeout: 900_000 }, async (t) => {
  const workbench = await openWorkbench(t);
  const { push } = workbench;
  const named = async (repository: string, tag = '1.4'): Promise<string> =>
    `${repository}@${await push(repository, tag)}`;
  const web = await named('shop/web');
  const search = await named('shop/search');
  const cart = await named('shop/cart');
  const batch = await named('shop/batch');
  const api = await named('payments/api');
  const ledger = await named('payments/ledger');
  const store = await named('vault/store');
  const dump = await named('vault/dump');
  await workbench.sign(web);
  await workbench.sign(search, 'legacy');
  await workbench.sign(batch, 'bundle', 'other');
  await workbench.attest(api, 3);
  await workbench.attest(ledger, 40);
  await workbench.signKeyless(store);
  await workbench.sign(dump);

  const policies = (mode: 'require' | 'warn'): string =>
    `${workbench.policies}---\n${digests(mode)}`;
  const scene = await startScene(t, { policies: policies('require'), serve: workbench.flags });
  const { cluster } = scene;
  const { title, kubectl, file, text } = startTranscript(cluster, {
    pins: [
      [/the signature sha256:[0-9a-f]+/g, 'the signature HASH'],
      [/"sha256:[0-9a-f]{64}"/g, '"KEY"'],
    ],
  });
  const podFile = (name: string, image: string, namespace = 'shop'): void =>
    file(`${name}.yaml`, pod(name, running(image), namespace));
  podFile('web', web);
  podFile('search', search);
  podFile('cart', cart);
  podFile('batch', batch);
  podFile('tagged', 'shop/web:1.4');
  podFile('api', api, 'payments');
  podFile('ledger', ledger, 'payments');
  podFile('store', store);
  podFile('dump', dump);
  file('deployment.yaml', deployment(cart));

  await t.test('what nobody signed, or somebody else, is refused, and says which', async (t) => {
    title('an image that nobody signed');
    t.equal((await kubectl('apply -f cart.yaml')).code, 1);
    title('an image that somebody else signed');
    t.equal((await kubectl('apply -f batch.yaml')).code, 1);
    title('a Deployment of an unsigned image');
    t.equal((await kubectl('apply -f deployment.yaml')).code, 1);
  });

  await t.test('what cosign signed is admitted, in both formats and without a key', async (t) => {
    title('signed images');
    t.equal((await kubectl('apply -f web.yaml')).code, 0);
    t.equal((await kubectl('apply -f search.yaml')).code, 0);
    const [last] = auditEvents(cluster).map(annotationsOf).filter(hasVerified);
    t.equal(
      last?.['gate.sekisho.dev/signed-images.verified-images'],
      `registry.example.com/${web}`,
    );
  });

  await t.test('a tag is refused with the digest that it has now', async (t) => {
    title('a tag');
    const { text } = await kubectl('apply -f tagged.yaml');
    t.match(text, `fix: pin it by digest: registry.example.com/${web}`);
  });

  await t.test('a scan must be young, and an image built from the right repository', async (t) => {
    title('an image with a scan of this month');
    t.equal((await kubectl('apply -f api.yaml')).code, 0);
    title('an image with a scan that is too old');
    t.equal((await kubectl('apply -f ledger.yaml')).code, 1);
  });

  await t.test(
    'the release workflow signs without a key; a key does not stand in for it',
    async (t) => {
      title('an image that the release workflow signed');
      t.equal((await kubectl('apply -f store.yaml')).code, 0);
      title('an image that a key signed where a workflow must');
      t.equal((await kubectl('apply -f dump.yaml')).code, 1);
    },
  );

  await t.test('an ephemeral container is an image too', async (t) => {
    title('kubectl debug with an unsigned image');
    const flags = '-n shop --profile=restricted --container=shell';
    const { code, text } = await kubectl(`debug web ${flags} --image=registry.example.com/${cart}`);
    t.equal(code, 1);
    t.match(text, /signed-images: spec\.ephemeralContainers\[0\]\.image .* is not signed/);
  });

  await t.test(
    'a tag that moves to an unsigned image is refused, however warm the cache',
    async (t) => {
      writeFileSync(scene.policies, policies('warn'));
      const tried = async (): Promise<number> =>
        (await kubectlOf('create --dry-run=server -f tagged.yaml')).code;
      await until('the other settings', 30, async () => (await tried()) === 0);
      title('a tag where tags are only warned about');
      t.equal((await kubectl('apply -f tagged.yaml --dry-run=server')).code, 0);
      await push('shop/web', '1.4', 'riscv64');
      title('the same tag, moved to an image that nobody signed');
      t.equal((await kubectl('apply -f tagged.yaml --dry-run=server')).code, 1);
    },
  );

  await t.test(
    'without the registry what was verified runs, and what was not is not called unsigned',
    async (t) => {
      workbench.stopRegistry();
      title('without the registry, an image that was verified before');
      t.equal((await kubectl('delete pod web -n shop --wait=false')).code, 0);
      t.equal((await kubectl('apply -f web.yaml')).code, 0);
      title('without the registry, an image that is new');
      podFile('new', `shop/new@${web.replace(/.*@/, '').replace(/.$/, '0')}`);
      const { code, text } = await kubectl('apply -f new.yaml');
      t.equal(code, 1);
      t.match(text, /could not be verified/);
      t.notMatch(text, /not signed/);
    },
  );

  t.equal(text(), golden('images', text()));

  await t.test('the audit log and the ledger name the same decisions', (t) =>
    proveWitnessed(t, scene),
  );

  async function kubectlOf(line: string) {
    return cluster.kubectl(line.split(' '), {
      kubeconfig: cluster.kubeconfigOf('alice'),
      folder: `${cluster.folder}/manifests`,
    });
  }
});

function hasVerified(annotations: JsonObject): boolean {
  return Object.keys(annotations).some((key) => key.includes('verified-images'));
}
