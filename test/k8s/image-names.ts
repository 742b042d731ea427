// Image names that are almost right: made of parts that names have, then changed in one place or two.
import fc from 'fast-check';

const hosts = [
  'docker.io',
  'index.docker.io',
  'localhost',
  'registry.example.com',
  'ghcr.io',
  'REG.io',
  'Host',
  'a_b.io',
];
const addresses = [
  '127.0.0.1',
  '169.254.169.254',
  '[::1]',
  '[fe80::1%25eth0]',
  'xn--bcher-kva.example',
  '-a.io',
  'a-.io',
  'a..b',
  'a.b.',
];
const ports = [':0', ':99999', ':', ':http', ':5000:1'];
const parts = [
  'nginx',
  'library',
  'a',
  'a.b',
  'a_b',
  'a__b',
  'a---b',
  'a___b',
  'a..b',
  '-a',
  'a-',
  '_a',
  'Ab',
  '0',
  '.',
  '..',
  '',
  'localhost',
  'a:b',
];
const tags = [
  ':latest',
  ':1.25',
  ':V1',
  ':_x',
  ':-x',
  ':.x',
  ':',
  ':a:b',
  `:${'t'.repeat(128)}`,
  `:${'t'.repeat(129)}`,
];
const hex = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const digest = `@sha256:${hex}`;
const digests = [
  ...[`@sha256:${hex.toUpperCase()}`, `@sha256:${hex.slice(1)}`, `@sha256:${hex}0`],
  ...[
    `@sha512:${hex}${hex}`,
    `@sha384:${hex}${hex.slice(0, 32)}`,
    `@md5:${hex.slice(0, 32)}`,
    `@SHA256:${hex}`,
  ],
  ...['@sha256:', '@', `@sha256:${hex}@sha256:${hex}`, `@${hex}`, `@sha256+b64:${hex}`],
];
/** Letters that change how a name is read, or look as if they did not. */
const inserted = [
  ...'/:@.-_%#?& \t\n\0AZaz09[]\\',
  '\u00a0',
  '\u200b',
  '\u202e',
  '\uff0e',
  '\u0430',
  '\u212a',
  '\ud800',
  '..',
  '//',
];

const oneOf = (texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);

/** Mostly what is right, so that whole names are right often enough. */
const mostly = (right: readonly string[], any: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 6, arbitrary: oneOf(right) }, { weight: 1, arbitrary: oneOf(any) });

const host = mostly(['', '', ...hosts], [...hosts, ...addresses]);
const path = fc.array(mostly(['nginx', 'team', 'a.b', 'a__b', 'x--y'], parts), {
  minLength: 1,
  maxLength: 4,
});

const whole = fc
  .tuple(
    host,
    mostly(['', ':5000'], ports),
    path,
    mostly(['', ':1.25'], tags),
    mostly(['', digest], digests),
  )
  .map(
    ([name, port, names, tag, hash]) =>
      `${name === '' ? '' : `${name}${port}/`}${names.join('/')}${tag}${hash}`,
  );

const changed = fc
  .tuple(whole, fc.nat(200), fc.nat(2), oneOf(inserted))
  .map(([name, at, gone, text]) => {
    const where = at % (name.length + 1);
    return `${name.slice(0, where)}${text}${name.slice(where + gone)}`;
  });

/** Around the longest path that there may be. */
const long = fc
  .tuple(fc.integer({ min: 245, max: 260 }), oneOf(['', ':1']))
  .map(([n, tag]) => `${'a/'.repeat(Math.floor(n / 2))}${'b'.repeat((n % 2) + 1)}${tag}`);

export const imageNames: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: whole },
  { weight: 4, arbitrary: changed },
  { weight: 1, arbitrary: long },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      hex,
      hex.toUpperCase(),
      `sha256:${hex}`,
      `${hex}/x`,
      'nginx',
      'docker.io/',
      '/',
    ),
  },
);
