// Every way to break or forge what cosign made, by editing the committed corpus: each is refused with a code of its own,
// and none is ever taken for a signature.
import { test } from 'tap';
import type { Digest } from '../../src/base/brand.ts';
import { getIn, isObject, type JsonObject } from '../../src/base/json.ts';
import type { Artefact } from '../../src/images/artefact.ts';
import type { Authority } from '../../src/images/model.ts';
import { publicGoodRoot } from '../../src/images/trust/public-good.ts';
import {
  attachedTo,
  imageOf,
  keyed,
  keyless,
  keyPem,
  localRoot,
  provenanceType,
  rootWith,
  scanType,
  withBody,
} from './corpus/corpus.ts';
import { evidenceOf, verdict } from './corpus/verdict.ts';

type Edit = (artefact: Artefact, others: readonly Artefact[]) => Artefact | readonly Artefact[];
type Case = {
  readonly rule: string;
  readonly of: string;
  readonly edit?: Edit;
  readonly under?: Authority;
  readonly digest?: Digest;
  readonly verdict: string;
};

type EnvelopeJson = { payload: string; payloadType: string; signatures: { sig: string }[] };
type EntryJson = {
  kindVersion: { kind: string; version: string };
  inclusionPromise?: object | undefined;
  inclusionProof: { checkpoint: { envelope: string } };
};
type BundleJson = {
  verificationMaterial: { tlogEntries: EntryJson[]; certificate: { rawBytes: string } };
  dsseEnvelope: EnvelopeJson;
  messageSignature?: object;
};
type LegacyEntryJson = { Payload: { integratedTime: number; logIndex: number } };

const jsonOf = (artefact: Artefact | undefined) =>
  JSON.parse(Buffer.from(artefact?.body ?? '').toString());

const firstEntry = ({ verificationMaterial }: BundleJson): EntryJson => {
  const [first] = verificationMaterial.tlogEntries;
  if (first === undefined) throw new Error('the bundle has no log entry');
  return first;
};

/** Edits the JSON that a bundle or an envelope is. */
const json =
  (edit: (bundle: BundleJson, others: readonly Artefact[]) => unknown): Edit =>
  (artefact, others) => {
    const value = jsonOf(artefact);
    edit(value, others);
    return withBody(artefact, JSON.stringify(value));
  };

const text =
  (from: string, to: string): Edit =>
  (artefact) =>
    withBody(artefact, Buffer.from(artefact.body).toString().replace(from, to));

const cosign = (name: string): string => `dev.sigstore.cosign/${name}`;
const signatureName = 'dev.cosignproject.cosign/signature';

const annotated =
  (changes: Readonly<Record<string, string>>): Edit =>
  (artefact) => ({ ...artefact, annotations: { ...artefact.annotations, ...changes } });

/** Edits the log entry that a legacy layer carries. */
const entry = (edit: (value: LegacyEntryJson) => unknown): Edit => {
  return (artefact) => {
    const value = JSON.parse(artefact.annotations[cosign('bundle')] ?? '');
    edit(value);
    const annotations = { ...artefact.annotations, [cosign('bundle')]: JSON.stringify(value) };
    return { ...artefact, annotations };
  };
};

const payload =
  (from: string, to: string): Edit =>
  (artefact) => {
    const value = jsonOf(artefact);
    const envelope: EnvelopeJson = value.dsseEnvelope ?? value;
    const signed = Buffer.from(envelope.payload, 'base64').toString();
    envelope.payload = Buffer.from(signed.replace(from, to)).toString('base64');
    return withBody(artefact, JSON.stringify(value));
  };

const as =
  (kind: Artefact['kind']): Edit =>
  (artefact) => ({ ...artefact, kind });

/** What the other bundles of the same image carry beside theirs: as good as any forger's own. */
const anothers = (part: 'tlogEntries' | 'certificate'): Edit =>
  json(({ verificationMaterial }, [other]) => {
    const { [part]: of } = jsonOf(other).verificationMaterial;
    Object.assign(verificationMaterial, { [part]: of });
  });

const otherImage = imageOf('unsigned');
const logged = { transparencyLog: localRoot };
const scans = keyed('p256', { predicateTypes: [scanType] });

