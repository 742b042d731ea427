// Image names are read as container runtimes read them, and what they refuse is refused with a reason.
// The golden file was made by test/differential/references; with Go at hand SEKISHO_GOLDEN=write makes it anew, and
// SEKISHO_DIFFERENTIAL=1 compares as many other names as SEKISHO_RUNS says.
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { test } from 'tap';
import {
  imageName,
  parseImage,
  repositoryOf,
  unverifiable,
} from '../../src/k8s/image-reference.ts';
import { imageNames } from './image-names.ts';
import { type Read, theirs } from './image-oracle.ts';

const golden = new URL('../fixtures/references/golden.jsonl.gz', import.meta.url);
const live = process.env['SEKISHO_DIFFERENTIAL'] === '1';

if (process.env['SEKISHO_GOLDEN'] === 'write') {
  const images = [...new Set(fc.sample(imageNames, { numRuns: 4500, seed: 9 }))];
  const answers = theirs(images);
  const lines = images.map((image, i) => JSON.stringify([image, answers[i]]));
  writeFileSync(golden, gzipSync(`${lines.join('\n')}\n`, { level: 9 }));
}

function ours(image: string): Read {
  const parsed = parseImage(image);
  if (!parsed.ok) return null;
  const { registry, path, tag, digest } = parsed.value;
  return [registry, path, tag ?? '', digest ?? ''];
}

/** docs/differences.md: what is a path without a registry to the grammar names no place to pull from, and a repository
 * called sha256 is what runtimes take for an id. */
function wanted(image: string, read: Read): Read {
  const isId = /^sha(?:256|384|512):[^/]*$/.test(image);
  return read?.[0] === '' || isId ? null : read;
}

type Difference = { readonly image: string; readonly ours: Read; readonly theirs: Read };

function differences(cases: readonly (readonly [string, Read])[]): readonly Difference[] {
  return cases
    .map(([image, read]) => ({ image, ours: ours(image), theirs: wanted(image, read) }))
    .filter((each) => JSON.stringify(each.ours) !== JSON.stringify(each.theirs));
}

test('every name of the golden file is read, or refused, as distribution/reference does', (t) => {
  const lines = gunzipSync(readFileSync(golden)).toString().trimEnd().split('\n');
  const cases = lines.map((line): [string, Read] => JSON.parse(line));
  t.ok(cases.length > 3000);
  t.ok(cases.filter(([, read]) => read !== null).length > 800, 'names that are right');
  t.ok(cases.filter(([, read]) => read === null).length > 800, 'names that are wrong');
  t.same(differences(cases).slice(0, 5), []);
  t.end();
});

test('as many generated names as are asked for are read as distribution/reference does', {
  skip: live ? false : 'set SEKISHO_DIFFERENTIAL=1 (needs Go)',
}, (t) => {
  const images = fc.sample(imageNames, Number(process.env['SEKISHO_RUNS'] ?? 5000));
  const answers = theirs(images);
  t.equal(answers.length, images.length);
  t.same(differences(images.map((image, i) => [image, answers[i] ?? null])).slice(0, 5), []);
  t.end();
});

const hash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

test('what is one image to a runtime has one name', (t) => {
  for (const [written, name] of [
    ['nginx', 'docker.io/library/nginx:latest'],
    ['library/nginx', 'docker.io/library/nginx:latest'],
    ['docker.io/nginx', 'docker.io/library/nginx:latest'],
    ['index.docker.io/library/nginx:latest', 'docker.io/library/nginx:latest'],
    ['mycompany/app:1', 'docker.io/mycompany/app:1'],
    ['localhost/x', 'localhost/x:latest'],
    ['LOCALDOMAIN/x', 'LOCALDOMAIN/x:latest'],
    ['[::1]:5000/x', '[::1]:5000/x:latest'],
    ['sha256:5000/x', 'sha256:5000/x:latest'],
    ['docker.io/sha256:e3b0', 'docker.io/library/sha256:e3b0'],
    ['registry.example.com:5000/x', 'registry.example.com:5000/x:latest'],
    [`nginx:1.25@sha256:${hash}`, `docker.io/library/nginx@sha256:${hash}`],
  ] as const) {
    const parsed = parseImage(written);
    t.equal(parsed.ok && imageName(parsed.value), name, written);
  }
  t.end();
});

