// Globs cover the images that sigstore's policy-controller covers by them, however the image is written.
// Upstream's cases are those of pkg/apis/glob/glob_test.go.
import fc from 'fast-check';
import { test } from 'tap';
import { covers, globFault, spellingsOf } from '../../src/images/glob.ts';
import { parseImage } from '../../src/k8s/image-reference.ts';

const digest = 'sha256:5504f2a95018e3d8a52d80d9e1a128c6ea337581808ff9fe96f5628ce2336350';

function isCovered(image: string, glob: string): boolean {
  const parsed = parseImage(image);
  if (!parsed.ok) throw new Error(`${image} ${parsed.error}`);
  return covers(glob, spellingsOf(parsed.value));
}

type Row = readonly [image: string, globs: readonly string[], others?: readonly string[]];

const rows: readonly Row[] = [
  [
    'foo',
    [
      ...['index.docker.io/library/foo:latest', 'index.docker.io/library/foo:*'],
      ...['index.docker.io/library/*', 'index.docker.io/library/*:latest', 'index.docker.io/*/*'],
      ...['index.docker.io/**', 'index.docker.**', 'inde**', '**', '*'],
      ...['foo', 'foo*', 'foo**', 'foo:latest'],
      ...['docker.io/library/foo', 'docker.io/foo:latest', 'library/foo'],
    ],
    ['docker.io/*/*/*', 'index.docker.io/library/fo', 'foo:1', '*/foo/*', 'bar**'],
  ],
  [
    'myuser/myapp',
    [
      ...['index.docker.io/myuser/myapp:latest', 'index.docker.io/myuser/*', '*/*', '**', 'inde**'],
      ...['myuser/myapp', 'myuser/myapp*', 'myuser/myapp**', 'docker.io/myuser/*'],
    ],
    ['*', 'myapp', 'index.docker.io/library/**', 'myuser'],
  ],
  [
    'ghcr.io/foo/bar',
    ['ghcr.io/*/*', 'ghcr.io/**', 'ghcr.io/foo/bar:latest'],
    ['ghcr.io/*', '*/*'],
  ],
  [
    'ghcr.io/foo',
    ['ghcr.io/**', 'ghc**', '**', '*/**', 'ghcr.io/foo*', 'ghcr.io/foo**'],
    ['ghcr.io/*/*', '*/foo/**'],
  ],
  ['prefix-ghcr.io/foo', ['**/foo'], ['ghcr.io/foo', 'ghcr.io/**']],
  ['ghcr.io/foo-suffix', ['ghcr.io/foo*'], ['ghcr.io/foo', 'ghcr.io/foo:*']],
  ['ghcrxio.example/foo', ['ghcrxio.example/foo'], ['ghcr.io.example/**']],
  [
    `ghcr.io/foo@${digest}`,
    [`ghcr.io/foo@${digest}`, 'ghcr.io/foo@*', 'ghcr.io/foo*', 'ghcr.io/**'],
    ['ghcr.io/foo', 'ghcr.io/foo:*'],
  ],
  [
    `ghcr.io/foo:1@${digest}`,
    ['ghcr.io/foo@*', 'ghcr.io/foo:1@*', 'ghcr.io/foo:*'],
    ['ghcr.io/foo:1', 'ghcr.io/foo:2@*'],
  ],
  // What an allow-list must not let in.
  ['registry.example.com.evil.com/x', ['**'], ['registry.example.com/**']],
  ['registry.example.comevil/x', ['**'], ['registry.example.com/**']],
  ['registry.example.com:5000/x', ['registry.example.com:5000/**'], ['registry.example.com/**']],
  ['evil.com/registry.example.com/x', ['evil.com/**'], ['registry.example.com/**']],
  [
    'registry.example.com/x',
    ['REGISTRY.example.com/**', 'registry.example.com/x'],
    ['registry.example.com/X:*', 'registry.example.com/x:LATEST'],
  ],
  ['ACME/app', ['ACME/*'], ['acme/*', '*/*', 'docker.io/acme/*']],
  ['acme/app', ['acme/*'], ['ACME/*']],
  ['REGISTRY.example.com/x', ['registry.example.com/**', 'Registry.Example.com/*']],
  ['mycompanyevil/x', ['*/*'], ['docker.io/mycompany/**', 'docker.io/mycompany/*']],
];

for (const [image, globs, others = []] of rows) {
  test(`${image}: the globs that cover it, and those that do not`, (t) => {
    for (const glob of globs) t.equal(isCovered(image, glob), true, glob);
    for (const glob of others) t.equal(isCovered(image, glob), false, glob);
    t.end();
  });
}

test('all spellings of one image are covered alike', (t) => {
  const spellings = [
    'nginx',
    'library/nginx',
    'docker.io/nginx',
    'index.docker.io/library/nginx:latest',
  ];
  for (const glob of [
    ...spellings,
    'docker.io/library/*',
    'nginx**',
    '*/nginx',
    'ghcr.io/**',
    '*',
  ]) {
    const told = spellings.map((image) => isCovered(image, glob));
    t.equal(new Set(told).size, 1, `${glob}: ${told}`);
  }
  t.equal(isCovered('GHCR.IO/foo', 'ghcr.io/**'), true, 'hosts have no case');
  t.end();
});

test('what is no glob is refused', (t) => {
  for (const glob of [
    '',
    '.+',
    '[',
    '[a-z]*',
    'a?',
    'a b',
    'a#b',
    'ａ',
    '{a,b}',
    `${'a'.repeat(1025)}`,
  ]) {
    t.type(globFault(glob), 'string', JSON.stringify(glob));
  }
  for (const glob of ['*', '**', '***', 'a.b-c_d:e/f@g']) t.equal(globFault(glob), undefined, glob);
  t.end();
});

test('a glob covers what a regular expression made of it covers', (t) => {
  const glob = fc.string({
    unit: fc.constantFrom('a', 'b', '/', '*', '**'),
    minLength: 1,
    maxLength: 9,
  });
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 9 });
  const seen = { covered: 0 };
  const property = fc.property(glob, name, (pattern, text) => {
    fc.pre(pattern !== '*' && pattern !== '*/*');
    const source = pattern.replaceAll(/\*\*|\*/g, (stars) => (stars === '*' ? '[^/]*' : '.*'));
    const wanted = new RegExp(`^${source}$`).test(text);
    if (wanted) seen.covered += 1;
    return covers(pattern, [text]) === wanted;
  });
  t.doesNotThrow(() => fc.assert(property, { numRuns: 20_000 }));
  t.ok(seen.covered > 500);
  t.end();
});

test('many stars cost no more than few', (t) => {
  const image = `registry.example.com/${'a'.repeat(240)}`;
  t.equal(isCovered(image, `${'**a*a'.repeat(200)}b`), false);
  t.end();
});