const cases: readonly Case[] = [
  {
    rule: 'of another image, legacy',
    of: 'p256/legacy',
    digest: otherImage,
    verdict: 'image-signature-digest',
  },
  {
    rule: 'of another image, bundle',
    of: 'p256/bundle',
    digest: otherImage,
    verdict: 'image-signature-digest',
  },
  {
    rule: 'attestation of another image',
    of: 'attested/bundle',
    under: scans,
    digest: otherImage,
    verdict: 'image-signature-digest',
  },
  {
    rule: 'attestation of another image, legacy',
    of: 'attested/legacy',
    under: scans,
    digest: otherImage,
    verdict: 'image-signature-digest',
  },
  {
    rule: 'moved to another image by editing',
    of: 'p256/legacy',
    edit: text(imageOf('p256/legacy'), otherImage),
    digest: otherImage,
    verdict: 'image-signature-key',
  },
  {
    rule: 'edited payload',
    of: 'p256/bundle',
    edit: payload('prod', 'test'),
    verdict: 'image-signature-invalid',
  },
  {
    rule: 'edited payload, legacy',
    of: 'p256/legacy',
    edit: text('prod', 'test'),
    verdict: 'image-signature-key',
  },
  {
    rule: 'edited payload, keyless',
    of: 'keyless/legacy',
    edit: text('prod', 'test'),
    verdict: 'image-signature-invalid',
  },
  {
    rule: 'edited predicate',
    of: 'attested/bundle',
    edit: payload('LOW', 'NONE'),
    under: scans,
    verdict: 'image-signature-invalid image-attestation-type',
  },
  { rule: 'another key', of: 'p256/legacy', under: keyed('p384'), verdict: 'image-signature-key' },
  {
    rule: 'another key, which the bundle names',
    of: 'p256/bundle',
    under: keyed('rsa'),
    verdict: 'image-signature-key',
  },
  {
    rule: 'another hash than the policy says',
    of: 'p256/legacy',
    under: withHash('sha512'),
    verdict: 'image-signature-key',
  },
  {
    rule: 'keyless under a key',
    of: 'keyless/bundle',
    under: keyed('p256'),
    verdict: 'image-signature-method',
  },
  {
    rule: 'a key under keyless',
    of: 'p256/bundle',
    under: keyless(),
    verdict: 'image-signature-method',
  },
  {
    rule: 'the log entry stripped, under a key that wants one',
    of: 'logged/legacy',
    edit: annotated({ [cosign('bundle')]: '' }),
    under: keyed('p256', logged),
    verdict: 'image-signature-log-missing',
  },
  {
    rule: 'no log entry where one is wanted',
    of: 'p256/bundle',
    under: keyed('p256', logged),
    verdict: 'image-signature-log-missing',
  },
  {
    rule: 'no timestamp where one is wanted',
    of: 'p256/bundle',
    under: keyed('p256', { timestamps: localRoot }),
    verdict: 'image-signature-time-missing',
  },
  {
    rule: 'a log entry where a timestamp is wanted',
    of: 'keyless/bundle',
    under: keyless({}, { timestamps: localRoot }),
    verdict: 'image-signature-time-missing',
  },
  {
    rule: 'a timestamp where a log entry is wanted',
    of: 'stamped',
    under: keyless({}, logged),
    verdict: 'image-signature-log-missing',
  },
  {
    rule: 'the log entry stripped, keyless',
    of: 'keyless/legacy',
    edit: annotated({ [cosign('bundle')]: '' }),
    verdict: 'image-signature-time-missing',
  },
  {
    rule: 'the log entry stripped, keyless bundle',
    of: 'keyless/bundle',
    edit: json((b) => {
      b.verificationMaterial.tlogEntries = [];
    }),
    verdict: 'image-signature-time-missing',
  },
  {
    rule: 'another time in the log entry',
    of: 'keyless/legacy',
    edit: entry((e) => e.Payload.integratedTime++),
    verdict: 'image-signature-log',
  },
  {
    rule: 'another index in the log entry',
    of: 'logged/legacy',
    edit: entry((e) => e.Payload.logIndex++),
    under: keyed('p256', logged),
    verdict: 'image-signature-log',
  },
  {
    rule: 'no promise of the log, and no proof',
    of: 'keyless/bundle',
    edit: json((b) => {
      firstEntry(b).inclusionPromise = undefined;
      firstEntry(b).inclusionProof.checkpoint.envelope = '';
    }),
    verdict: 'image-signature-log',
  },
  {
    rule: 'a proof without the time of a promise',
    of: 'keyless/bundle',
    edit: json((b) => {
      firstEntry(b).inclusionPromise = undefined;
    }),
    verdict: 'image-signature-time-missing',
  },
  {
    rule: 'the log entry of another signature',
    of: 'keyless/bundle',
    edit: anothers('tlogEntries'),
    verdict: 'image-signature-log-other',
  },
  {
    rule: 'a log entry of a kind that is not read',
    of: 'keyless/bundle',
    edit: json((b) => {
      firstEntry(b).kindVersion = { kind: 'intoto', version: '0.0.1' };
    }),
    verdict: 'image-signature-log-kind',
  },
  {
    rule: 'the certificate of another signature',
    of: 'keyless/bundle',
    edit: anothers('certificate'),
    verdict: 'image-signature-invalid',
  },
  {
    rule: 'the certificate stripped',
    of: 'keyless/legacy',
    edit: annotated({ [cosign('certificate')]: '' }),
    verdict: 'image-signature-method',
  },
  {
    rule: 'a bare key for the certificate (GHSA-fx35-mq7g-6g98)',
    of: 'keyless/legacy',
    edit: annotated({ [cosign('certificate')]: keyPem('p256') }),
    verdict: 'image-signature-certificate',
  },
  {
    rule: 'a bare key for the certificate, bundle',
    of: 'keyless/bundle',
    edit: json((b) => {
      b.verificationMaterial.certificate.rawBytes = keyPem('p256').replace(/-.*-\n|\n/g, '');
    }),
    verdict: 'image-signature-certificate',
  },
  {
    rule: 'an authority that the trust root does not have',
    of: 'keyless/legacy',
    under: under({ certificateAuthorities: [] }),
    verdict: 'image-signature-chain',
  },
  {
    rule: 'a log that the trust root does not have',
    of: 'keyless/legacy',
    under: under({ tlogs: [] }),
    verdict: 'image-signature-log',
  },
  {
    rule: 'a certificate log that the trust root does not have',
    of: 'keyless/legacy',
    under: under({ ctlogs: [] }),
    verdict: 'image-signature-sct',
  },
  {
    rule: 'a timestamp authority that the trust root does not have',
    of: 'stamped',
    under: under({ timestampAuthorities: [] }),
    verdict: 'image-signature-timestamp',
  },
  {
    rule: 'another instance of Sigstore',
    of: 'keyless/bundle',
    under: keyless({ trustRoot: publicGoodRoot }),
    verdict: 'image-signature-log',
  },
  {
    rule: 'an authority that was trusted until earlier',
    of: 'keyless/legacy',
    under: under({ certificateAuthorities: [ended('certificateAuthorities')] }),
    verdict: 'image-signature-expired',
  },
  {
    rule: 'another predicate type',
    of: 'attested/bundle',
    under: keyed('p256', { predicateTypes: ['https://example.com/review/v1'] }),
    verdict: 'image-attestation-type',
  },
  {
    rule: 'another predicate type by one letter',
    of: 'attested/legacy',
    under: keyed('p256', { predicateTypes: [`${provenanceType}.1`] }),
    verdict: 'image-attestation-type',
  },
  {
    rule: 'a signature where an attestation is wanted',
    of: 'p256/bundle',
    under: scans,
    verdict: 'nothing',
  },
  {
    rule: 'an attestation where a signature is wanted',
    of: 'attested/bundle',
    under: keyed('p256'),
    verdict: 'nothing',
  },
  {
    rule: 'an attestation under the tag of signatures',
    of: 'attested/legacy',
    edit: as('signature'),
    under: keyed('p256'),
    verdict: 'image-artefact-unreadable',
  },
  {
    rule: 'a signature under the tag of attestations',
    of: 'p256/legacy',
    edit: as('attestation'),
    under: scans,
    verdict: 'image-artefact-unreadable',
  },
  {
    rule: 'another type in the payload',
    of: 'p256/legacy',
    edit: text('cosign container image', 'atomic container'),
    verdict: 'image-signature-type',
  },
  {
    rule: 'another type of payload',
    of: 'p256/bundle',
    edit: json((b) => {
      b.dsseEnvelope.payloadType = 'text/plain';
    }),
    verdict: 'image-signature-type',
  },
  {
    rule: 'a statement of another type',
    of: 'p256/bundle',
    edit: payload('in-toto.io/Statement/v1', 'in-toto.io/Statement/v2'),
    verdict: 'image-signature-type',
  },
  {
    rule: 'a bundle that signs a file',
    of: 'p256/bundle',
    edit: json(asMessage),
    verdict: 'image-signature-message',
  },
  {
    rule: 'two signatures in a bundle',
    of: 'p256/bundle',
    edit: json((b) =>
      b.dsseEnvelope.signatures.push({ ...(b.dsseEnvelope.signatures[0] ?? { sig: '' }) }),
    ),
    verdict: 'image-artefact-unreadable',
  },
  {
    rule: 'no signature in a bundle',
    of: 'p256/bundle',
    edit: json((b) => {
      b.dsseEnvelope.signatures = [];
    }),
    verdict: 'image-artefact-unreadable',
  },
  {
    rule: 'no signature beside the payload',
    of: 'p256/legacy',
    edit: annotated({ [signatureName]: '' }),
    verdict: 'image-artefact-unreadable',
  },
  {
    rule: 'a signature that is no base64',
    of: 'p256/legacy',
    edit: annotated({ [signatureName]: '!!!' }),
    verdict: 'image-signature-key',
  },
  {
    rule: 'a log entry that is no JSON',
    of: 'keyless/legacy',
    edit: annotated({ [cosign('bundle')]: '{' }),
    verdict: 'image-artefact-unreadable',
  },
  {
    rule: 'a log entry of null',
    of: 'keyless/legacy',
    edit: annotated({ [cosign('bundle')]: 'null' }),
    verdict: 'image-artefact-unreadable',
  },
  {
    rule: 'a certificate that is garbage',
    of: 'keyless/legacy',
    edit: annotated({ [cosign('certificate')]: 'garbage' }),
    verdict: 'image-signature-certificate',
  },
  {
    rule: 'many copies of a log entry',
    of: 'keyless/bundle',
    edit: json((b) => {
      b.verificationMaterial.tlogEntries = Array(1000).fill(firstEntry(b));
    }),
    verdict: 'image-artefact-unreadable',
  },
  {
    rule: 'a payload nested very deep',
    of: 'p256/bundle',
    edit: json((b) => {
      b.dsseEnvelope.payload = Buffer.from('['.repeat(100_000)).toString('base64');
    }),
    verdict: 'image-artefact-unreadable',
  },
  {
    rule: 'a payload with a key twice',
    of: 'p256/bundle',
    edit: payload('{', '{"_type":"x",'),
    verdict: 'image-artefact-unreadable',
  },
  ...[
    '',
    'null',
    '[]',
    '{}',
    '7',
    '{"mediaType":7}',
    '{"__proto__":{"mediaType":"x"}}',
    '\u0000\u00ff',
  ].map((body) => ({
    rule: `a bundle that is ${JSON.stringify(body)}`,
    of: 'p256/bundle',
    edit: (artefact: Artefact) => withBody(artefact, body),
    verdict: 'image-artefact-unreadable',
  })),
];

