// From an image in a registry to its evidence: where signatures are looked for, what quirks of registries change
// (nothing), and that what could not be had is never the same as what is not there.
import { type Test, test } from 'tap';
import { artefactLimits } from '../../src/images/artefact.ts';
import { type Image, resolveTag, verifyImage } from '../../src/images/image.ts';
import type { Authority, AuthorityEvidence, SignatureSource } from '../../src/images/model.ts';
import type { Registry } from '../../src/images/registry/registry.ts';
import { type ImageVerifier, openVerifier } from '../../src/images/worker/verifier.ts';
import { asking, client, known } from './asking.ts';
import {
  copyOfCorpus,
  corpus,
  imageOf,
  keyed,
  keyless,
  provenanceType,
  scanType,
} from './corpus/corpus.ts';
import { Content, type Described, digestOf } from './fake-registry/content.ts';
import { type FakeRegistry, fakeRegistry, type Quirks } from './fake-registry/server.ts';

const verifier: ImageVerifier = openVerifier({ limit: () => AbortSignal.timeout(60_000) });

type Scene = { readonly registry: FakeRegistry; readonly client: Registry };

async function scene(t: Test, quirks: Quirks = {}, content: Content = corpus): Promise<Scene> {
  const registry = await fakeRegistry(t, content, quirks);
  return { registry, client: client(t, { settings: { hosts: [known(registry)] } }) };
}

async function evidence(
  { registry, client: opened }: Scene,
  repository: string,
  authorities: readonly Authority[],
  digest = imageOf(repository),
): Promise<readonly AuthorityEvidence[]> {
  const image: Image = { repository: { registry: registry.host, path: repository }, digest };
  const verified = await verifyImage(image, authorities, {
    registry: opened,
    verifier,
    credentials: () => null,
    signal: AbortSignal.timeout(60_000),
  });
  if (!verified.ok) throw new Error(verified.error.message);
  return verified.value.authorities;
}

/** How many signatures, and the codes of all else: an empty pattern of `match` would fit whatever is there. */
function shape(found: AuthorityEvidence | undefined): readonly unknown[] {
  const codes = (listed: readonly { readonly code: string }[] = []): readonly string[] =>
    listed.map(({ code }) => code);
  return [found?.signatures.length, codes(found?.rejected), codes(found?.faults)];
}

const scans = { predicateTypes: [scanType, provenanceType] };

const places: readonly (readonly [string, Authority, signatures: number, attestations: number])[] =
  [
    ['p256/legacy', keyed('p256'), 1, 0],
    ['p256/legacy', keyed('p256', { signatureFormat: 'legacy' }), 1, 0],
    ['p256/legacy', keyed('p256', { signatureFormat: 'bundle' }), 0, 0],
    ['p256/bundle', keyed('p256', { signatureFormat: 'bundle' }), 1, 0],
    ['p256/bundle', keyed('p256', { signatureFormat: 'legacy' }), 0, 0],
    ['keyless/bundle', keyless({}, scans), 0, 2],
    ['keyless/legacy', keyless({}, scans), 0, 2],
    ['index/bundle', keyed('p256'), 1, 0],
    ['unsigned', keyed('p256'), 0, 0],
  ];

for (const [repository, authority, signatures, attestations] of places) {
  const format = authority.signatureFormat ?? 'both formats';
  test(`${repository}, looked for in ${format}`, async (t) => {
    const [found] = await evidence(await scene(t), repository, [authority]);
    t.match(found, { name: 'release', authority: authority.id });
    t.strictSame(found?.faults, []);
    t.equal(found?.signatures.length, signatures);
    t.equal(found?.attestations.length, attestations);
  });
}

const quirks: readonly (readonly [string, Quirks])[] = [
  ['no referrers API', { referrers: 'absent' }],
  ['a referrers API that is empty while the tag is not', { referrers: 'empty' }],
  ['descriptors of another type', { referrers: 'oci-empty' }],
  ['no Docker-Content-Digest', { withoutDigestHeader: true }],
];

for (const [quirk, how] of quirks) {
  test(`a registry with ${quirk} changes nothing`, async (t) => {
    const [found] = await evidence(await scene(t, how), 'keyless/bundle', [keyless()]);
    t.match(found, { signatures: [{ format: 'bundle' }] });
    t.strictSame(shape(found), [1, [], []]);
  });
}

