// Image references as nobody should write them, against the bundle's allow-list and its rule of digests: what is not
// plainly under an allowed registry is refused, through the server and `check`. Ids: the catalogue of bypasses (B).
import { type Test, test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { quote } from '../../src/base/text.ts';
import { digest, type Gate, gateOf, podOf, podWith, reviewOf } from './request-harness.ts';

type Row = { readonly what: string; readonly pod: JsonObject; readonly want: RegExp };

/** Through the server one by one, through `check` in one file. */
async function judged(t: Test, gate: Gate, rows: readonly Row[]): Promise<void> {
  const checked = await gate.checkedAll(rows.map(({ pod }) => pod));
  for (const [i, { what, pod, want }] of rows.entries()) {
    t.match(await gate.said(reviewOf({ object: pod })), want, quote(what));
    t.match(checked[i], want, `${quote(what)}, through check`);
  }
}

const hex = 'a'.repeat(64);

/** References that only look as if they came from `registry.example.com/`. */
const elsewhere: readonly string[] = [
  'registry.example.com.evil.com/x',
  'registry.example.comevil/x',
  'registry.example.com-evil.com/x',
  'registry.example.com:5000/x',
  'registry.example.com:443/x',
  'evil.com/registry.example.com/x',
  'evil.com/x:registry.example.com',
  'registry.example.com@evil/x',
  'registry.example.com@evil.com/x',
  'registry.example.com:x@evil.com/x',
  'user:registry.example.com/@evil.com/x',
  'xregistry.example.com/x',
  'x.registry.example.com/x',
  'registry.example.com',
  'registry.example.com:x',
  'registry-example.com/x',
  'registryxexample.com/x',
  'docker.io/registry.example.com/x',
  'registry.k8s.io.evil.com/x',
  'evil.com/x',
  'localhost/x',
  'localhost:5000/registry.example.com/x',
  '169.254.169.254/registry.example.com/x',
];

test('B13: no prefix, suffix, port, user or path makes another registry an allowed one', async (t) => {
  const gate = await gateOf(t, ['allowed-registries']);
  const images = elsewhere.flatMap((image) => ['', ':v1', digest].map((end) => image + end));
  const want = /^denied allowed-registries\/(allowed|fully-qualified)$/;
  await judged(
    t,
    gate,
    images.map((image) => ({ what: image, pod: podWith({ image }), want })),
  );
});

const host = 'registry.example.com';

/** What the grammar of references does not allow, however it begins. */
const invalid: readonly string[] = [
  '',
  ' ',
  host,
  `${host}/`,
  `${host}//x`,
  `${host}/x/`,
  `${host}/../x`,
  `${host}/x/../y`,
  `${host}/./x`,
  `${host}/x/.`,
  `${host}/.x`,
  `${host}/x.`,
  `${host}/x..y`,
  `${host}/x___y`,
  `${host}/-x`,
  `${host}/_x`,
  `${host}/X`,
  `${host}/shop/Web`,
  `${host}/x:`,
  `${host}/x:-tag`,
  `${host}/x:a:b`,
  `${host}/x:a/b`,
  `${host}/x:${'t'.repeat(129)}`,
  `${host}/x@`,
  `${host}/x@y`,
  `${host}/x@sha256`,
  `${host}/x@sha256:`,
  `${host}/x@sha256:${hex}@sha256:${hex}`,
  `${host}/x@@sha256:${hex}`,
  `${host}/x@sha256:${hex}/y`,
  `${host}/x@sha256:${hex}:tag`,
  `${host}/x y`,
  `${host}/x `,
  ` ${host}/x`,
  `${host}/x\t`,
  `${host}/x\n`,
  `\n${host}/x`,
  `evil.com/x\n${host}/x`,
  `${host}/x\nevil.com/x`,
  `${host}/x\r`,
  `${host}/x\u0000`,
  `${host}\u0000.evil.com/x`,
  `${host}/x\u00a0`,
  `${host}/x\u200b`,
  `${host}\u200b/x`,
  `${host}/\u202ex`,
  `\ufeff${host}/x`,
  `${host}/x\u0301`,
  'registry\uff0eexample\uff0ecom/x',
  'registry.example\u3002com/x',
  'registry.example.c\u043em/x',
  'registry.exam\u0440le.com/x',
  `${host}\u2215x/y`,
  `${host}\uff0fx`,
  `${host}/\u0661`,
  `${host}%2fx`,
  `${host}/%2e%2e/x`,
  `${host}/x%00`,
  `https://${host}/x`,
  `http://${host}/x`,
  `docker://${host}/x`,
  `oci:${host}/x`,
  `//${host}/x`,
  `/${host}/x`,
  `./${host}/x`,
  `${host}\\x`,
  `${host}/x?y`,
  `${host}/x#y`,
  `${host}/x&y`,
  `${host}/x;y`,
  `${host}/\${x}`,
  `${host}/$(x)`,
  `${host}/x'"`,
  'REGISTRY.EXAMPLE.COM/x',
  'Registry.example.com/x',
  'registry.example.com./x',
  '.registry.example.com/x',
  'registry..example.com/x',
  '[::1]:5000/x',
  '[::1]/registry.example.com/x',
  hex,
  `sha256:${hex}`,
  `@sha256:${hex}`,
  'scratch',
  'nginx',
  'library/nginx',
];

test('B14: what is no reference in full, in plain lower-case ASCII, comes from no registry', async (t) => {
  const gate = await gateOf(t, ['allowed-registries', 'images-by-digest']);
  const want = /^denied allowed-registries\/fully-qualified/;
  const rows = invalid.flatMap((image): Row[] => [
    { what: image, want, pod: podWith({ image }) },
    { what: image + digest, want, pod: podWith({ image: image + digest }) },
    { what: image, want, pod: podOf({ volumes: [{ name: 'v', image: { reference: image } }] }) },
  ]);
  await judged(t, gate, rows);
});

test('B14: an image of another type is refused, and so is a container without one', async (t) => {
  const gate = await gateOf(t, ['allowed-registries', 'images-by-digest']);
  for (const image of [undefined, null, 7, true, [], [`${host}/x${digest}`], {}, { image: 'x' }]) {
    const pod = JSON.stringify(podWith({ image }));
    t.match(await gate.said(reviewOf({ object: JSON.parse(pod) })), /^denied /, pod);
    t.match(await gate.checked(pod), /^denied /, `${pod} through check`);
  }
  for (const reference of [undefined, null, 7, []]) {
    const pod = podOf({ volumes: [{ name: 'v', image: { reference } }] });
    t.match(await gate.said(reviewOf({ object: pod })), /^denied /, String(reference));
  }
});

/** Of distribution's grammar: a name has at most 255 characters. */
test('B14: a name of more than 255 characters is no reference', async (t) => {
  const gate = await gateOf(t, ['allowed-registries']);
  const image = `${host}/${'x'.repeat(256)}`;
  t.match(await gate.said(reviewOf({ object: podWith({ image }) })), /^denied /);
});

const plain: readonly string[] = [
  `${host}/x`,
  `${host}/shop/web`,
  `${host}/shop/web-1_2.3__4--5`,
  `${host}/0/1/2`,
  `${host}/${hex}`,
  'registry.k8s.io/pause',
];

test('B14: plain references under an allowed registry are allowed, by tag and by digest', async (t) => {
  const gate = await gateOf(t, ['allowed-registries']);
  for (const name of plain) {
    for (const suffix of ['', ':v1', `:${'t'.repeat(128)}`, digest, `:v1${digest}`]) {
      const pod = podWith({ image: name + suffix });
      t.equal(await gate.said(reviewOf({ object: pod })), 'allowed', name + suffix);
    }
  }
});

/** What follows the name, and whether it pins the content. */
const pins: readonly [string, boolean][] = [
  ['', false],
  [':latest', false],
  [':v1', false],
  [`:${hex}`, false],
  [`:sha256-${hex}`, false],
  [`@sha256:${hex}`, true],
  [`:v1@sha256:${hex}`, true],
  [`:latest@sha256:${hex}`, true],
  [`@sha256:${hex.slice(1)}`, false],
  [`@sha256:${hex}a`, false],
  [`@sha256:${hex.toUpperCase()}`, false],
  [`@sha256:${'g'.repeat(64)}`, false],
  [`@SHA256:${hex}`, false],
  [`@sha-256:${hex}`, false],
  [`@sha256+b64:${hex}`, false],
  [`@sha512:${'a'.repeat(128)}`, false],
  [`@sha384:${'a'.repeat(96)}`, false],
  [`@md5:${'a'.repeat(32)}`, false],
  [`@md5:${hex}`, false],
  [`@sha256:${hex} `, false],
  [`@sha256:${hex}\n`, false],
  [`@sha256:${hex}\u0000`, false],
  [`@sha256: ${hex}`, false],
  [`@sha256${hex}`, false],
  [`sha256:${hex}`, false],
  [`@sha256:${hex}@v1`, false],
];

test('B15: only sha256 and its 64 lower-case digits pin an image; a tag before them counts for nothing', async (t) => {
  const gate = await gateOf(t, ['images-by-digest']);
  const rows = pins.map(([suffix, pinned]): Row => {
    const want = pinned ? /^allowed$/ : /^denied images-by-digest\/digest$/;
    return { what: suffix, want, pod: podWith({ image: `${host}/x${suffix}` }) };
  });
  await judged(t, gate, rows);
});
