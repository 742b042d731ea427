// Pull secrets of a real API server, for images of real registries that want a login: whose secret is used, which right
// is missing, and that a password is nowhere but in what a registry is sent.
import { readFileSync } from 'node:fs';
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { whyNot } from './cluster.ts';
import {
  canary,
  encoded,
  login,
  type PrivateRegistries,
  startPrivateRegistries,
} from './private-registry.ts';
import { until } from './processes.ts';
import { deployment, specOf, startPullScene } from './pull-secrets-scene.ts';
import { manifest, pod } from './scene.ts';

const base64 = (value: JsonObject): string => Buffer.from(JSON.stringify(value)).toString('base64');

const types = {
  'kubernetes.io/dockerconfigjson': (auths: JsonObject): JsonObject => ({
    '.dockerconfigjson': base64({ auths }),
  }),
  'kubernetes.io/dockercfg': (auths: JsonObject): JsonObject => ({ '.dockercfg': base64(auths) }),
} as const;

type Written = {
  readonly name: string;
  readonly namespace?: string;
  readonly type?: keyof typeof types;
  readonly auths: JsonObject;
};

function secret(written: Written): JsonObject {
  const { name, namespace = 'shop', type = 'kubernetes.io/dockerconfigjson', auths } = written;
  const data = types[type](auths);
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type, data };
}

const account: JsonObject = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'release', namespace: 'shop' },
  imagePullSecrets: [{ name: 'pull' }],
};

function objectsFor({ basic, bearer }: PrivateRegistries): readonly JsonObject[] {
  const auths = { [basic]: { auth: encoded }, [bearer]: { auth: encoded } };
  const stale = { [basic]: { username: login.username, password: `${canary}-stale` } };
  return [
    secret({ name: 'pull', auths }),
    secret({ name: 'old', type: 'kubernetes.io/dockercfg', auths }),
    secret({ name: 'stale', namespace: 'payments', auths: stale }),
    account,
  ];
}

const rolesFor = (namespace: string): string =>
  readFileSync(new URL('../../docs/rbac-pull-secrets.yaml', import.meta.url), 'utf8').replaceAll(
    'namespace: shop',
    `namespace: ${namespace}`,
  );

const from = (...names: readonly string[]): JsonObject => ({
  imagePullSecrets: names.map((name) => ({ name })),
});

const credentials = /could not be verified: .*\(registry-credentials\)/;
const denied = /could not be verified: .*(?:credentials|name and password).*\(registry-denied\)/;

/** That there is something to be looked through. */
const signs = {
  ...{ ledger: 'registry-credentials', log: 'listening', metrics: 'sekisho_' },
  ...{ audit: 'decision-id', said: 'denied the request' },
};

test('pull secrets', { skip: whyNot(['docker-registry']), timeout: 300_000 }, async (t) => {
  const registries = await startPrivateRegistries(t);
  const { cluster, tries, written } = await startPullScene(t, registries);
  const { basic, bearer, image } = registries;
  const images = [`${basic}/${image}`, `${bearer}/${image}`] as const;
  const [web] = images;
  const triesPod = (more: JsonObject = {}, namespace = 'shop', named: string = web) =>
    tries(pod('web', specOf(named, more), namespace));
  const objects = objectsFor(registries);
  await cluster.apply(objects.map(manifest).join('---\n'));
  const grant = async (
    roles: string,
    seen: RegExp,
    { name = 'pull', namespace = 'shop' } = {},
  ): Promise<void> => {
    await cluster.apply(roles);
    await until('the right', 30, async () => seen.test(await triesPod(from(name), namespace)));
  };

  await t.test('a right that is missing is named, with the namespace', async (t) => {
    const first = await triesPod(from('pull'));
    t.match(first, credentials);
    t.match(first, 'may not read ServiceAccount "shop/default": grant get on serviceaccounts in');
    await grant(
      rolesFor('shop').replace(/^- .*\[secrets\].*$/m, ''),
      /may not read Secret "shop\/pull": grant get on secrets in that namespace/,
    );
  });

  await t.test('the right to a Secret by its name is enough, and is for no other', async (t) => {
    const one = 'resources: [secrets], resourceNames: [pull]';
    await grant(rolesFor('shop').replace('resources: [secrets]', one), /^created$/);
    t.match(await triesPod(from('old')), /may not read Secret "shop\/old": grant get on secrets/);
  });

  await t.test('with a pull secret of either type an image is admitted', async (t) => {
    await grant(rolesFor('shop'), /^created$/, { name: 'old' });
    for (const named of images) {
      for (const name of ['pull', 'old']) {
        t.equal(await triesPod(from(name), 'shop', named), 'created', `${named}, ${name}`);
      }
    }
  });

  await t.test('without one it is refused, and not called unsigned', async (t) => {
    for (const named of images) {
      for (const more of [{}, from('gone')]) {
        const said = await triesPod(more, 'shop', named);
        t.match(said, denied);
        t.notMatch(said, 'not signed');
      }
    }
  });

  await t.test('a pull secret of the service account does as well', async (t) => {
    const as = { serviceAccountName: 'release' };
    t.equal(await triesPod(as), 'created');
    t.match(await tries(deployment(specOf(web))), denied);
    await cluster.apply(deployment(specOf(web, as)));
    await until('a Pod of the Deployment', 30, async () => {
      const { stdout } = await cluster.kubectl(['get', 'pods', '-n', 'shop', '-l', 'app=web']);
      return stdout.includes('web-');
    });
  });

  await t.test('a pull secret of another namespace is never used', async (t) => {
    await grant(rolesFor('payments'), denied, { namespace: 'payments' });
    const names = [
      'stale',
      'shop/pull',
      '../../shop/secrets/pull',
      '../secrets/../../shop/secrets/pull',
    ];
    for (const name of names) {
      t.match(await triesPod(from(name), 'payments'), denied, name);
      t.match(await tries(deployment(specOf(web, from(name)), 'payments')), denied, name);
    }
    const as = { serviceAccountName: 'release' };
    t.match(await tries(deployment(specOf(web, as), 'payments')), denied);
    t.equal(await triesPod(from('pull')), 'created', 'its own namespace still sees it');
  });

  await t.test('what is in a pull secret is in nothing that the gate writes', async (t) => {
    const texts = await written();
    for (const [place, word] of Object.entries(signs)) t.match(texts[place], word, place);
    const tokens = registries.given();
    t.ok(tokens.length > 0);
    const values = [canary, encoded, ...tokens, ...objects.flatMap(dataOf)];
    for (const [place, text] of Object.entries(texts)) {
      t.strictSame(
        values.filter((value) => text.includes(value)),
        [],
        place,
      );
    }
  });
});

function dataOf({ data = {} }: JsonObject): string[] {
  return Object.values(data ?? {}).map(String);
}
