// Whatever byte of what cosign made is changed, verification neither throws nor says anything that nobody signed.
import fc from 'fast-check';
import { test } from 'tap';
import type { Artefact } from '../../src/images/artefact.ts';
import type { Authority } from '../../src/images/model.ts';
import {
  attachedTo,
  imageOf,
  keyed,
  keyless,
  localRoot,
  scanType,
  withBody,
} from './corpus/corpus.ts';
import { evidenceOf } from './corpus/verdict.ts';

const numRuns = Number(process.env['SEKISHO_RUNS'] ?? 300);

const scans = { predicateTypes: [scanType] };
const logged = { transparencyLog: localRoot };
const signed: readonly (readonly [repository: string, authority: Authority])[] = [
  ['p256/legacy', keyed('p256')],
  ['ed25519/bundle', keyed('ed25519')],
  ['logged/legacy', keyed('p256', logged)],
  ['attested/legacy', keyed('p256', scans)],
  ['keyless/bundle', keyless()],
  ['keyless/legacy', keyless({}, scans)],
  ['stamped', keyless()],
];

/** What a verified signature says: all of it must have been signed. */
function said(artefacts: readonly Artefact[], authority: Authority, repository: string): string[] {
  const { signatures, attestations } = evidenceOf(artefacts, authority, imageOf(repository));
  return [...signatures, ...attestations].map((one) => JSON.stringify({ ...one, artefact: null }));
}

const edits = fc.array(fc.record({ at: fc.nat(), to: fc.nat(255) }), {
  minLength: 1,
  maxLength: 4,
});

function edited(bytes: Buffer, changes: readonly { at: number; to: number }[]): Buffer {
  const copy = Buffer.from(bytes);
  for (const { at, to } of changes) if (copy.length > 0) copy[at % copy.length] = to;
  return copy;
}

for (const [repository, authority] of signed) {
  test(`changed bytes add nothing to ${repository}`, async (t) => {
    const artefacts = await attachedTo(repository);
    const known = said(artefacts, authority, repository);
    t.ok(known.length > 0, 'as it is, it is signed');
    const property = fc.property(fc.nat(), fc.nat(3), edits, (which, part, changes) => {
      const artefact = artefacts[which % artefacts.length];
      if (artefact === undefined) return false;
      const names = Object.keys(artefact.annotations);
      const name = names[part % Math.max(names.length, 1)];
      const changed =
        name === undefined || part === 3
          ? withBody(artefact, edited(Buffer.from(artefact.body), changes))
          : withAnnotation(artefact, name, changes);
      return said([changed], authority, repository).every((one) => known.includes(one));
    });
    fc.assert(property, { numRuns });
  });
}

function withAnnotation(
  artefact: Artefact,
  name: string,
  changes: readonly { at: number; to: number }[],
): Artefact {
  const text = edited(Buffer.from(artefact.annotations[name] ?? ''), changes).toString('latin1');
  return { ...artefact, annotations: { ...artefact.annotations, [name]: text } };
}
