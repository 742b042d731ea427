// What a hostile or broken registry can do to the gate itself, from the review to the answer: each is a refusal with a code
// of its own before the deadline, and none is taken for an unsigned image. Real signatures, made worse here.
import { type Test, test } from 'tap';
import { noRegistries } from '../../src/config/registries.ts';
import { judge, policies, policy, settings, signature, told } from '../engine/image-scene.ts';
import { outcome, podReview, type Reply, serve } from '../server/harness.ts';
import { copyOfCorpus, corpus, imageOf } from './corpus/corpus.ts';
import { Content, type Described, manifestType } from './fake-registry/content.ts';
import { type Asked, fakeRegistry, type Quirks } from './fake-registry/server.ts';
import type { Trick } from './fake-registry/tricks.ts';

const privileged = `
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: privileged}
`;

type Scene = { readonly host: string; readonly admit: (image: string) => Promise<Reply> };

async function scene(
  t: Test,
  content: Content,
  quirks: Quirks = {},
  timeout = '20s',
): Promise<Scene> {
  const { host } = await fakeRegistry(t, content, quirks);
  const law = [policy(), privileged, settings('digests: resolve')].join('---');
  const { call } = await serve(t, {
    policies: { 'images.yaml': law },
    settings: () => ({ ...noRegistries, insecureRegistry: [host] }),
  });
  const path = `/validate/fail-v1?timeout=${timeout}`;
  const body = (image: string) => podReview({ containers: [{ name: 'app', image }] });
  return { host, admit: (image) => call({ path, body: body(image) }) };
}

const message = ({ json }: Reply): string => json.response?.status?.message ?? '';
const pinned = (repository: string): string => `${repository}@${imageOf(repository)}`;

const isManifest = ({ path }: Asked): boolean => /\/manifests\/sha256[:-]/.test(path);
const isBlob = ({ path }: Asked): boolean => path.includes('/blobs/');
const json = { 'content-type': manifestType };
const legacy = 'p256/legacy';

type Row = readonly [what: string, tricked: (asked: Asked) => boolean, trick: Trick, code: string];

const rows: readonly Row[] = [
  [
    'other bytes for a manifest',
    isManifest,
    {
      kind: 'bytes',
      bytes: '{"layers":[]}',
      headers: { ...json, 'docker-content-digest': imageOf('unsigned') },
    },
    'registry-digest',
  ],
  ['other bytes for a signature', isBlob, { kind: 'bytes', bytes: '{}' }, 'registry-digest'],
  [
    'a compressed signature',
    isBlob,
    { kind: 'bytes', bytes: 'x', headers: { 'content-encoding': 'gzip' } },
    'registry-digest',
  ],
  [
    '500 MB for a manifest',
    isManifest,
    { kind: 'large', size: 500e6, headers: json },
    'registry-limit',
  ],
  ['500 MB for a signature', isBlob, { kind: 'large', size: 500e6 }, 'registry-limit'],
  ['a signature without end', isBlob, { kind: 'endless' }, 'registry-limit'],
  ['redirects without end', () => true, { kind: 'redirect', to: '' }, 'registry-answer'],
  [
    'a redirect to a metadata service',
    () => true,
    { kind: 'redirect', to: 'https://169.254.169.254/latest' },
    'registry-not-allowed',
  ],
  ['connections that break', () => true, { kind: 'reset' }, 'registry-unreachable'],
  ['no entry', () => true, { kind: 'status', status: 403 }, 'registry-denied'],
];

for (const [what, tricked, trick, code] of rows) {
  test(`a registry that answers with ${what}: ${code}`, async (t) => {
    const { host, admit } = await scene(t, corpus, {
      trick: (asked) => (tricked(asked) ? pointed(trick, asked) : undefined),
    });
    const reply = await admit(`${host}/${pinned(legacy)}`);
    t.equal(outcome(reply), `200 denied ${code}`, message(reply));
    t.match(message(reply), 'could not be verified');
    t.notMatch(message(reply), /not signed|signed by others/);
  });
}

/** A redirect to nowhere leads to where it was asked, and one more step. */
function pointed(trick: Trick, { path }: Asked): Trick {
  return trick.kind === 'redirect' && trick.to === '' ? { ...trick, to: `${path}x` } : trick;
}

const slow: readonly Trick[] = [{ kind: 'hang' }, { kind: 'drip', headers: json }];