function under(changes: JsonObject): Authority {
  return keyless({ trustRoot: rootWith(changes) });
}

function ended(part: string): JsonObject {
  const first = getIn(localRoot.json, [part, 0]);
  const end = '2021-01-01T00:00:00Z';
  return { ...(isObject(first) ? first : {}), validFor: { start: '2020-01-01T00:00:00Z', end } };
}

function withHash(hashAlgorithm: 'sha512'): Authority {
  const authority = keyed('p256');
  return { ...authority, signers: { kind: 'keys', keys: [keyPem('p256')], hashAlgorithm } };
}

function asMessage(bundle: Partial<BundleJson>): void {
  const signature = bundle.dsseEnvelope?.signatures[0]?.sig;
  const digest = Buffer.alloc(32).toString('base64');
  bundle.messageSignature = { messageDigest: { algorithm: 'SHA2_256', digest }, signature };
  delete bundle.dsseEnvelope;
}

function defaultAuthority(repository: string): Authority {
  return /^(keyless|stamped)/.test(repository) ? keyless() : keyed('p256');
}

/** The signature of an image, not its attestations; or all of them where attestations are asked for. */
function targetsOf(artefacts: readonly Artefact[], authority: Authority): readonly Artefact[] {
  const wantsAll = authority.predicateTypes.length > 0;
  const isSignature = (artefact: Artefact): boolean =>
    artefact.kind === 'signature' ||
    (artefact.kind === 'bundle' &&
      Buffer.from(jsonOf(artefact).dsseEnvelope.payload, 'base64').includes('cosign/sign/v1'));
  const signatures = artefacts.filter(isSignature);
  return wantsAll || signatures.length === 0 ? artefacts : signatures;
}