test('a name that only looks like the allowed one is of another repository', (t) => {
  for (const [written, repository] of [
    ['registry.example.com.evil.com/x', 'registry.example.com.evil.com/x'],
    ['registry.example.comevil/x', 'registry.example.comevil/x'],
    ['registry.example.com:5000/x', 'registry.example.com:5000/x'],
    ['evil.com/registry.example.com/x', 'evil.com/registry.example.com/x'],
    ['mycompanyevil/x', 'docker.io/mycompanyevil/x'],
  ] as const) {
    const parsed = parseImage(written);
    t.equal(parsed.ok && repositoryOf(parsed.value), repository, written);
  }
  t.end();
});

test('a name that is none is refused, and the reason says what to write', (t) => {
  const cases: readonly (readonly [image: string, reason: RegExp])[] = [
    ['', /^is empty: write the name/],
    [hash, /^is 64 hexadecimal digits alone.*NAME@sha256/],
    [`sha256:${hash}`, /^begins with "sha256:", which is an id and no name: write NAME@sha256/],
    ['sha256:e3b0', /^begins with "sha256:"/],
    [`sha512:${hash}${hash}`, /^begins with "sha512:"/],
    ['registry.example.com@evil/x', /^has a registry that is no host name/],
    ['registry.example.com/../x', /^has the path part "\.\."/],
    ['registry.example.com/./x', /^has the path part "\."/],
    ['registry.example.com//x', /^has a "\/" too many/],
    ['registry.example.com/x/', /^has a "\/" too many/],
    ['/x', /^has a "\/" too many/],
    ['https://registry.example.com/x', /^begins with "https:\/\/": leave that out/],
    ['nginx latest', /^has the character U\+0020 at position 6/],
    ['nginx\n', /^has the character U\+000A at position 6/],
    ['nginx\0', /U\+0000/],
    ['registry.example.com/\u00a0x', /U\+00A0 at position 22/],
    ['ngin\u200bx', /U\+200B/],
    ['\u202exnign', /U\+202E at position 1/],
    ['registry\uff0eexample.com/x', /U\+FF0E/],
    ['n\u0430inx', /U\+0430/],
    ['registry.example.com/%6eginx', /^has "%" at position 22: .*nothing in it is decoded/],
    ['registry.example.com/Nginx', /^has capital letters in its path: write "nginx"/],
    ['registry.example.com/a___b', /^has the path part "a___b"/],
    ['registry.example.com:http/x', /^has a registry whose port is no number/],
    ['registry.example.com:/x', /^has a registry whose port is no number/],
    ['a_b.io/x', /^has a registry that is no host name: "a_b.io"/],
    ['-registry.example.com/x', /^has a registry that is no host name/],
    [`a/${'b'.repeat(255)}`, /^has a path of more than 255 characters/],
    ['nginx:', /^has the tag ""/],
    [`nginx:${'1'.repeat(129)}`, /^has the tag "1+…": tags are at most 128/],
    ['nginx@sha256:abc', /^has a sha256 digest that must be 64 lower-case .*: it has 3/],
    [`nginx@sha256:${hash.toUpperCase()}`, /64 lower-case hexadecimal digits: not all are/],
    [`nginx@SHA256:${hash}`, /^has a digest by "SHA256": write sha256:/],
    [`nginx@md5:${hash.slice(32)}`, /^has a digest by "md5"/],
    [`nginx@sha256:${hash}@sha256:${hash}`, /^has more than one "@"/],
    ['a'.repeat(1025), /^is longer than 1024 characters/],
  ];
  for (const [image, reason] of cases) {
    const parsed = parseImage(image);
    t.match(parsed.ok ? 'is an image' : parsed.error, reason, JSON.stringify(image.slice(0, 60)));
  }
  t.end();
});

test('every refusal has a reason of its own', (t) => {
  const images = fc.sample(imageNames, { numRuns: 3000, seed: 3 });
  const reasons = images.flatMap((image) => {
    const parsed = parseImage(image);
    return parsed.ok ? [] : [parsed.error];
  });
  t.ok(reasons.length > 500);
  t.same(
    reasons.filter((reason) => reason.startsWith('is no image name')),
    [],
  );
  t.end();
});

test('a digest that is not sha256 is a name, and cannot be verified', (t) => {
  const parsed = parseImage(`nginx@sha512:${hash}${hash}`);
  t.match(parsed.ok && unverifiable(parsed.value), /^the digest is sha512: only sha256/);
  for (const image of ['nginx', `nginx@sha256:${hash}`]) {
    const good = parseImage(image);
    t.equal(good.ok && unverifiable(good.value), undefined);
  }
  t.end();
});
