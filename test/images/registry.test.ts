// The registry client against a registry that is right, odd, broken or hostile: what is read, and each fault by its code.
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type Test, test } from 'tap';
import { type Digest, parseDigest } from '../../src/base/brand.ts';
import type { Result } from '../../src/base/result.ts';
import { burst, requestsPerSecond } from '../../src/images/registry/pace.ts';
import { maxReferrers } from '../../src/images/registry/referrers.ts';
import { asking, type Client, client, known, type World } from './asking.ts';
import { Content, type Described, emptyType, indexType } from './fake-registry/content.ts';
import { type FakeRegistry, fakeRegistry, type Quirks } from './fake-registry/server.ts';
import type { Trick } from './fake-registry/tricks.ts';

type Scene = {
  readonly registry: FakeRegistry;
  readonly client: Client;
  readonly image: Described;
  readonly content: Content;
  readonly web: { readonly registry: string; readonly path: string };
};

async function scene(t: Test, quirks: Quirks = {}, world: World = {}): Promise<Scene> {
  const content = new Content();
  const image = content.image('shop/web', '1.4');
  const registry = await fakeRegistry(t, content, quirks);
  const hosts = [known(registry), ...(world.settings?.hosts ?? [])];
  const settings = { ...world.settings, hosts };
  const opened = client(t, { ...world, settings });
  const web = { registry: registry.host, path: 'shop/web' };
  return { registry, client: opened, image, content, web };
}

function codeOf(result: Result<unknown, { readonly code: string }>): string {
  return result.ok ? 'ok' : result.error.code;
}

for (const tls of [false, true]) {
  test(`what is there is read over ${tls ? 'TLS' : 'plain HTTP'}, and what is not is null`, async (t) => {
    const { client, web, image, content } = await scene(t, { tls });
    t.strictSame(await client.resolve(web, '1.4', asking()), { ok: true, value: image.digest });
    const byTag = await client.manifest(web, '1.4', asking());
    const byDigest = await client.manifest(web, image.digest, asking());
    t.match(byTag, { ok: true, value: { digest: image.digest, mediaType: image.mediaType } });
    t.strictSame(byTag, byDigest);
    const layer = content.blob('some text');
    t.match(await client.blob(web, layer, 9, asking()), { value: Buffer.from('some text') });
    const absent = { ok: true, value: null };
    t.strictSame(await client.resolve(web, '2.0', asking()), absent);
    t.strictSame(await client.manifest(web, '2.0', asking()), absent);
    t.strictSame(await client.blob(web, nowhere, 9, asking()), absent);
    const listed = await client.referrers(web, image.digest, asking());
    t.strictSame(listed, { ok: true, value: { listed: [], complete: true } });
  });
}

/** The digest of nothing that is there; another one for each number. */
function numbered(n: number): Digest {
  const digest = parseDigest(`sha256:${n.toString(16).padStart(64, '0')}`);
  if (digest === undefined) throw new Error('no digest');
  return digest;
}

const nowhere = numbered(0);

test('beyond a burst, one registry is asked so many times a second', async (t) => {
  const { client, web } = await scene(t);
  for (let asked = 0; asked < burst + 3; asked++) await client.manifest(web, 'none', asking());
  const interval = 1_000 / requestsPerSecond;
  t.same(
    client.slept,
    [1, 2, 3].map((n) => Math.floor(n * interval)),
  );
});

test('what waits for its turn ends with its own time, and gives its place back', async (t) => {
  const sleep = (_: number, signal: AbortSignal): Promise<void> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  const { client, web } = await scene(t, {}, { ports: { sleep } });
  for (let asked = 0; asked < burst; asked++) await client.manifest(web, 'none', asking());
  for (let asked = 0; asked < 20; asked++) {
    t.equal(codeOf(await client.manifest(web, 'none', asking(null, 5))), 'registry-timeout');
  }
});

test('a registry that tells no digest is read to know it', async (t) => {
  const { client, web, image } = await scene(t, { withoutDigestHeader: true });
  t.strictSame(await client.resolve(web, '1.4', asking()), { ok: true, value: image.digest });
  t.match(await client.manifest(web, '1.4', asking()), {
    ok: true,
    value: { digest: image.digest },
  });
});

