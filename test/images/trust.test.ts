// Trust roots as they are shipped and as the library takes them.
import { X509Certificate } from 'node:crypto';
import { test } from 'tap';
import { openTrustRoots } from '../../src/images/trust/material.ts';
import { publicGoodRoot } from '../../src/images/trust/public-good.ts';
import { localRoot } from './corpus/corpus.ts';

test('the root of the public instance has all that keyless needs, and ends in its own authority', (t) => {
  const { name, material } = openTrustRoots()(publicGoodRoot);
  t.equal(name, 'public-good');
  t.strictSame(
    material.tlogs.map(({ baseURL }) => baseURL),
    ['https://rekor.sigstore.dev', 'https://log2025-1.rekor.sigstore.dev'],
  );
  t.equal(material.ctlogs.length, 2);
  t.equal(material.timestampAuthorities.length, 1);
  for (const { certChain } of material.certificateAuthorities) {
    const root = new X509Certificate(certChain.at(-1)?.root.toDER() ?? '');
    t.equal(root.subject, 'O=sigstore.dev\nCN=sigstore');
    t.ok(root.verify(root.publicKey), 'signed by itself');
  }
  t.end();
});

test('roots with the same content vouch for the same, whatever their names', (t) => {
  const open = openTrustRoots();
  const [one, other] = [open(localRoot), open({ ...localRoot, name: 'other' })];
  t.equal(one.id, other.id);
  t.equal(one.material, other.material, 'and are parsed once');
  t.equal(other.name, 'other');
  t.not(open(publicGoodRoot).id, one.id);
  t.end();
});
