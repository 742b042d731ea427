// Who is logged in where: which entry of a pull secret is for which repository, and that credentials reach no host
// but the one that they are for, whatever it redirects to or names as the place where tokens are.
import { test } from 'tap';
import { parseChallenge } from '../../src/images/registry/challenge.ts';
import {
  joinCredentials,
  loginFor,
  parseDockerConfig,
  parsePullSecret,
} from '../../src/images/registry/credentials.ts';
import type { Credentials } from '../../src/images/registry/registry.ts';
import { asking, client, credentials, known, password } from './asking.ts';
import { Content } from './fake-registry/content.ts';
import { type FakeRegistry, fakeRegistry, type Quirks } from './fake-registry/server.ts';
import { basic } from './fake-registry/tokens.ts';

const user = { username: 'puller', password: 'secret:with-colon' };
const auth = Buffer.from(`${user.username}:${user.password}`).toString('base64');
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');

function secret(auths: unknown, type = 'kubernetes.io/dockerconfigjson'): Record<string, never> {
  const isOld = type === 'kubernetes.io/dockercfg';
  const data = isOld ? { '.dockercfg': base64(auths) } : { '.dockerconfigjson': base64({ auths }) };
  return JSON.parse(JSON.stringify({ metadata: { name: 'pull' }, type, data }));
}

const entry = { auth };
const wheres: readonly (readonly [where: string, registry: string, path: string, is: boolean])[] = [
  ['registry.example.com', 'registry.example.com', 'shop/web', true],
  ['https://registry.example.com/v2/', 'registry.example.com', 'shop/web', true],
  ['https://registry.example.com', 'registry.example.com', 'shop/web', true],
  ['REGISTRY.example.com', 'registry.example.com', 'shop/web', true],
  ['registry.example.com', 'registry.example.com:5000', 'shop/web', false],
  ['registry.example.com:5000', 'registry.example.com:5000', 'shop/web', true],
  ['registry.example.com', 'evil-registry.example.com', 'shop/web', false],
  ['registry.example.com', 'registry.example.com.evil.example', 'shop/web', false],
  ['registry.example.com/shop', 'registry.example.com', 'shop/web', true],
  ['registry.example.com/shop', 'registry.example.com', 'shop', true],
  ['registry.example.com/shop', 'registry.example.com', 'shop-evil/web', false],
  ['*.example.com', 'registry.example.com', 'shop/web', true],
  ['*.example.com', 'a.registry.example.com', 'shop/web', false],
  ['reg*.example.com', 'registry.example.com', 'shop/web', true],
  ['reg*.example.com', 'other.example.com', 'shop/web', false],
  ['https://index.docker.io/v1/', 'docker.io', 'library/nginx', true],
  ['docker.io', 'docker.io', 'library/nginx', true],
  ['index.docker.io', 'registry.example.com', 'library/nginx', false],
  ['__proto__', '__proto__', 'x', true],
];

test('an entry of a pull secret is for the host and path that it names', (t) => {
  for (const [where, registry, path, is] of wheres) {
    const auths = JSON.parse(`{${JSON.stringify(where)}: ${JSON.stringify(entry)}}`);
    for (const type of ['kubernetes.io/dockerconfigjson', 'kubernetes.io/dockercfg']) {
      const read = parsePullSecret(secret(auths, type));
      t.ok(read.ok, `${where} (${type})`);
      if (!read.ok) continue;
      const login = loginFor(read.value, { registry, path });
      t.strictSame(login, is ? { kind: 'password', ...user } : undefined, `${where} ${registry}`);
    }
  }
  t.end();
});

test('of several entries the one that says most is taken, of several secrets the first', (t) => {
  const a = password('registry.example.com', 'a', '1');
  const b = password('registry.example.com/shop', 'b', '2');
  const c = password('registry.example.com', 'c', '3');
  const both = joinCredentials([credentials(a), credentials(c, b)]);
  const of = (path: string): unknown =>
    both === null ? null : loginFor(both, { registry: 'registry.example.com', path });
  t.match(of('shop/web'), { username: 'b' });
  t.match(of('other'), { username: 'a' });
  t.equal(joinCredentials([]), null);
  t.end();
});