for (const referrers of ['listed', 'absent', 'empty', 'oci-empty'] as const) {
  test(`the referrers API and the fallback tag are merged: API ${referrers}`, async (t) => {
    const { client, web, image, content } = await scene(t, { referrers });
    const [both, tagged] = [content.attach(image, 'both'), content.attach(image, 'tagged')];
    content.fallback('shop/web', image.digest, [{ ...both, artifactType: emptyType }, tagged]);
    const other = content.attach(image, 'other');
    const read = await client.referrers(web, image.digest, asking());
    const digests = read.ok ? read.value.listed.map(({ digest }) => digest) : [];
    const isThere = referrers === 'listed' || referrers === 'oci-empty';
    const expected = [both, tagged, ...(isThere ? [other] : [])].map(({ digest }) => digest);
    t.strictSame(digests.toSorted(), expected.toSorted());
    t.match(read, { value: { complete: true } });
  });
}

for (const said of [400, 405, 406]) {
  test(`a registry that answers ${said} has no referrers API: the fallback tag is read`, async (t) => {
    const { client, web, image, content } = await scene(t, {
      trick: ({ path }) => (path.includes('/referrers/') ? status(said) : undefined),
    });
    const tagged = content.attach(image, 'tagged');
    content.fallback('shop/web', image.digest, [tagged]);
    const read = await client.referrers(web, image.digest, asking());
    t.match(read, { value: { listed: [{ digest: tagged.digest }], complete: true } });
  });
}

test('5,000 referrers are not all read, and the list says so', async (t) => {
  const { client, web, image, content } = await scene(t, { referrers: 'absent' });
  const many = Array.from({ length: 5_000 }, (_, i) => ({
    ...image,
    digest: numbered(i),
  }));
  content.fallback('shop/web', image.digest, many);
  const read = await client.referrers(web, image.digest, asking());
  t.ok(read.ok && read.value.listed.length === maxReferrers && !read.value.complete);
});

test('pages of referrers are followed on the same host, and not without end', async (t) => {
  const page = (next: string, digest: string): Trick => ({
    kind: 'bytes',
    bytes: JSON.stringify({ manifests: [{ mediaType: 'a/b', digest, size: 1 }] }),
    headers: { 'content-type': indexType, link: `<${next}>; rel="next"` },
  });
  const { client, web, image, registry } = await scene(t, {
    trick: ({ path }) => {
      if (!path.includes('/referrers/')) return undefined;
      const n = Number(new URL(path, 'http://x').searchParams.get('n') ?? 0);
      return page(`${path.split('?')[0]}?n=${n + 1}`, numbered(n));
    },
  });
  const read = await client.referrers(web, image.digest, asking());
  t.match(read, { ok: true, value: { complete: false } });
  t.equal(registry.asked.filter(({ path }) => path.includes('/referrers/')).length, 10);

  const elsewhere = await scene(t, {
    trick: ({ path }) =>
      path.includes('/referrers/') ? page('https://other.example/x', numbered(1)) : undefined,
  });
  const cut = await elsewhere.client.referrers(elsewhere.web, elsewhere.image.digest, asking());
  t.match(cut, { ok: true, value: { complete: false } });
});

const json = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };
const schema1 = { 'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws' };
const html = { 'content-type': 'text/html' };
const to = (url: string): Trick => ({ kind: 'redirect', to: url });
const status = (code: number): Trick => ({ kind: 'status', status: code });
const said = (value: object): Trick => ({
  kind: 'bytes',
  bytes: JSON.stringify(value),
  headers: json,
});

// What the registry does when asked for a manifest by its tag, and what the client makes of it.
const manifestFaults: readonly (readonly [name: string, trick: Trick, code: string])[] = [
  ['401', status(401), 'registry-denied'],
  ['403', status(403), 'registry-denied'],
  ['429', status(429), 'registry-busy'],
  ['500', status(500), 'registry-failing'],
  ['503', status(503), 'registry-failing'],
  ['400', status(400), 'registry-answer'],
  ['204', status(204), 'registry-answer'],
  ['206', { kind: 'status', status: 206, body: '{}', headers: json }, 'registry-answer'],
  [
    'headers without end',
    { kind: 'status', status: 200, headers: { x: 'y'.repeat(20_000) } },
    'registry-answer',
  ],
  ['a web page', { kind: 'bytes', bytes: '<p>', headers: html }, 'registry-answer'],
  ['no content type', { kind: 'bytes', bytes: '{}' }, 'registry-answer'],
  ['schema 1', { kind: 'bytes', bytes: '{}', headers: schema1 }, 'registry-answer'],
  ['no JSON', { kind: 'bytes', bytes: '{', headers: json }, 'registry-answer'],
  ['another media type inside', said({ mediaType: indexType }), 'registry-answer'],
  ['image and index in one', said({ layers: [], manifests: [] }), 'registry-answer'],
  ['an endless body', { kind: 'endless', headers: json }, 'registry-limit'],
  ['500 MB', { kind: 'large', size: 500e6, headers: json }, 'registry-limit'],
  [
    'an end too soon',
    { kind: 'short', said: 9, bytes: '{}', headers: json },
    'registry-unreachable',
  ],
  ['a reset', { kind: 'reset' }, 'registry-unreachable'],
  ['redirect to nowhere', to('http://'), 'registry-answer'],
  ['redirect in a circle', to('1.4'), 'registry-answer'],
  ['redirect to http', to('http://cdn.example/x'), 'registry-not-allowed'],
  ['redirect to a file', to('file:///etc/passwd'), 'registry-not-allowed'],
  ['redirect to credentials', to('https://a:b@cdn.example/x'), 'registry-not-allowed'],
  ['redirect to metadata', to('https://169.254.169.254/latest'), 'registry-not-allowed'],
  ['redirect to the kubelet', to('https://node-1:10250/pods'), 'registry-not-allowed'],
  ['redirect to the API server', to('https://kubernetes.default.svc/'), 'registry-not-allowed'],
  ['redirect to this machine', to('https://localhost/x'), 'registry-not-allowed'],
];

