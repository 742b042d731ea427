// The registry client against a registry that is right, odd, broken or hostile: what is read, and each fault by its code.
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type Test, test } from 'tap';
import { type Digest, parseDigest } from '../../src/base/brand.ts';
import type { Result } from '../../src/base/result.ts';
import { burst, requestsPerSecond } from '../../src/images/registry/pace.ts';
import { maxReferrers } from '../../src/images/registry/referrers.ts';
import type { HostSettings } from '../../src/images/registry/settings.ts';
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

const referrersOf = (image: Described, count: number): readonly Described[] =>
  Array.from({ length: count }, (_, i) => ({ ...image, digest: numbered(i) }));

for (const more of [-1, 0, 1]) {
  const count = maxReferrers + more;
  test(`of ${count} referrers ${Math.min(count, maxReferrers)} are read, and the list says whether that is all`, async (t) => {
    const { client, web, image, content } = await scene(t, { referrers: 'absent' });
    content.fallback('shop/web', image.digest, referrersOf(image, count));
    const read = await client.referrers(web, image.digest, asking());
    t.match(read, { ok: true, value: { complete: count <= maxReferrers } });
    t.equal(read.ok && read.value.listed.length, Math.min(count, maxReferrers));
  });
}

// Each comes without an end: who waits for it is told of a lost connection.
for (const part of ['{"n":1},', '1,', '[],', '[', '{"n":']) {
  for (const where of ['referrers', 'manifests'] as const) {
    test(`${where} with 5,000 times ${part} are left before they end`, async (t) => {
      const bytes = `{"manifests":[${part.repeat(5_000)}`;
      const headers = { 'content-type': indexType };
      const { client, web, image } = await scene(t, {
        trick: ({ path }) =>
          path.includes(`/${where}/`)
            ? { kind: 'short', said: 2 * bytes.length, bytes, headers }
            : undefined,
      });
      const read = await client.referrers(web, image.digest, asking());
      t.equal(codeOf(read), 'image-artefacts-limit');
    });
  }
}

test('a manifest with few and long texts is read up to 1 MiB', async (t) => {
  const { client, web, content } = await scene(t);
  const config = { note: '\n'.repeat(400_000) };
  const { digest } = content.manifest({ schemaVersion: 2, config, layers: [] });
  t.match(await client.manifest(web, digest, asking()), { ok: true, value: { value: { config } } });
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

type Mirrored = {
  readonly mirror: FakeRegistry;
  readonly origin: FakeRegistry;
  readonly client: Client;
  readonly web: Scene['web'];
};

const originContent = new Content();
originContent.image('shop/web', '1.4', 'of the origin');
const { digest: ofOrigin } = originContent.image('shop/web', '1.5', 'of the origin alone');

/** The mirror has what `held` puts below hub/ there, and then does as its quirks say. */
async function mirrored(
  t: Test,
  held: Content,
  quirks: Quirks = {},
  more: Partial<HostSettings> = {},
): Promise<Mirrored> {
  const mirror = await fakeRegistry(t, held, quirks);
  const origin = await fakeRegistry(t, originContent);
  const hosts = [known(origin, { mirror: `${mirror.host}/hub`, ...more }), known(mirror)];
  const opened = client(t, { settings: { hosts, mirrorMs: 200 } });
  return { mirror, origin, client: opened, web: { registry: origin.host, path: 'shop/web' } };
}

function hubContent(): Content {
  const content = new Content();
  content.image('hub/shop/web', '1.4', 'of the mirror');
  return content;
}

test('a mirror is asked first, under its path, and the registry only for what it does not have', async (t) => {
  const held = hubContent();
  const { mirror, origin, client, web } = await mirrored(t, held);
  const digest = held.tagged('hub/shop/web', '1.4');
  t.match(await client.resolve(web, '1.4', asking()), { ok: true, value: digest });
  t.match(await client.manifest(web, '1.4', asking()), { ok: true, value: { digest } });
  t.strictSame(origin.asked, []);
  t.ok(mirror.asked.every(({ path }) => path.startsWith('/v2/hub/shop/web/')));
  t.match(await client.manifest(web, '1.5', asking()), { value: { digest: ofOrigin } });
  t.strictSame(await client.manifest(web, '1.6', asking()), { ok: true, value: null });
});

const only = { mirrorOnly: true };

test('where the mirror is all there is the registry is never asked', async (t) => {
  const { origin, client, web } = await mirrored(t, hubContent(), {}, only);
  t.strictSame(await client.manifest(web, '1.5', asking()), { ok: true, value: null });
  t.equal(codeOf(await client.manifest(web, '1.4', asking())), 'ok');
  t.strictSame(origin.asked, []);
});

// What the mirror does, and how the answers of the registry itself are taken then: where it has something, where not.
const failing: readonly (readonly [string, Trick, there: string, absent: string])[] = [
  ['500', status(500), 'ok', 'registry-failing'],
  ['429', status(429), 'ok', 'registry-busy'],
  ['401', status(401), 'ok', 'registry-denied'],
  ['403', status(403), 'ok', 'registry-denied'],
  ['a connection that breaks', { kind: 'reset' }, 'ok', 'registry-unreachable'],
  ['no answer', { kind: 'hang' }, 'ok', 'registry-timeout'],
  ['404', status(404), 'ok', 'ok'],
  ['other bytes', said({ layers: [] }), 'registry-digest', 'registry-digest'],
  ['418', status(418), 'registry-answer', 'registry-answer'],
];

for (const [what, trick, there, absent] of failing) {
  test(`a mirror that answers ${what}: what the registry has is ${there}, and what it lacks ${absent}`, async (t) => {
    const codeFor = async (digest: Digest): Promise<string> => {
      const { client, web } = await mirrored(t, hubContent(), { trick: () => trick });
      return codeOf(await client.manifest(web, digest, asking()));
    };
    t.equal(await codeFor(ofOrigin), there);
    t.equal(await codeFor(nowhere), absent);
  });
}

test('of a mirror and a registry that both fail both are told', async (t) => {
  const held = hubContent();
  const opened = await mirrored(t, held, { trick: () => status(403) }, { host: 'gone.example' });
  const web = { registry: 'gone.example', path: 'shop/web' };
  const failed = await opened.client.manifest(web, '1', asking());
  const message = new RegExp(`${opened.mirror.host} answers 403.*; then gone\\.example cannot be`);
  t.match(failed, { error: { code: 'registry-denied', message } });
});

test('a mirror on a forbidden host is told, and nobody is asked', async (t) => {
  const { origin, client, web } = await mirrored(
    t,
    hubContent(),
    {},
    { mirror: '169.254.169.254/x' },
  );
  t.equal(codeOf(await client.manifest(web, '1.4', asking())), 'registry-not-allowed');
  t.strictSame(origin.asked, []);
});

test('further pages of referrers are asked where the first one was', async (t) => {
  const page = (path: string): Trick => ({
    kind: 'bytes',
    bytes: JSON.stringify({ manifests: [{ mediaType: 'a/b', digest: numbered(1), size: 1 }] }),
    headers: { 'content-type': indexType, link: `<${path.split('?')[0]}?n=1>; rel="next"` },
  });
  const { mirror, origin, client, web } = await mirrored(t, hubContent(), {
    trick: ({ path }) =>
      path.includes('/referrers/') && !path.includes('?') ? page(path) : undefined,
  });
  await client.referrers(web, numbered(7), asking());
  const pages = ({ asked }: FakeRegistry) =>
    asked.filter(({ path }) => path.includes('?n=')).length;
  t.strictSame([pages(mirror), pages(origin)], [1, 0]);
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
