// Which registries a glob may name: whatever it covers there must be allowed, and what it can never cover must not be.
import fc from 'fast-check';
import { test } from 'tap';
import { mayName } from '../../src/images/allowed.ts';
import { covers, spellingsOf } from '../../src/images/glob.ts';
import { parseImage } from '../../src/k8s/image-reference.ts';

const cases: readonly (readonly [glob: string, registry: string, may: boolean])[] = [
  ['registry.example.com/**', 'registry.example.com', true],
  ['registry.example.com/**', 'registry.example.org', false],
  ['registry.example.com/**', 'registry.example.com:5000', false],
  ['registry.example.com:5000/shop/*', 'registry.example.com:5000', true],
  ['*.example.com/**', 'eu.example.com', true],
  ['*.example.com/**', 'eu.example.com.evil.test', false],
  ['*.example.com/**', 'docker.io', false],
  ['**', 'registry.example.com', true],
  ['**', 'docker.io', true],
  ['registry.example**', 'registry.example.com', true],
  ['registry.example**', 'registry.test', false],
  ['nginx', 'docker.io', true],
  ['nginx', 'registry.example.com', false],
  ['shop/web', 'docker.io', true],
  ['shop/web', 'shop', false],
  ['*', 'docker.io', true],
  ['*/*', 'docker.io', true],
  ['index.docker.io/library/*', 'docker.io', true],
  ['localhost/**', 'localhost', true],
  ['localhost/**', 'docker.io', false],
  ['Registry.example.com/**', 'registry.example.com', true],
  ['registry.example.com/**', 'REGISTRY.example.com', true],
];

test('a registry is allowed when a glob may name an image of it', async (t) => {
  for (const [glob, registry, may] of cases)
    t.equal(mayName(glob, registry), may, `${glob} ${registry}`);
});

test('whatever a glob covers is of a registry that it may name', async (t) => {
  const part = fc.constantFrom(
    'a',
    'b.c',
    'docker.io',
    'index.docker.io',
    'library',
    'x:5',
    '*',
    '**',
    '*.c',
    'a**',
  );
  const glob = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const image = fc
    .array(fc.constantFrom('a', 'b.c', 'docker.io', 'library', 'x:5'), {
      minLength: 1,
      maxLength: 3,
    })
    .map((parts) => parts.join('/'));
  let covered = 0;
  fc.assert(
    fc.property(glob, image, (pattern, name) => {
      const parsed = parseImage(name);
      if (!parsed.ok || !covers(pattern, spellingsOf(parsed.value))) return true;
      covered += 1;
      return mayName(pattern, parsed.value.registry);
    }),
    { numRuns: 5000 },
  );
  t.ok(covered > 100, `${covered} were covered`);
});

test('a path on Docker Hub that looks like a registry is no image of that registry', async (t) => {
  for (const image of ['docker.io/registry.example.com/shop/web', 'docker.io/localhost/web']) {
    const parsed = parseImage(image);
    const spellings = parsed.ok ? spellingsOf(parsed.value) : [];
    t.ok(spellings.length > 0, image);
    t.notOk(covers('registry.example.com/**', spellings), image);
    t.notOk(covers('localhost/**', spellings), image);
    t.ok(covers('docker.io/**', spellings), image);
  }
});