test('one platform of a signed index is not signed by that', async (t) => {
  const amd64 = imageOf('index/bundle', '1.4-amd64');
  const [found] = await evidence(await scene(t), 'index/bundle', [keyed('p256')], amd64);
  t.strictSame(shape(found), [0, [], []]);
});

test('everything is looked for once, however many authorities ask', async (t) => {
  const opened = await scene(t);
  const authorities = ['p256', 'rsa', 'p384'].map((name) => keyed(name));
  const found = await evidence(opened, 'p256/bundle', authorities);
  t.strictSame(
    found.map(({ signatures }) => signatures.length),
    [1, 0, 0],
  );
  const asked = opened.registry.asked.map(({ method, path }) => `${method} ${path}`);
  t.equal(new Set(asked).size, asked.length, asked.join('\n'));
});

const source = (repository: string, tagPrefix = ''): SignatureSource => ({
  repository,
  tagPrefix,
  pullSecrets: [],
});

test('signatures are looked for where the authority says, and nowhere else', async (t) => {
  const opened = await scene(t);
  const elsewhere = keyed('p256', { sources: [source(`${opened.registry.host}/p256/legacy`)] });
  const digest = imageOf('p256/legacy');
  const [found] = await evidence(opened, 'unsigned', [elsewhere], digest);
  t.equal(found?.signatures.length, 1);
  const [away] = await evidence(opened, 'p256/legacy', [
    keyed('p256', { sources: [source(`${opened.registry.host}/unsigned`)] }),
  ]);
  t.equal(away?.signatures.length, 0, 'not beside the image');
  const [prefixed] = await evidence(opened, 'p256/legacy', [
    keyed('p256', { sources: [source('', 'release-')] }),
  ]);
  t.equal(prefixed?.signatures.length, 0, 'a prefix makes it another tag');
  t.ok(opened.registry.asked.some(({ path }) => path.includes('/release-sha256-')));
});

test('a registry that cannot be asked is a fault, beside what was found elsewhere', async (t) => {
  const trick: Quirks['trick'] = ({ path }) =>
    path.includes('referrers') ? { kind: 'status', status: 403 } : undefined;
  const [found] = await evidence(await scene(t, { trick }), 'p256/legacy', [keyed('p256')]);
  t.match(found, { signatures: [{ format: 'legacy' }], faults: [{ code: 'registry-denied' }] });
  const [none] = await evidence(await scene(t, { trick }), 'unsigned', [keyed('p256')]);
  t.strictSame(shape(none), [0, [], ['registry-denied']]);
});

test('an artefact with other bytes than its digest is a fault, not an unsigned image', async (t) => {
  const trick: Quirks['trick'] = ({ path }) =>
    path.includes('/blobs/') ? { kind: 'bytes', bytes: '{}' } : undefined;
  const [found] = await evidence(await scene(t, { trick }), 'p256/bundle', [keyed('p256')]);
  t.match(found?.faults, [{ code: /^registry-(digest|limit)$/ }]);
  t.equal(found?.signatures.length, 0);
});

test('an artefact that is listed and not there is told', async (t) => {
  const trick: Quirks['trick'] = ({ path }) =>
    path.includes('/blobs/') ? { kind: 'status', status: 404 } : undefined;
  const [found] = await evidence(await scene(t, { trick }), 'p256/bundle', [keyed('p256')]);
  t.strictSame(shape(found), [0, ['image-artefact-missing'], []]);
});

/** So many signatures, of which only one is good: the last that is read. */
async function amongMany(t: Test, count: number): Promise<AuthorityEvidence | undefined> {
  const content = copyOfCorpus();
  const digest = imageOf('p256/legacy');
  const tag = `${digest.replace(':', '-')}.sig`;
  const bytes = content.bytes(content.tagged('p256/legacy', tag) ?? '');
  const manifest = JSON.parse(bytes?.toString() ?? '');
  const [good] = manifest.layers;
  const annotations = { ...good.annotations, 'dev.cosignproject.cosign/signature': 'AAAA' };
  const layers = Array(count).fill({ ...good, annotations });
  layers[Math.min(count, most) - 1] = good;
  content.tag('p256/legacy', tag, content.manifest({ ...manifest, layers }).digest);
  return (await evidence(await scene(t, {}, content), 'p256/legacy', [keyed('p256')]))[0];
}