for (const each of cases) {
  test(`refused: ${each.rule}: ${each.verdict}`, async (t) => {
    const { of, edit, under: authority = defaultAuthority(of), digest = imageOf(of) } = each;
    const artefacts = await attachedTo(of);
    const targets = targetsOf(artefacts, authority);
    const others = artefacts.filter((artefact) => !targets.includes(artefact));
    const edited = targets.flatMap((artefact) => edit?.(artefact, others) ?? artefact);
    t.equal(verdict(edited, authority, digest), each.verdict);
    if (edit !== undefined && each.digest === undefined) {
      const before = verdict(targets, authority, digest);
      t.match(before, /^(signed|attested|nothing)/, 'and only the edit makes it so');
    }
  });
}

const repeated: readonly (readonly [rule: string, of: string, edit: Edit])[] = [
  ['attached twice', 'p256/bundle', (artefact) => [artefact, artefact]],
  ['attached in two layers, legacy', 'p256/legacy', (artefact) => [artefact, artefact]],
  [
    'in a bundle with other spaces',
    'p256/bundle',
    (artefact) => [artefact, withBody(artefact, ` ${Buffer.from(artefact.body)}`)],
  ],
  [
    'with its log entry twice',
    'keyless/bundle',
    json((b) => {
      b.verificationMaterial.tlogEntries = [firstEntry(b), firstEntry(b)];
    }),
  ],
];