for (const [name, trick, code] of manifestFaults) {
  test(`a fault has its own code and is never "absent": ${name}`, async (t) => {
    const { client, web, image } = await scene(t, { trick: () => trick });
    t.equal(codeOf(await client.manifest(web, '1.4', asking())), code);
    t.not(codeOf(await client.referrers(web, image.digest, asking())), 'ok');
  });
}

test('bytes are never taken for those of another digest', async (t) => {
  const { client, web, image, content } = await scene(t, {
    trick: ({ path }, nth) =>
      path.includes('/blobs/') ? { kind: 'bytes', bytes: `${nth}` } : said({ config: { nth } }),
  });
  const layer = content.blob('1 ');
  for (const reference of [image.digest, image.digest]) {
    t.equal(codeOf(await client.manifest(web, reference, asking())), 'registry-digest');
  }
  t.equal(codeOf(await client.blob(web, layer, 9, asking())), 'registry-digest');
  t.equal(codeOf(await client.blob(web, layer, 0, asking())), 'registry-limit');
});

test('a digest that a registry tells of a tag must be that of its bytes', async (t) => {
  const headers = { ...json, 'docker-content-digest': nowhere };
  const { client, web } = await scene(t, {
    trick: () => ({ kind: 'bytes', bytes: '{}', headers }),
  });
  t.equal(codeOf(await client.manifest(web, '1.4', asking())), 'registry-digest');
});

for (const [name, trick] of [
  ['it hangs', { kind: 'hang' }],
  ['it sends one byte a second', { kind: 'drip', headers: json }],
  ['it asks to come back later', { kind: 'status', status: 429, headers: { 'retry-after': '3' } }],
] as const) {
  test(`the signal ends what takes too long, and that is its own code: ${name}`, async (t) => {
    const sleep = (_: number, signal: AbortSignal): Promise<void> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    const { client, web, image } = await scene(t, { trick: () => trick }, { ports: { sleep } });
    const [one, two] = await Promise.all([
      client.manifest(web, '1.4', asking(null, 100)),
      client.referrers(web, image.digest, asking(null, 100)),
    ]);
    t.equal(codeOf(one), 'registry-timeout');
    t.ok(codeOf(two).startsWith('registry-'), codeOf(two));
  });
}

test('what is busy or not well is asked twice more, later each time', async (t) => {
  for (const code of [429, 502]) {
    const { client, web, registry } = await scene(t, {
      trick: (_, nth) => (nth < 3 ? status(code) : undefined),
    });
    t.equal(codeOf(await client.manifest(web, '1.4', asking())), 'ok');
    t.equal(registry.asked.length, 3);
    t.ok(client.slept.length === 2 && client.slept.every((ms) => ms > 0 && ms < 1000));
    t.ok((client.slept[1] ?? 0) > (client.slept[0] ?? 0));
  }
});

test('Retry-After is kept to where it is short, and nobody waits for a long one', async (t) => {
  for (const [after, asked, slept] of [
    ['2', 2, [2000]],
    ['600', 1, []],
  ] as const) {
    const busy: Trick = { kind: 'status', status: 429, headers: { 'retry-after': after } };
    const { client, web, registry } = await scene(t, {
      trick: (_, nth) => (nth === 1 ? busy : undefined),
    });
    await client.manifest(web, '1.4', asking());
    t.equal(registry.asked.length, asked);
    t.strictSame(client.slept, slept);
  }
});