const { count: most } = artefactLimits;
const amounts: readonly (readonly [count: number, valid: number, codes: readonly string[]])[] = [
  [most - 1, 1, []],
  [most, 1, []],
  [most + 1, 1, ['image-artefacts-limit']],
  [2 * most, 1, ['image-artefacts-limit']],
  [40 * most, 0, ['image-artefacts-limit']],
];

for (const [count, valid, codes] of amounts) {
  const told = codes.length > 0 ? 'that there are more is a fault' : 'all are read';
  test(`of ${count} signatures ${valid} is valid, and ${told}`, async (t) => {
    const found = await amongMany(t, count);
    t.equal(found?.signatures.length, valid);
    const faults = found?.faults.map(({ code }) => code);
    t.strictSame(faults, codes);
  });
}

test('signatures of one payload are one blob, which is fetched once', async (t) => {
  const content = new Content();
  const image = content.image('shop/web', '1.4');
  const layer = { mediaType: 'x', digest: content.blob('{}'), size: 2 };
  const { digest } = content.manifest({ schemaVersion: 2, layers: Array(20).fill(layer) });
  content.tag('shop/web', `${image.digest.replace(':', '-')}.sig`, digest);
  const opened = await scene(t, {}, content);
  const [found] = await evidence(opened, 'shop/web', [keyed('p256')], image.digest);
  t.equal(found?.rejected.length, 20);
  t.equal(opened.registry.asked.filter(({ path }) => path.includes('/blobs/')).length, 1);
});

test('more artefacts than are read are a fault', async (t) => {
  const content = new Content();
  const image = content.image('shop/web', '1.4');
  const listed = Array.from({ length: most + 1 }, (_, i) => content.attach(image, `{"n":${i}}`));
  content.fallback('shop/web', image.digest, listed);
  const opened = await scene(t, { referrers: 'absent' }, content);
  const [found] = await evidence(opened, 'shop/web', [keyed('p256')], image.digest);
  t.match(found?.faults, [{ code: 'image-artefacts-limit', message: /more than 50/ }]);
  t.equal(found?.signatures.length, 0);
});

test('referrers whose manifests are too large together are not all read', async (t) => {
  const content = new Content();
  const image = content.image('shop/web', '1.4');
  const listed = Array.from({ length: 3 }, (_, i) => content.attach(image, `{"n":${i}}`));
  const large = listed.map((each) => ({ ...each, size: 500_000 }));
  content.fallback('shop/web', image.digest, large);
  const opened = await scene(t, { referrers: 'absent' }, content);
  const [found] = await evidence(opened, 'shop/web', [keyed('p256')], image.digest);
  t.match(found, { rejected: { length: 2 }, faults: [{ code: 'image-artefacts-limit' }] });
});

test('a manifest that is larger than its descriptor says is left', async (t) => {
  const content = new Content();
  const image = content.image('shop/web', '1.4');
  const attached = content.attach(image, '{}');
  content.fallback('shop/web', image.digest, [{ ...attached, size: attached.size - 1 }]);
  const opened = await scene(t, { referrers: 'absent' }, content);
  const [found] = await evidence(opened, 'shop/web', [keyed('p256')], image.digest);
  t.strictSame(shape(found), [0, [], ['registry-limit']]);
});

for (const size of [-1e9, 1.5, 2 ** 60]) {
  test(`a layer of ${size} bytes is none, and makes no room for others`, async (t) => {
    const content = new Content();
    const image = content.image('shop/web', '1.4');
    const layer = { mediaType: 'x', digest: content.blob('{}'), size: 2 };
    const layers = [{ ...layer, size }, layer];
    content.tag(
      'shop/web',
      `${image.digest.replace(':', '-')}.sig`,
      content.manifest({ schemaVersion: 2, layers }).digest,
    );
    const opened = await scene(t, {}, content);
    const [found] = await evidence(opened, 'shop/web', [keyed('p256')], image.digest);
    t.match(found?.rejected, [{ code: 'image-artefact-unreadable', message: /or a size/ }]);
    t.strictSame(found?.faults, []);
  });
}

