// `sekisho image` and `check --verify-images` from the command line to a registry on loopback and back, with images that
// cosign has signed: the exit code, what was found, and what is to be done.
import { fileURLToPath } from 'node:url';
import { type Test, test } from 'tap';
import { authority, policy, settings } from '../engine/image-scene.ts';
import { Content } from '../images/fake-registry/content.ts';
import { fakeRegistry, type Quirks } from '../images/fake-registry/server.ts';
import { type Ran, sekisho } from './harness.ts';

const corpus = fileURLToPath(new URL('../fixtures/images/registry', import.meta.url));
const content = Content.fromFolder(corpus);
const scan = authority(
  'security',
  `, attestations: [{name: scan, predicateType: vuln, policy: {type: cel, data: "timestamp(statement.predicate.metadata.scanFinishedOn) > now - duration('720h')"}}]`,
);

type Run = { readonly host: string; readonly ran: Ran; readonly asked: number };

async function image(
  t: Test,
  repository: string,
  policies: string,
  more: readonly string[] = [],
  quirks: Quirks = {},
): Promise<Run> {
  const folder = t.testdir({ 'policies.yaml': policies });
  const registry = await fakeRegistry(t, content, quirks);
  const { host } = registry;
  const flags = ['-p', `${folder}/policies.yaml`, '--insecure-registry', host, ...more];
  const ran = await sekisho(folder, ['image', `${host}/${repository}`, ...flags]);
  return { host, ran, asked: registry.asked.length };
}

test('the exit code says whether an image is verified, is not, or cannot be told', async (t) => {
  const cases: readonly (readonly [string, string, string, 0 | 1 | 2, RegExp, Quirks?])[] = [
    ['signed', 'p256/bundle:1.4', policy(), 0, /signed: satisfied/],
    ['signed in the legacy format', 'p256/legacy:1.4', policy(), 0, /signed: satisfied/],
    [
      'unsigned',
      'unsigned:1.4',
      policy(),
      1,
      /\(image-unsigned\)[\s\S]*is not signed: no signature by release was found/,
    ],
    [
      'signed by another key',
      'p384/bundle:1.4',
      policy(),
      1,
      /\(image-signer\)[\s\S]*is signed by others/,
    ],
    ['no such tag', 'unsigned:9', policy(), 1, /\(image-not-found\)[\s\S]*fix: push the image/],
    [
      'no such digest',
      `unsigned@sha256:${'9'.repeat(64)}`,
      policy(),
      1,
      /\(image-not-found\)[\s\S]*was not found: it is not in the registry, or not for these/,
    ],
    [
      'a registry that is down',
      'p256/bundle:1.4',
      policy(),
      2,
      /\(registry-failing\)/,
      { trick: () => ({ kind: 'status', status: 503 }) },
    ],
    [
      'no policy covers it',
      'p256/bundle:1.4',
      policy({ glob: 'other/**' }),
      1,
      /\(image-not-covered\)/,
    ],
    [
      'a scan of yesterday',
      'attested/bundle:1.4',
      policy({ authorities: scan }),
      0,
      /attestation https:\/\/cosign/,
    ],
    [
      'a signature is no scan',
      'p256/bundle:1.4',
      policy({ authorities: scan }),
      1,
      /\(image-attestation\)/,
    ],
    [
      'a policy that only warns',
      'unsigned:1.4',
      policy({ spec: 'mode: warn' }),
      1,
      /\(image-unsigned\)/,
    ],
  ];
  for (const [name, repository, policies, code, text, quirks] of cases) {
    const { ran } = await image(t, repository, policies, [], quirks);
    t.equal(ran.code, code, `${name}: ${ran.stdout}${ran.stderr}`);
    t.match(ran.stdout, text, name);
    t.equal(ran.stderr, '', name);
  }
});

test('the account names the digest that a Pod must name, and says so only where it must', async (t) => {
  const digest = /a Pod must name it by digest: .*p256\/bundle@sha256:[0-9a-f]{64}\n/;
  const required = await image(t, 'p256/bundle:1.4', policy());
  t.match(required.ran.stdout, digest);
  const mild = await image(t, 'p256/bundle:1.4', `${policy()}---${settings('digests: warn')}`);
  t.notMatch(mild.ran.stdout, digest);
});

test('the account in JSON holds the verdict, the results and all evidence', async (t) => {
  const { ran, host } = await image(t, 'attested/legacy:1.4', policy({ authorities: scan }), [
    ...['-o', 'json'],
  ]);
  t.match(JSON.parse(ran.stdout), {
    reference: `${host}/attested/legacy:1.4`,
    verdict: 'verified',
    results: [{ policy: 'signed', evaluation: 'pass' }],
    evidence: {
      digest: /^sha256:/,
      authorities: [{ name: 'security', attestations: [{ statement: { predicate: Object } }] }],
    },
  });
});

test('a name that is no image, or a host that is none, is a fault of the flags', async (t) => {
  const bad = await sekisho('', ['image', 'Shop/Web', '--insecure-registry', 'http://a/b']);
  t.equal(bad.code, 2);
  t.match(bad.stderr, /<image>[\s\S]*flag-invalid[\s\S]*--insecure-registry/);
});

const pods = (host: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: a, image: "${host}/p256/bundle:1.4"}, {name: b, image: "${host}/unsigned:1.4"}]}
`;

test('check asks no registry unless it is told to, and counts what it left out', async (t) => {
  const registry = await fakeRegistry(t, content);
  const { host } = registry;
  const files = { 'pod.yaml': pods(host), 'p.yaml': `${policy()}---${settings('digests: warn')}` };
  const folder = t.testdir(files);
  const args = ['check', `${folder}/pod.yaml`, '-p', `${folder}/p.yaml`];
  const plain = await sekisho(folder, args);
  t.equal(plain.code, 0);
  t.match(plain.stdout, '2 images not verified (--verify-images)');
  t.strictSame(registry.asked, []);
  const verified = await sekisho(folder, [...args, '--verify-images', '--insecure-registry', host]);
  t.equal(verified.code, 1);
  t.match(verified.stdout, /spec\.containers\[1\]\.image ".*unsigned:1\.4" is not signed/);
  t.notMatch(verified.stdout, /p256\/bundle:1\.4" is not signed|not verified/);
  const needless = await sekisho(folder, [...args, '--insecure-registry', host]);
  t.equal(needless.code, 2, 'a registry that would not be asked is a fault');
});

test('what cannot be found out is unknown in check', async (t) => {
  const { host } = await fakeRegistry(t, content, {
    trick: () => ({ kind: 'status', status: 503 }),
  });
  const folder = t.testdir({ 'pod.yaml': pods(host), 'p.yaml': policy() });
  const args = ['check', `${folder}/pod.yaml`, '-p', `${folder}/p.yaml`, '--verify-images'];
  const ran = await sekisho(folder, [...args, '--insecure-registry', host, '-o', 'json']);
  const [decision] = JSON.parse(ran.stdout).decisions;
  t.match(decision.results, [
    { kind: 'ClusterImagePolicy', evaluation: 'unknown', code: /^registry-/ },
    { evaluation: 'unknown' },
    { evaluation: 'fail', code: 'image-tag' },
  ]);
  t.equal(ran.code, 1);
});