test('a registry that fails again and again is left alone, then asked again', async (t) => {
  let now = 0;
  let isWell = false;
  const { client, web, registry } = await scene(
    t,
    { trick: () => (isWell ? undefined : status(500)) },
    { ports: { now: () => now } },
  );
  await client.manifest(web, '1.4', asking());
  t.equal(codeOf(await client.manifest(web, '1.4', asking())), 'registry-unreachable');
  const asked = registry.asked.length;
  t.equal(asked, 5);
  t.equal(codeOf(await client.manifest(web, '1.4', asking())), 'registry-unreachable');
  t.equal(registry.asked.length, asked, 'it was not asked');
  [now, isWell] = [10_001, true];
  t.equal(codeOf(await client.manifest(web, '1.4', asking())), 'ok');
});

test('so many requests at a time reach one registry, and the others wait for a place', async (t) => {
  const { client, web, registry } = await scene(
    t,
    { trick: () => ({ kind: 'hang' }) },
    { settings: { concurrency: 2 } },
  );
  // One signal: whoever waits leaves the line before a place is free.
  const late = asking(null, 200);
  const all = Array.from({ length: 5 }, () => client.manifest(web, '1.4', late));
  t.strictSame((await Promise.all(all)).map(codeOf), Array(5).fill('registry-timeout'));
  t.equal(registry.asked.length, 2);
});

test('a certificate that is not trusted is told as such', async (t) => {
  const content = new Content();
  content.image('shop/web', '1.4');
  const registry = await fakeRegistry(t, content, { tls: true });
  const hosts = [known(registry, { ca: null, insecure: false })];
  const opened = client(t, { settings: { hosts } });
  const web = { registry: registry.host, path: 'shop/web' };
  const read = await opened.manifest(web, '1.4', asking());
  t.match(read, { error: { code: 'registry-untrusted', message: /caFile/ } });
});

test('a host that is not there is told as such', async (t) => {
  const lookup = (host: string): Promise<never> => Promise.reject(new Error(`no ${host}`));
  const opened = client(t, { ports: { lookup } });
  const web = { registry: 'nowhere.example', path: 'shop/web' };
  const read = await opened.manifest(web, '1.4', asking());
  t.match(read, { error: { code: 'registry-unreachable', message: /nowhere\.example/ } });
});

test('a mirror is asked instead, under its path, and nothing else is', async (t) => {
  const content = new Content();
  const image = content.image('hub/library/nginx', '1.27');
  const registry = await fakeRegistry(t, content);
  const hub = {
    ...known(registry),
    host: 'docker.io',
    mirror: `${registry.host}/hub`,
    insecure: false,
  };
  const opened = client(t, { settings: { hosts: [hub, known(registry)] } });
  const read = await opened.resolve(
    { registry: 'docker.io', path: 'library/nginx' },
    '1.27',
    asking(),
  );
  t.strictSame(read, { ok: true, value: image.digest });
});

for (const [registry, path, reference] of [
  ['registry.example.com', '../token', '1.4'],
  ['registry.example.com', 'shop/../../x', '1.4'],
  ['registry.example.com', 'shop', '../x'],
  ['registry.example.com', 'shop', 'sha512:00'],
  ['a@registry.example.com', 'shop', '1.4'],
  ['registry.example.com/x?', 'shop', '1.4'],
  ['', 'shop', '1.4'],
] as const) {
  test(`what is no name of a repository or manifest is not asked for: ${registry}/${path}:${reference}`, async (t) => {
    const looked: string[] = [];
    const lookup = async (host: string): Promise<[]> => {
      looked.push(host);
      return [];
    };
    const opened = client(t, { ports: { lookup } });
    const read = await opened.manifest({ registry, path }, reference, asking());
    t.match(codeOf(read), /^registry-(not-allowed|answer)$/);
    t.strictSame(looked, []);
  });
}

test('a proxy is asked to lead to the registry, and sees only where', async (t) => {
  const content = new Content();
  const image = content.image('shop/web', '1.4');
  const registry = await fakeRegistry(t, content, { tls: true });
  const [, port] = registry.host.split(':');
  const led: (string | undefined)[] = [];
  const proxy = createServer().on('connect', ({ url }, socket) => {
    led.push(url);
    const on = connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      on.pipe(socket).pipe(on);
    });
    for (const end of [on, socket]) end.on('error', () => on.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => proxy.close());
  const https = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const host = `localhost:${port}`;
  const settings = {
    hosts: [known(registry, { host })],
    proxy: { https, http: null, except: ['example.com'] },
  };
  const lookup = (): Promise<never> => Promise.reject(new Error('the proxy looks names up'));
  const opened = client(t, { settings, ports: { lookup } });
  const read = await opened.resolve({ registry: host, path: 'shop/web' }, '1.4', asking());
  t.strictSame(read, { ok: true, value: image.digest });
  t.strictSame(led, [host]);
});