const noSecrets: readonly (readonly [name: string, secret: object])[] = [
  ['another type', { type: 'Opaque', data: {} }],
  ['no type', { data: { '.dockerconfigjson': 'e30=' } }],
  ['a type of the prototype', { type: 'constructor', data: {} }],
  ['no data', { type: 'kubernetes.io/dockerconfigjson' }],
  ['no JSON', { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': auth } }],
  ['auths that are no object', secret('secret:with-colon')],
  ['an entry that is no object', secret({ 'a.example': 'secret:with-colon' })],
  ['auth without a colon', secret({ 'a.example': { auth: 'c2VjcmV0' } })],
];

for (const [name, value] of noSecrets) {
  test(`a pull secret that cannot be used is a fault that tells nothing of it: ${name}`, (t) => {
    const read = parsePullSecret(JSON.parse(JSON.stringify(value)));
    t.match(read, { ok: false, error: { code: 'registry-credentials' } });
    t.notMatch(JSON.stringify(read), /secret:|c2VjcmV0/);
    t.end();
  });
}

test('a config.json that would have programs run is refused, and says what to do', (t) => {
  for (const value of [{ credsStore: 'desktop' }, { credHelpers: { 'a.example': 'ecr-login' } }]) {
    const read = parseDockerConfig(JSON.stringify({ auths: {}, ...value }), 'config.json');
    t.match(read, { ok: false, error: { code: 'registry-credentials', message: /auths/ } });
  }
  t.equal(parseDockerConfig('[]', 'config.json').ok, false);
  t.strictSame(parseDockerConfig('{"credsStore": ""}', 'c').ok, true);
  const read = parseDockerConfig('{"auths":{"a.example":{"identitytoken":"t"}}}', 'config.json');
  t.match(read, { value: { entries: [{ login: { kind: 'identity-token', token: 't' } }] } });
  t.end();
});

const challenges: readonly (readonly [header: string, challenge: unknown])[] = [
  ['Basic realm="x"', { kind: 'basic' }],
  ['basic', { kind: 'basic' }],
  [
    'Bearer realm="https://a/t",service="s",scope="repository:a:pull,push"',
    { scope: 'repository:a:pull,push' },
  ],
  ['bearer Realm=https://a/t , Service="s"', { realm: 'https://a/t', service: 's' }],
  ['Basic realm="x", Bearer realm="https://a/t"', { kind: 'bearer', realm: 'https://a/t' }],
  ['Bearer realm="a\\"b"', { realm: 'a"b' }],
  ['Bearer', undefined],
  ['Negotiate', undefined],
  ['', undefined],
  [`Bearer realm="${'x'.repeat(5000)}"`, undefined],
];

test('challenges are read as RFC 9110 has them', (t) => {
  for (const [header, challenge] of challenges) {
    const read = parseChallenge([header]);
    if (challenge === undefined) t.equal(read, undefined, header);
    else t.match(read, challenge, header);
  }
  t.end();
});

type Asked = { readonly code: string; readonly registry: FakeRegistry; readonly message: string };

/** Asks a registry for a manifest as the owner of `owned`. */
async function ask(
  t: Parameters<typeof client>[0],
  quirks: Quirks,
  owned: (registry: FakeRegistry) => Credentials | null,
): Promise<Asked> {
  const content = new Content();
  content.image('shop/web', '1.4');
  const registry = await fakeRegistry(t, content, quirks);
  const opened = client(t, { settings: { hosts: [known(registry)] } });
  const web = { registry: registry.host, path: 'shop/web' };
  const read = await opened.manifest(web, '1.4', asking(owned(registry)));
  const second = await opened.manifest(web, '1.4', asking(owned(registry)));
  if (read.ok) t.strictSame(second, read);
  return {
    registry,
    code: read.ok ? 'ok' : read.error.code,
    message: read.ok ? '' : read.error.message,
  };
}

const mine = ({ host }: FakeRegistry): Credentials =>
  credentials(password(host, user.username, user.password));
const wrong = ({ host }: FakeRegistry): Credentials => credentials(password(host, 'x', 'y'));
const foreign = (): Credentials => credentials(password('other.example', user.username, 'z'));
const nobody = (): null => null;

const basicAccess = { kind: 'basic', ...user } as const;
const open = { kind: 'bearer', users: null } as const;
const closed = { kind: 'bearer', users: user } as const;

const logins: readonly (readonly [
  name: string,
  access: NonNullable<Quirks['access']>,
  owned: (registry: FakeRegistry) => Credentials | null,
  code: string,
])[] = [
  ['a name and password', basicAccess, mine, 'ok'],
  ['a wrong password', basicAccess, wrong, 'registry-denied'],
  ['no password', basicAccess, nobody, 'registry-denied'],
  ["another host's password", basicAccess, foreign, 'registry-denied'],
  ['a token for everybody', open, nobody, 'ok'],
  ['a token for everybody, as somebody', open, mine, 'ok'],
  ['a token for who has a password', closed, mine, 'ok'],
  ['no token without a password', closed, nobody, 'registry-denied'],
  ['no token for a wrong password', closed, wrong, 'registry-denied'],
  [
    'a token that breaks headers',
    { ...open, says: '{"token":"a\\r\\nb"}' },
    nobody,
    'registry-answer',
  ],
  ['no token in the answer', { ...open, says: '{}' }, nobody, 'registry-answer'],
  [
    'a token answer without end',
    { ...open, says: `"${'x'.repeat(70_000)}"` },
    nobody,
    'registry-limit',
  ],
  [
    'a token that is not taken',
    { ...open, says: '{"access_token":"x"}' },
    nobody,
    'registry-denied',
  ],
  ['tokens from nowhere', { ...open, realm: 'nowhere' }, nobody, 'registry-answer'],
  [
    'tokens over plain HTTP',
    { ...open, realm: 'http://a.example/t' },
    nobody,
    'registry-not-allowed',
  ],
  [
    'tokens from metadata',
    { ...open, realm: 'https://169.254.169.254/t' },
    nobody,
    'registry-not-allowed',
  ],
];

for (const [name, access, owned, code] of logins) {
  test(`logging in: ${name}`, async (t) => {
    const asked = await ask(t, { access }, owned);
    t.equal(asked.code, code);
    t.notMatch(asked.message, new RegExp(`${user.password}|${auth}`));
    const sent = asked.registry.asked.map(({ authorization }) => authorization);
    if (owned === foreign) t.strictSame(sent.filter(Boolean), []);
    if (code === 'ok') t.not(sent.at(-1), undefined, 'what was granted is used again at once');
  });
}

test('a password is not sent to another host for a token, unless the settings say so', async (t) => {
  const content = new Content();
  content.image('shop/web', '1.4');
  for (const isSaid of [false, true]) {
    const other = await fakeRegistry(t, new Content(), { access: closed });
    const access = { ...closed, realm: `${other.origin}/token` };
    const registry = await fakeRegistry(t, content, { access });
    const tokenHosts = isSaid ? [other.host] : [];
    const hosts = [known(registry, { tokenHosts }), known(other)];
    const opened = client(t, { settings: { hosts } });
    const web = { registry: registry.host, path: 'shop/web' };
    const read = await opened.manifest(web, '1.4', asking(mine(registry)));
    const denied = { error: { code: 'registry-denied', message: /tokenHosts/ } };
    t.match(read, isSaid ? { ok: true } : denied);
    const sent = other.asked.map(({ authorization }) => authorization);
    t.strictSame(sent, isSaid ? [basic(user)] : []);
  }
});

test('a redirect to another host takes no credentials along, and its challenge gets none', async (t) => {
  const content = new Content();
  const image = content.image('shop/web', '1.4');
  const blob = content.blob('some text');
  const cdn = await fakeRegistry(t, content, { tls: true });
  const registry = await fakeRegistry(t, content, {
    access: closed,
    trick: ({ path, authorization }) =>
      authorization?.startsWith('Bearer') === true && path.includes('/blobs/')
        ? { kind: 'redirect', to: `${cdn.origin}${path}?signature=x` }
        : undefined,
  });
  const opened = client(t, { settings: { hosts: [known(registry), known(cdn)] } });
  const web = { registry: registry.host, path: 'shop/web' };
  t.match(await opened.manifest(web, image.digest, asking(mine(registry))), { ok: true });
  const read = await opened.blob(web, blob, 100, asking(mine(registry)));
  t.match(read, { ok: true, value: Buffer.from('some text') });
  t.strictSame(
    cdn.asked.map(({ authorization }) => authorization),
    [undefined],
  );
});

test('who was sent elsewhere and back again has no credentials left', async (t) => {
  const content = new Content();
  content.image('shop/web', '1.4');
  const hop = await fakeRegistry(t, content, {
    trick: ({ path }) => ({ kind: 'redirect', to: `${registry.origin}${path}?back` }),
  });
  const registry: FakeRegistry = await fakeRegistry(t, content, {
    access: basicAccess,
    trick: ({ path, authorization }) =>
      authorization !== undefined && !path.endsWith('?back')
        ? { kind: 'redirect', to: `${hop.origin}${path}` }
        : undefined,
  });
  const opened = client(t, { settings: { hosts: [known(registry), known(hop)] } });
  const web = { registry: registry.host, path: 'shop/web' };
  const read = await opened.manifest(web, '1.4', asking(mine(registry)));
  t.match(read, { error: { code: 'registry-denied' } });
  const back = registry.asked.filter(({ path }) => path.endsWith('?back'));
  t.strictSame(
    back.map(({ authorization }) => authorization),
    [undefined],
  );
});

test('a host that was redirected to is not logged in to, and does not say what is absent', async (t) => {
  const content = new Content();
  content.image('shop/web', '1.4');
  const absent: Quirks = { trick: () => ({ kind: 'status', status: 404 }) };
  const elsewhere: readonly (readonly [Quirks, string])[] = [
    [{ access: basicAccess }, 'registry-denied'],
    [absent, 'registry-answer'],
  ];
  for (const [quirks, code] of elsewhere) {
    const cdn = await fakeRegistry(t, content, quirks);
    const registry = await fakeRegistry(t, content, {
      trick: ({ path }) => ({ kind: 'redirect', to: `${cdn.origin}${path}` }),
    });
    const opened = client(t, { settings: { hosts: [known(registry), known(cdn)] } });
    const web = { registry: registry.host, path: 'shop/web' };
    const both = credentials(...mine(registry).entries, ...mine(cdn).entries);
    t.match(await opened.manifest(web, '1.4', asking(both)), { error: { code } });
    t.strictSame(
      cdn.asked.map(({ authorization }) => authorization),
      [undefined],
    );
  }
});

test('a token of one owner is not used for another', async (t) => {
  const content = new Content();
  content.image('shop/web', '1.4');
  const registry = await fakeRegistry(t, content, { access: closed });
  const opened = client(t, { settings: { hosts: [known(registry)] } });
  const web = { registry: registry.host, path: 'shop/web' };
  t.match(await opened.manifest(web, '1.4', asking(mine(registry))), { ok: true });
  const denied = { error: { code: 'registry-denied' } };
  t.match(await opened.manifest(web, '1.4', asking()), denied);
  t.match(await opened.manifest(web, '1.4', asking(wrong(registry))), denied);
});

test('a token is asked for anew once it has run out', async (t) => {
  let now = 0;
  const content = new Content();
  content.image('shop/web', '1.4');
  const registry = await fakeRegistry(t, content, { access: open });
  const ports = { now: () => now };
  const opened = client(t, { settings: { hosts: [known(registry)] }, ports });
  const web = { registry: registry.host, path: 'shop/web' };
  const tokens = (): number =>
    registry.asked.filter(({ path }) => path.startsWith('/token')).length;
  for (const [at, fetched] of [
    [0, 1],
    [289_000, 1],
    [290_001, 2],
  ] as const) {
    now = at;
    t.match(await opened.manifest(web, '1.4', asking()), { ok: true });
    t.equal(tokens(), fetched);
  }
});

test('an identity token is sent to the token endpoint, and nowhere else', async (t) => {
  const content = new Content();
  content.image('shop/web', '1.4');
  const registry = await fakeRegistry(t, content, { access: open });
  const opened = client(t, { settings: { hosts: [known(registry)] } });
  const web = { registry: registry.host, path: 'shop/web' };
  const login = { kind: 'identity-token', token: 'refresh-me' } as const;
  const owned = credentials({ where: registry.host, login });
  t.match(await opened.manifest(web, '1.4', asking(owned)), { ok: true });
  const posted = registry.asked.filter(({ method }) => method === 'POST');
  t.match(posted, [{ path: '/token', authorization: undefined }]);
  t.notMatch(JSON.stringify(registry.asked), /refresh-me/);
});

test("the operator's credentials are used where the pod has none, and then the cloud's", async (t) => {
  const content = new Content();
  content.image('shop/web', '1.4');
  const registry = await fakeRegistry(t, content, { access: basicAccess });
  const web = { registry: registry.host, path: 'shop/web' };
  const hosts = [known(registry)];
  const configured = client(t, { settings: { hosts, credentials: mine(registry) } });
  t.match(await configured.manifest(web, '1.4', asking(foreign())), { ok: true });
  const ambient = async () => ({ ok: true, value: { kind: 'password', ...user } }) as const;
  const cloudy = client(t, { settings: { hosts }, ports: { ambient } });
  t.match(await cloudy.manifest(web, '1.4', asking()), { ok: true });
  t.equal(registry.asked.at(-1)?.authorization, basic(user));
});

test('a mirror and the registry behind it are each logged in to as themselves', async (t) => {
  const content = new Content();
  content.image('shop/web', '1.4');
  const users = ['mirror', 'origin'].map((username) => ({ username, password: `of ${username}` }));
  const [mirror, origin] = await Promise.all(
    users.map((each) => fakeRegistry(t, content, { access: { kind: 'basic', ...each } })),
  );
  if (mirror === undefined || origin === undefined) throw new Error('there are two');
  const hosts = [known(origin, { mirror: `${mirror.host}/hub` }), known(mirror)];
  const opened = client(t, { settings: { hosts } });
  const registries = [mirror, origin];
  const logins = registries.map(({ host }, i) =>
    password(host, users[i]?.username ?? '', users[i]?.password ?? ''),
  );
  const web = { registry: origin.host, path: 'shop/web' };
  const read = await opened.manifest(web, '1.4', asking(credentials(...logins)));
  t.match(read, { ok: true, value: { digest: /^sha256:/ } });
  const sent = registries.map(({ asked }) => asked.flatMap((each) => each.authorization ?? []));
  t.strictSame(
    sent,
    users.map((each) => [basic(each)]),
  );
  const none = await opened.manifest(web, '1.4', asking(credentials(...logins.slice(0, 1))));
  t.match(none, { ok: false, error: { code: 'registry-denied' } });
});
