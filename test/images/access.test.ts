// What a pod logs in with: which objects are asked for, what of them is used and in what order, how long they are kept,
// and that no fault tells what is in a Secret.
import { test } from 'tap';
import type { Digest } from '../../src/base/brand.ts';
import type { Code } from '../../src/base/codes.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { err, ok } from '../../src/base/result.ts';
import { statusFault } from '../../src/cluster/live/api.ts';
import { createLiveReads } from '../../src/cluster/live/live-reads.ts';
import { pullObjects } from '../../src/cluster/live/pull-objects.ts';
import { createAccesses } from '../../src/images/access.ts';
import type { Known } from '../../src/images/evidence.ts';
import type { Access } from '../../src/images/lookup.ts';
import { withMissing } from '../../src/images/missing.ts';
import type { AuthorityId, ImageQuestion, SignatureSource } from '../../src/images/model.ts';
import { type FakeApi, fakeApi } from '../cluster/fake-cluster.ts';
import { keyed } from './corpus/corpus.ts';

const canary = 'canary-7f3a';
const at = '/api/v1/namespaces/shop';

function pullSecret(name: string, username = name): JsonObject {
  const auths = { 'registry.example.com': { username, password: canary } };
  const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') };
  return { metadata: { name }, type: 'kubernetes.io/dockerconfigjson', data };
}

const account = (...names: readonly string[]): JsonObject => ({
  imagePullSecrets: names.map((name) => ({ name })),
});

const source = (...pullSecrets: readonly string[]): SignatureSource => ({
  repository: 'registry.example.com/signatures',
  tagPrefix: '',
  pullSecrets,
});

function question(more: Partial<ImageQuestion> = {}): ImageQuestion {
  return {
    image: 'registry.example.com/shop/web:1.4',
    authorities: [],
    namespace: 'shop',
    pullSecrets: [],
    serviceAccount: '',
    ...more,
  };
}

function scene() {
  const api = fakeApi();
  const time = { now: 0 };
  const accesses = createAccesses(pullObjects({ api, reads: createLiveReads() }), () => time.now);
  return { api, time, ask: (more?: Partial<ImageQuestion>) => accesses(question(more), 1_000) };
}

type Asked = Awaited<ReturnType<ReturnType<typeof createAccesses>>>;

function granted(asked: Asked): Access {
  if (!asked.ok) throw new Error(asked.error.message);
  return asked.value;
}

function users(access: Access, from: SignatureSource | null = null): readonly string[] {
  const logins = access.credentials(from)?.entries.map(({ login }) => login) ?? [];
  return logins.map((login) => (login.kind === 'password' ? login.username : ''));
}

const givers: readonly [string, (api: FakeApi) => void, Partial<ImageQuestion>, string[]][] = [
  ['nobody', () => {}, {}, []],
  ['the pod', (api) => api.set(`${at}/secrets/a`, pullSecret('a')), { pullSecrets: ['a'] }, ['a']],
  [
    'the default service account',
    (api) => {
      api.set(`${at}/serviceaccounts/default`, account('b'));
      api.set(`${at}/secrets/b`, pullSecret('b'));
    },
    {},
    ['b'],
  ],
  [
    'the pod, then its own service account',
    (api) => {
      api.set(`${at}/serviceaccounts/release`, account('b', 'a'));
      for (const name of ['a', 'b']) api.set(`${at}/secrets/${name}`, pullSecret(name));
    },
    { pullSecrets: ['a'], serviceAccount: 'release' },
    ['a', 'b'],
  ],
  [
    'a pod whose other Secret does not exist',
    (api) => api.set(`${at}/secrets/a`, pullSecret('a')),
    { pullSecrets: ['gone', 'a'] },
    ['a'],
  ],
];

for (const [who, prepare, more, wanted] of givers) {
  test(`pull secrets are those of ${who}`, async (t) => {
    const { api, ask } = scene();
    prepare(api);
    t.strictSame(users(granted(await ask(more))), wanted);
  });
}

test('a source that names pull secrets is asked with these alone', async (t) => {
  const { api, ask } = scene();
  for (const name of ['a', 's']) api.set(`${at}/secrets/${name}`, pullSecret(name));
  const sources = [source('s'), source()];
  const access = granted(
    await ask({ pullSecrets: ['a'], authorities: [keyed('p256', { sources })] }),
  );
  t.strictSame(users(access, source('s')), ['s']);
  t.strictSame(users(access, source()), ['a']);
  t.strictSame(users(access), ['a']);
});

test('who logs in with something else is somebody else for the cache, and nobody is', async (t) => {
  const { api, ask } = scene();
  api.set(`${at}/secrets/a`, pullSecret('a'));
  api.set('/api/v1/namespaces/other/secrets/a', pullSecret('a', 'another'));
  const own = granted(await ask({ pullSecrets: ['a'] })).id;
  const other = granted(await ask({ pullSecrets: ['a'], namespace: 'other' })).id;
  t.not(own, other);
  t.equal(granted(await ask({ pullSecrets: ['a', 'gone'] })).id, own);
  t.equal(granted(await ask({ pullSecrets: ['gone'] })).id, '');
  t.notMatch(own, canary);
});

test('who logs in to a source with something else is somebody else for the cache too', async (t) => {
  const { api, ask } = scene();
  api.set(`${at}/secrets/s`, pullSecret('s'));
  api.set('/api/v1/namespaces/other/secrets/s', pullSecret('s', 'another'));
  const authorities = [keyed('p256', { sources: [source('s')] })];
  const own = granted(await ask({ authorities })).id;
  t.not(own, granted(await ask({ authorities, namespace: 'other' })).id);
  t.not(own, granted(await ask({ pullSecrets: ['s'] })).id);
});