test('more layers than are read, and larger ones, are told', async (t) => {
  const content = new Content();
  const image = content.image('shop/web', '1.4');
  const layer = (size: number) => ({ mediaType: 'x', digest: image.digest, size });
  const layers = [layer(9 << 20), ...Array.from({ length: 51 }, () => layer(2))];
  const signatures = content.manifest({ schemaVersion: 2, layers });
  content.tag('shop/web', `${image.digest.replace(':', '-')}.sig`, signatures.digest);
  const [found] = await evidence(
    await scene(t, {}, content),
    'shop/web',
    [keyed('p256')],
    image.digest,
  );
  t.ok(found?.rejected.some(({ code }) => code === 'image-artefact-size'));
  t.ok(found?.faults.some(({ code }) => code === 'image-artefacts-limit'));
});

test('a bundle that refers to another image does not count', async (t) => {
  const content = new Content();
  const [image, other] = [content.image('shop/web', '1.4'), content.image('shop/web', '1.5')];
  content.fallback('shop/web', image.digest, [content.attach(other, '{}')]);
  const opened = await scene(t, { referrers: 'absent' }, content);
  const [found] = await evidence(opened, 'shop/web', [keyed('p256')], image.digest);
  t.match(found?.rejected, [{ code: 'image-signature-digest' }]);
});

const strangers: readonly (readonly [string, (content: Content, image: Described) => Described])[] =
  [
    ['an SBOM', (content, image) => content.attach(image, '{}', 'application/spdx+json')],
    [
      'a signature of Notation',
      (content, image) => content.attach(image, '{}', 'application/jose+json'),
    ],
  ];

for (const [what, attach] of strangers) {
  test(`${what} beside an image is no fault and no signature`, async (t) => {
    const content = new Content();
    const image = content.image('shop/web', '1.4');
    content.fallback('shop/web', image.digest, [attach(content, image)]);
    const [found] = await evidence(
      await scene(t, {}, content),
      'shop/web',
      [keyed('p256')],
      image.digest,
    );
    t.strictSame(shape(found), [0, [], []]);
  });
}

test('a tag is resolved, and one that is not there is told with its name', async (t) => {
  const { registry, client: opened } = await scene(t);
  const repository = { registry: registry.host, path: 'p256/bundle' };
  const there = await resolveTag(opened, repository, '1.4', asking());
  t.strictSame(there, { ok: true, value: imageOf('p256/bundle') });
  const gone = await resolveTag(opened, repository, '9.9', asking());
  t.match(gone, { ok: false, error: { code: 'image-not-found', message: /p256\/bundle:9\.9/ } });
});

const absent: readonly (readonly [string, Quirks, codes: readonly string[]])[] = [
  ['says so', {}, ['image-not-found']],
  ['has no referrers API', { referrers: 'absent' }, ['image-not-found']],
  [
    'knows no HEAD',
    { trick: ({ method }) => (method === 'HEAD' ? { kind: 'status', status: 405 } : undefined) },
    ['image-not-found'],
  ],
  [
    'lets nobody see it',
    { trick: ({ method }) => (method === 'HEAD' ? { kind: 'status', status: 403 } : undefined) },
    ['image-not-found'],
  ],
  [
    'fails when it is asked for it',
    { trick: ({ method }) => (method === 'HEAD' ? { kind: 'status', status: 500 } : undefined) },
    [],
  ],
];

for (const [what, quirk, codes] of absent) {
  test(`an image by digest in a registry that does not have it and ${what}`, async (t) => {
    const opened = await scene(t, quirk);
    const nowhere = digestOf(Buffer.from(what));
    const both = [keyed('p256'), keyed('rsa', scans)];
    for (const found of await evidence(opened, 'unsigned', both, nowhere)) {
      t.strictSame(
        found.rejected.map(({ code }) => code),
        codes,
      );
      t.strictSame(found.faults, []);
    }
  });
}

test('only where nothing is found it is asked whether the image is there, once', async (t) => {
  const heads = async (repository: string): Promise<number> => {
    const opened = await scene(t);
    await evidence(opened, repository, [keyed('p256'), keyed('rsa')]);
    return opened.registry.asked.filter(({ method }) => method === 'HEAD').length;
  };
  t.equal(await heads('p256/bundle'), 0);
  t.equal(await heads('unsigned'), 1);
});

test('the verifier is closed', async () => {
  await verifier.close();
});
