// From an image in a registry to its evidence: where signatures are looked for, what quirks of registries change
// (nothing), and that what could not be had is never the same as what is not there.
import { type Test, test } from 'tap';
import { type Image, resolveTag, verifyImage } from '../../src/images/image.ts';
import type { Authority, AuthorityEvidence, SignatureSource } from '../../src/images/model.ts';
import type { Registry } from '../../src/images/registry/registry.ts';
import { type ImageVerifier, openVerifier } from '../../src/images/worker/verifier.ts';
import { asking, client, known } from './asking.ts';
import { corpus, imageOf, keyed, keyless, provenanceType, scanType } from './corpus/corpus.ts';
import { Content, type Described } from './fake-registry/content.ts';
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
    t.match(found, { name: 'release', authority: authority.id, faults: [] });
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
    t.match(found, { signatures: [{ format: 'bundle' }], faults: [] });
  });
}

test('one platform of a signed index is not signed by that', async (t) => {
  const amd64 = imageOf('index/bundle', '1.4-amd64');
  const [found] = await evidence(await scene(t), 'index/bundle', [keyed('p256')], amd64);
  t.match(found, { signatures: [], rejected: [], faults: [] });
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
  t.match(none, { signatures: [], rejected: [], faults: [{ code: 'registry-denied' }] });
});

test('an artefact with other bytes than its digest is a fault, not an unsigned image', async (t) => {
  const trick: Quirks['trick'] = ({ path }) =>
    path.includes('/blobs/') ? { kind: 'bytes', bytes: '{}' } : undefined;
  const [found] = await evidence(await scene(t, { trick }), 'p256/bundle', [keyed('p256')]);
  t.match(found, { signatures: [], faults: [{ code: /^registry-(digest|limit)$/ }] });
});

test('an artefact that is listed and not there is told', async (t) => {
  const trick: Quirks['trick'] = ({ path }) =>
    path.includes('/blobs/') ? { kind: 'status', status: 404 } : undefined;
  const [found] = await evidence(await scene(t, { trick }), 'p256/bundle', [keyed('p256')]);
  t.match(found, { signatures: [], rejected: [{ code: 'image-artefact-missing' }] });
});

test('more artefacts than are read are a fault', async (t) => {
  const content = new Content();
  const image = content.image('shop/web', '1.4');
  const listed = Array.from({ length: 60 }, (_, i) => content.attach(image, `{"n":${i}}`));
  content.fallback('shop/web', image.digest, listed);
  const opened = await scene(t, { referrers: 'absent' }, content);
  const [found] = await evidence(opened, 'shop/web', [keyed('p256')], image.digest);
  t.match(found?.faults, [{ code: 'image-artefacts-limit', message: /more than 50/ }]);
  t.equal(found?.signatures.length, 0);
});

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
    t.match(found, { signatures: [], rejected: [], faults: [] });
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

test('the verifier is closed', async () => {
  await verifier.close();
});