for (const [rule, of, edit] of repeated) {
  test(`a signature counts once: ${rule}`, async (t) => {
    const authority = defaultAuthority(of);
    const artefacts = targetsOf(await attachedTo(of), authority);
    const edited = artefacts.flatMap((artefact) => edit(artefact, []));
    t.equal(evidenceOf(edited, authority, imageOf(of)).signatures.length, 1);
  });
}

test('a bad artefact beside a good one changes nothing but is told', async (t) => {
  const [good] = await attachedTo('p256/bundle');
  if (good === undefined) throw new Error('the corpus has no signature');
  const evidence = evidenceOf(
    [withBody(good, 'garbage'), good],
    keyed('p256'),
    imageOf('p256/bundle'),
  );
  t.equal(evidence.signatures.length, 1);
  t.match(evidence.rejected, [{ code: 'image-artefact-unreadable' }]);
});

test('what is told of rejected artefacts is bounded, however many there are', async (t) => {
  const [good] = await attachedTo('p256/bundle');
  if (good === undefined) throw new Error('the corpus has no signature');
  const bad = Array.from({ length: 50 }, (_, i) =>
    withBody(good, `{"mediaType":"${'x'.repeat(5000)}${i}"}`),
  );
  const { rejected } = evidenceOf(bad, keyed('p256'), otherImage);
  t.equal(rejected.length, 20);
  t.ok(rejected.every(({ message }) => message.length <= 1000));
});