test('what was found is asked for once a minute, what is missing each time', async (t) => {
  const { api, time, ask } = scene();
  api.set(`${at}/secrets/a`, pullSecret('a'));
  api.set(`${at}/serviceaccounts/default`, account());
  const asked = async (): Promise<readonly string[]> => {
    api.asked.length = 0;
    await ask({ pullSecrets: ['a', 'gone'] });
    return api.asked.map((path) => path.slice(at.length)).sort();
  };
  const all = ['/secrets/a', '/secrets/gone', '/serviceaccounts/default'];
  t.strictSame(await asked(), all);
  time.now = 59_999;
  t.strictSame(await asked(), ['/secrets/gone']);
  time.now = 60_000;
  t.strictSame(await asked(), all);
});

test('pull secrets that do not exist are told, whoever names them', async (t) => {
  const { api, ask } = scene();
  api.set(`${at}/serviceaccounts/default`, account('b', 'gone'));
  for (const name of ['a', 'b']) api.set(`${at}/secrets/${name}`, pullSecret(name));
  t.strictSame(granted(await ask({ pullSecrets: ['a'] })).missing, ['shop/gone']);
  const authorities = [keyed('p256', { sources: [source('s')] })];
  const { missing } = granted(await ask({ pullSecrets: ['lost', 'gone', 'a'], authorities }));
  t.strictSame(missing, ['shop/lost', 'shop/gone', 'shop/s']);
});

test('a missing pull secret is told beside what it may have hidden, in a copy', async (t) => {
  const found = (code: Code): Known => {
    const part = { authority: 'a' as AuthorityId, name: 'a', signatures: [], attestations: [] };
    const rejected = [{ artefact: 'sha256:0', code, message: 'said' }];
    const authorities = [{ ...part, rejected, faults: [{ code, message: 'said' }] }];
    const digest = `sha256:${'0'.repeat(64)}` as Digest;
    return { evidence: { repository: 'r', digest, authorities }, at: '' };
  };
  const told = { message: 'said; there is no Secret "shop/gone"' };
  for (const code of ['registry-denied', 'image-not-found'] as const) {
    const shared = found(code);
    t.match(withMissing(ok(shared), ['shop/gone']), {
      value: { evidence: { authorities: [{ rejected: [told], faults: [told] }] } },
    });
    t.strictSame(shared, found(code), 'what others are given is as it was');
    t.match(withMissing(err({ code, message: 'said' }), ['shop/gone']), { error: told });
  }
  for (const [code, missing] of [
    ['registry-timeout', ['shop/gone']],
    ['registry-denied', []],
  ] as const) {
    const [known, fault] = [ok(found(code)), err({ code, message: 'said' })];
    t.strictSame(withMissing(known, missing), known);
    t.strictSame(withMissing(fault, missing), fault);
  }
});

test('names that no object has are not put into a path', async (t) => {
  const { api, ask } = scene();
  const bad = ['..', '.', 'a/b', 'A', 'a?x', '%2e', `${'a'.repeat(254)}`];
  t.strictSame(users(granted(await ask({ pullSecrets: bad, serviceAccount: '..' }))), []);
  t.strictSame(api.asked, []);
});

const opaque = { ...pullSecret('a'), type: 'Opaque' };
const large = {
  ...pullSecret('a'),
  data: { '.dockerconfigjson': 'A'.repeat(65_537) },
};
const broken = {
  ...pullSecret('a'),
  data: { '.dockerconfigjson': Buffer.from(`{"auths": ${canary}`).toString('base64') },
};
const faults: readonly [string, (api: FakeApi) => void, RegExp][] = [
  [
    'a Secret that may not be read',
    (api) => api.set(`${at}/secrets/a`, statusFault(403, 'secrets "a" is forbidden')),
    /^may not read Secret "shop\/a": grant get on secrets in that namespace, or set pullSecrets off$/,
  ],
  [
    'a ServiceAccount that may not be read',
    (api) => api.set(`${at}/serviceaccounts/default`, statusFault(403, 'forbidden')),
    /^may not read ServiceAccount "shop\/default": grant get on serviceaccounts in that namespace/,
  ],
  [
    'an API server that is away',
    (api) => api.set(`${at}/secrets/a`, statusFault(500, 'etcd is away')),
    /^cannot read Secret "shop\/a": 500: etcd is away$/,
  ],
  [
    'a Secret of another type',
    (api) => api.set(`${at}/secrets/a`, opaque),
    /^pull secret "a" must be of the type kubernetes\.io\/dockerconfigjson/,
  ],
  [
    'a Secret that is too large',
    (api) => api.set(`${at}/secrets/a`, large),
    /is larger than 65536/,
  ],
  ['a Secret that is no JSON', (api) => api.set(`${at}/secrets/a`, broken), /must hold a JSON/],
];

for (const [what, prepare, message] of faults) {
  test(`${what} is a fault of credentials, and tells nothing of them`, async (t) => {
    const { api, ask } = scene();
    prepare(api);
    const asked = await ask({ pullSecrets: ['a'] });
    t.match(asked, { ok: false, error: { code: 'registry-credentials', message } });
    t.notMatch(JSON.stringify(asked), canary);
  });
}

test('sixteen pull secrets are read and seventeen are refused', async (t) => {
  const { ask } = scene();
  const names = Array.from({ length: 17 }, (_, i) => `s${i}`);
  t.match(await ask({ pullSecrets: names.slice(1) }), { ok: true });
  t.match(await ask({ pullSecrets: names }), {
    ok: false,
    error: { code: 'registry-credentials', message: /name 17 pull secrets: name at most 16$/ },
  });
});
