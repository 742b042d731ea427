// Certificates of those who would like to be an authority: one of the same name, and the owner of a certificate who signs
// another one with it. Only what the trust root itself holds issues certificates.

import { test } from 'tap';
import { exact, imageOf, keyless } from './corpus/corpus.ts';
import { verdict } from './corpus/verdict.ts';
import {
  bundleOf,
  entryBody,
  envelopeOf,
  issuedBy,
  openWorkshop,
  type Signing,
  statementAbout,
  type Workshop,
} from './corpus/workshop.ts';

const image = imageOf('unsigned');

function verdictOn(workshop: Workshop, signing: Signing): string {
  const envelope = envelopeOf(statementAbout(image), [signing]);
  const entries = [workshop.entry(entryBody(envelope, signing))];
  const identity = { issuer: null, subject: exact('dev@example.com') };
  const authority = keyless({
    identities: [identity],
    trustRoot: workshop.trustRoot,
    insecureIgnoreSCT: true,
  });
  return verdict([bundleOf(envelope, signing, { entries })], authority, image);
}

test('an authority of the same name as a trusted one issues nothing', async (t) => {
  const [ours, theirs] = [await openWorkshop(), await openWorkshop()];
  t.equal(verdictOn(ours, await ours.issue()), 'signed');
  t.equal(verdictOn(ours, await theirs.issue()), 'image-signature-chain');
});

test('the owner of a certificate is no authority, whatever name the issuer has', async (t) => {
  const workshop = await openWorkshop();
  const owner = await workshop.issue({ names: [{ type: 'email', value: 'other@example.com' }] });
  t.equal(verdictOn(workshop, owner), 'image-signature-identity');
  for (const issuer of ['', 'CN=Intermediate', 'CN=Root']) {
    t.equal(verdictOn(workshop, await issuedBy(owner, issuer)), 'image-signature-chain', issuer);
  }
});