for (const trick of slow) {
  test(`a registry that is too slow (${trick.kind}): image-timeout, in the words of the gate`, async (t) => {
    const { host, admit } = await scene(t, corpus, { trick: () => trick }, '1s');
    const reply = await admit(`${host}/${pinned(legacy)}`);
    t.equal(outcome(reply), '200 denied image-timeout', message(reply));
    t.notMatch(message(reply), /not signed/);
  });
}

const many = 10_000;

test('an image with 10,000 signatures, none of them good: image-artefacts-limit', async (t) => {
  const content = new Content();
  const image = content.image('shop/web', '1.4');
  const layers = Array.from({ length: many }, (_, i) => ({
    digest: content.blob(`{"n":${i}}`),
    size: `{"n":${i}}`.length,
  }));
  const config = { mediaType: 'application/json', digest: content.blob('{}'), size: 2 };
  const signatures = content.manifest({
    schemaVersion: 2,
    mediaType: manifestType,
    config,
    layers,
  });
  content.tag('shop/web', `${image.digest.replace(':', '-')}.sig`, signatures.digest);
  const { host, admit } = await scene(t, content);
  const reply = await admit(`${host}/shop/web@${image.digest}`);
  t.equal(outcome(reply), '200 denied image-artefacts-limit', message(reply));
});

test('an image with 10,000 referrers: registry-limit', async (t) => {
  const content = new Content();
  const image = content.image('shop/web', '1.4');
  const listed = Array.from(
    { length: many },
    (_, i): Described => ({ ...image, digest: content.blob(`${i}`), size: 9 }),
  );
  content.fallback('shop/web', image.digest, listed);
  const { host, admit } = await scene(t, content);
  const reply = await admit(`${host}/shop/web@${image.digest}`);
  t.equal(outcome(reply), '200 denied registry-limit', message(reply));
});

test('the signature of another image is no signature: A30', async (t) => {
  const content = copyOfCorpus();
  const digest = imageOf('unsigned');
  const others = corpus.tagged(legacy, `${imageOf(legacy).replace(':', '-')}.sig`);
  if (others === undefined) throw new Error('the corpus has no legacy signature');
  content.tag('unsigned', `${digest.replace(':', '-')}.sig`, others);
  const { host, admit } = await scene(t, content);
  const reply = await admit(`${host}/unsigned@${digest}`);
  t.equal(outcome(reply), '200 denied', message(reply));
  t.match(message(reply), /has no valid signature: the signature sha256:\w+ is of "sha256:/);
});

test('a tag that moves after it was verified is another image: A30', async (t) => {
  const content = copyOfCorpus();
  const { host, admit } = await scene(t, content);
  t.equal(outcome(await admit(`${host}/${legacy}:1.4`)), '200 allowed');
  content.tag(legacy, '1.4', imageOf('unsigned'));
  const reply = await admit(`${host}/${legacy}:1.4`);
  t.match(message(reply), 'is not signed', message(reply));
});

test('what is no registry for images is not asked: A14', async (t) => {
  const { admit } = await scene(t, corpus);
  for (const name of [
    '169.254.169.254/latest',
    'metadata.google.internal/x',
    'localhost:10250/pods',
    '127.0.0.1/x',
    'kubernetes.default.svc/x',
  ]) {
    const reply = await admit(`${name}@${imageOf('unsigned')}`);
    t.equal(outcome(reply), '200 denied registry-not-allowed', `${name}: ${message(reply)}`);
  }
});

test('an old image that is still signed is refused where the policy bounds its age: A31', async (t) => {
  const young =
    "authorityMatches.release.signatures.exists(s, s.signedAt > now - duration('720h'))";
  const policySet = policies(policy({ spec: `policy: {type: cel, data: "${young}"}` }));
  const owner = { issuer: 'https://login.example.com', subject: 'release@example.com' };
  const signedAt = async (time: string | null, by: object = owner): Promise<readonly string[]> => {
    const world = { release: { signatures: [signature({ ...by, signedAt: time })] } };
    return told((await judge({ policySet, world })).decision);
  };
  t.strictSame(await signedAt('2026-11-01T00:00:00Z'), ['signed: pass']);
  t.strictSame(await signedAt('2026-10-01T00:00:00Z'), ['signed: fail image-condition deny']);
  t.strictSame(
    await signedAt(null),
    ['signed: fail image-condition deny'],
    'no time is no young one',
  );
  t.strictSame(
    await signedAt('2026-11-01T00:00:00Z', {}),
    ['signed: fail image-condition deny'],
    'the old signature of a bare key, logged or stamped anew',
  );
});
