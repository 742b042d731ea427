// What cosign would not make, signed by an own certificate authority and log: names of every kind, certificates that were
// not valid, witnesses of something else, envelopes with several signatures, keys of every type.
import { constants, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { ed25519ph } from '@noble/curves/ed25519.js';
import { type Test, test } from 'tap';
import { getIn, type JsonObject } from '../../src/base/json.ts';
import type { Artefact } from '../../src/images/artefact.ts';
import type { Authority, Identity } from '../../src/images/model.ts';
import { withLogAt } from '../../src/policy/images/logs.ts';
import { exact, imageOf, keyless, scanType, withKeys } from './corpus/corpus.ts';
import { evidenceOf as evidenceOn, verdict as verdictOn } from './corpus/verdict.ts';
import {
  type Beside,
  bareKey,
  bundleOf,
  type Envelope,
  entryBody,
  envelopeOf,
  type LeafRequest,
  latestBundleOf,
  layerOf,
  minutes,
  openWorkshop,
  rekor2Body,
  type Signing,
  type Spans,
  statementAbout,
  type Workshop,
} from './corpus/workshop.ts';

const image = imageOf('unsigned');
const verdict = (artefacts: readonly Artefact[], authority: Authority) =>
  verdictOn(artefacts, authority, image);
const evidenceOf = (artefacts: readonly Artefact[], authority: Authority) =>
  evidenceOn(artefacts, authority, image);

const dev: Identity = {
  issuer: exact('https://login.example.com'),
  subject: exact('dev@example.com'),
};

function under(workshop: Workshop, identities: readonly Identity[] = [dev]): Authority {
  return keyless({ identities, trustRoot: workshop.trustRoot, insecureIgnoreSCT: true });
}

const signature = statementAbout(image);
const scan = statementAbout(image, { predicateType: scanType, predicate: { ok: true } });

type Scene = {
  readonly workshop: Workshop;
  readonly signing: Signing;
  readonly envelope: Envelope;
};

type Case = {
  readonly rule: string;
  readonly spans?: Spans;
  readonly leaf?: LeafRequest;
  readonly statement?: JsonObject;
  /** Without: an entry of the log about this very signature. */
  readonly beside?: (scene: Scene) => Promise<Beside> | Beside;
  readonly identities?: readonly Identity[];
  readonly change?: (authority: Authority, workshop: Workshop) => Authority;
  readonly verdict: string;
  /** A part of the message. */
  readonly tells?: string;
};

const named = (subject: string): readonly Identity[] => [{ issuer: null, subject: exact(subject) }];
const ownEntry = ({ workshop, signing, envelope }: Scene): Beside => ({
  entries: [workshop.entry(entryBody(envelope, signing))],
});
const stampOf = async ({ workshop, envelope }: Scene): Promise<Buffer> =>
  workshop.stamp(Buffer.from(envelope.signatures[0]?.sig ?? '', 'base64'));
const past = [minutes(-60), minutes(-50)] as const;
const needingSct = (authority: Authority): Authority =>
  authority.signers.kind === 'keyless'
    ? { ...authority, signers: { ...authority.signers, insecureIgnoreSCT: false } }
    : authority;

const foreign = await openWorkshop();
const foreignEntry = ({ signing, envelope }: Scene): Beside => ({
  entries: [foreign.entry(entryBody(envelope, signing))],
});
const [ours, theirs] = ['https://ours.example.test', 'https://theirs.example.test'];

/** A trust root with two logs, of which the authority names one, or with "" none. */
function ofTwoLogs(url: string): NonNullable<Case['change']> {
  const at = ({ trustRoot }: Workshop, baseUrl: string): JsonObject => ({
    ...Object(getIn(trustRoot.json, ['tlogs', 0])),
    baseUrl,
  });
  return (authority, workshop) => {
    const tlogs = [at(workshop, ours), at(foreign, theirs)];
    const trustRoot = { name: 'two', json: { ...workshop.trustRoot.json, tlogs } };
    return { ...authority, transparencyLog: withLogAt(trustRoot, url) ?? null };
  };
}

const cases: readonly Case[] = [
  { rule: 'an own authority, with its log', verdict: 'signed' },
  {
    rule: 'a certificate without a SCT, where one is wanted',
    change: needingSct,
    verdict: 'image-signature-sct',
  },
  {
    rule: 'expired certificate',
    leaf: { span: past },
    verdict: 'image-signature-expired',
    tells: `its certificate was valid from ${past[0].toISOString()}`,
  },
  {
    rule: 'certificate that is not yet valid',
    leaf: { span: [minutes(1), minutes(9)] },
    verdict: 'image-signature-expired',
  },
  {
    rule: 'expired intermediate',
    spans: { intermediate: past },
    verdict: 'image-signature-expired',
    tells: '(intermediate)',
  },
  {
    rule: 'expired root',
    spans: { root: past },
    verdict: 'image-signature-expired',
    tells: '(root)',
  },
  {
    rule: 'certificate for a TLS server',
    leaf: { usage: '1.3.6.1.5.5.7.3.1' },
    verdict: 'image-signature-certificate',
    tells: 'code signing',
  },
  {
    rule: 'the name of a workload',
    leaf: { names: [{ type: 'url', value: 'spiffe://example.com/ci' }] },
    identities: named('spiffe://example.com/ci'),
    verdict: 'signed',
  },
  {
    rule: 'the name of a host',
    leaf: { names: [{ type: 'dns', value: 'ci.example.com' }] },
    identities: named('ci.example.com'),
    verdict: 'signed',
  },
  {
    rule: 'any of several names',
    leaf: {
      names: [
        { type: 'url', value: 'https://ci.example.com' },
        { type: 'email', value: 'dev@example.com' },
      ],
    },
    verdict: 'signed',
  },
  {
    rule: 'an address is no name',
    leaf: { names: [{ type: 'ip', value: '127.0.0.1' }] },
    identities: named('127.0.0.1'),
    verdict: 'image-signature-identity',
  },
  {
    rule: 'no name at all',
    leaf: { names: [] },
    verdict: 'image-signature-identity',
    tells: 'nobody',
  },
  {
    rule: 'the right subject by another issuer',
    leaf: { issuer: 'https://login.example.org' },
    verdict: 'image-signature-identity',
    tells: '"https://login.example.org"',
  },
  {
    rule: 'a timestamp instead of a log',
    beside: async (scene) => ({ stamps: [await stampOf(scene)] }),
    verdict: 'signed',
  },
  {
    rule: 'a timestamp over something else',
    beside: async ({ workshop }) => ({ stamps: [await workshop.stamp(Buffer.from('else'))] }),
    verdict: 'image-signature-timestamp',
  },
  {
    rule: 'a timestamp over something else, beside a log entry',
    beside: async (scene) => ({
      ...ownEntry(scene),
      stamps: [await scene.workshop.stamp(Buffer.from('else'))],
    }),
    verdict: 'signed',
  },
  {
    rule: 'a timestamp that is garbage',
    beside: () => ({ stamps: [Buffer.from('garbage')] }),
    verdict: 'image-signature-timestamp',
  },
  {
    rule: 'neither log nor timestamp',
    beside: () => ({}),
    verdict: 'image-signature-time-missing',
  },
  {
    rule: 'both are wanted, and one is there',
    change: (authority, { trustRoot }) => ({
      ...authority,
      timestamps: trustRoot,
      transparencyLog: trustRoot,
    }),
    verdict: 'image-signature-time-missing',
  },
  {
    rule: 'both are wanted and there',
    beside: async (scene) => ({ ...ownEntry(scene), stamps: [await stampOf(scene)] }),
    change: (authority, { trustRoot }) => ({
      ...authority,
      timestamps: trustRoot,
      transparencyLog: trustRoot,
    }),
    verdict: 'signed',
  },
  {
    rule: 'a log entry that names a bare key',
    beside: (scene) => ({ entries: [scene.workshop.entry(withVerifier(scene, bareKeyPem()))] }),
    verdict: 'image-signature-log-other',
    tells: 'another key',
  },
  {
    rule: 'a log entry that names the certificate of somebody else',
    beside: async (scene) => ({
      entries: [scene.workshop.entry(entryBody(scene.envelope, await scene.workshop.issue()))],
    }),
    verdict: 'image-signature-log-other',
  },
  {
    rule: 'a log entry about another payload',
    beside: (scene) => ({
      entries: [scene.workshop.entry(withPayloadHash(scene, '0'.repeat(64)))],
    }),
    verdict: 'image-signature-log-other',
    tells: 'another signature',
  },
  {
    rule: 'a log entry about another signature',
    beside: (scene) => ({
      entries: [
        scene.workshop.entry(entryBody(envelopeOf(signature, [scene.signing]), scene.signing)),
      ],
    }),
    verdict: 'image-signature-log-other',
  },
  {
    rule: 'the log entry of another log',
    beside: async (scene) => ({
      entries: [(await openWorkshop()).entry(entryBody(scene.envelope, scene.signing))],
    }),
    verdict: 'image-signature-log',
    tells: '"workshop"',
  },
  { rule: 'an entry of one of two logs', change: ofTwoLogs(''), verdict: 'signed' },
  {
    rule: 'an entry of the other one',
    beside: foreignEntry,
    change: ofTwoLogs(''),
    verdict: 'signed',
  },
  { rule: 'an entry of the log that is asked for', change: ofTwoLogs(ours), verdict: 'signed' },
  {
    rule: 'an entry of a log of the trust root that is not asked for',
    beside: foreignEntry,
    change: ofTwoLogs(ours),
    verdict: 'image-signature-log',
    tells: `"two (${ours})"`,
  },
  {
    rule: 'one good log entry beside a bad one',
    beside: async (scene) => ({
      entries: [
        (await openWorkshop()).entry(entryBody(scene.envelope, scene.signing)),
        ...(ownEntry(scene).entries ?? []),
      ],
    }),
    verdict: 'signed',
  },
  {
    rule: 'the same entry at two places of the log',
    beside: (scene) => ({
      entries: [1, 2].map((at) =>
        scene.workshop.entry(entryBody(scene.envelope, scene.signing), at),
      ),
    }),
    verdict: 'signed',
  },
  {
    rule: 'a statement without a subject',
    statement: { ...signature, subject: [] },
    verdict: 'image-signature-digest',
    tells: 'no image',
  },
  {
    rule: 'a statement about several things, one of them this image',
    statement: {
      ...signature,
      subject: [{ digest: { sha256: '0'.repeat(64) } }, { digest: { sha256: image.slice(7) } }],
    },
    verdict: 'signed',
  },
  {
    rule: 'a statement about a digest of another algorithm',
    statement: { ...signature, subject: [{ digest: { sha512: image.slice(7) } }] },
    verdict: 'image-signature-digest',
  },
  {
    rule: 'a statement without a predicate type',
    statement: { ...signature, predicateType: 7 },
    verdict: 'image-signature-type',
  },
];

function bareKeyPem(): string {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

function withVerifier({ envelope, signing }: Scene, pem: string): JsonObject {
  const body = structuredClone(entryBody(envelope, signing)) as { spec: JsonObject };
  const verifier = Buffer.from(pem).toString('base64');
  const signatures = [{ signature: envelope.signatures[0]?.sig ?? '', verifier }];
  return { ...body, spec: { ...body.spec, signatures } };
}

function withPayloadHash({ envelope, signing }: Scene, value: string): JsonObject {
  const body = structuredClone(entryBody(envelope, signing)) as { spec: JsonObject };
  return { ...body, spec: { ...body.spec, payloadHash: { algorithm: 'sha256', value } } };
}

for (const each of cases) {
  test(`${each.rule}: ${each.verdict}`, async (t) => {
    const workshop = await openWorkshop(each.spans);
    const signing = await workshop.issue(each.leaf);
    const envelope = envelopeOf(each.statement ?? signature, [signing]);
    const scene = { workshop, signing, envelope };
    const artefact = bundleOf(envelope, signing, await (each.beside ?? ownEntry)(scene));
    const plain = under(workshop, each.identities);
    expectVerdict(t, [artefact], each.change?.(plain, workshop) ?? plain, each);
  });
}

function expectVerdict(
  t: Test,
  artefacts: readonly Artefact[],
  authority: Authority,
  { verdict: expected, tells }: Pick<Case, 'verdict' | 'tells'>,
): void {
  t.equal(verdict(artefacts, authority), expected);
  const messages = evidenceOf(artefacts, authority).rejected.map(({ message }) => message);
  if (tells !== undefined) t.ok(messages.join().includes(tells), messages.join());
}

test('a certificate was valid at every time that is trusted, and times of strangers do not count', async (t) => {
  const workshop = await openWorkshop();
  const signing = await workshop.issue();
  const envelope = envelopeOf(signature, [signing]);
  const bytes = Buffer.from(envelope.signatures[0]?.sig ?? '', 'base64');
  const [early, late] = [await workshop.stamp(bytes), await workshop.stamp(bytes, minutes(60))];
  const stampedBy = (...stamps: readonly Buffer[]) => [bundleOf(envelope, signing, { stamps })];
  const foreign = await (await openWorkshop()).stamp(bytes, minutes(60));
  t.equal(verdict(stampedBy(early), under(workshop)), 'signed');
  t.equal(verdict(stampedBy(foreign, early), under(workshop)), 'signed');
  t.equal(verdict(stampedBy(late), under(workshop)), 'image-signature-expired');
  t.equal(verdict(stampedBy(early, late), under(workshop)), 'image-signature-expired');
});

test('an entry of Rekor 2 has a proof and no time: a timestamp must say when', async (t) => {
  const workshop = await openWorkshop();
  const signing = await workshop.issue();
  const envelope = envelopeOf(signature, [signing]);
  const entries = [workshop.provenEntry(rekor2Body(envelope, signing))];
  const stamps = [await stampOf({ workshop, signing, envelope })];
  const needsLog = { ...under(workshop), transparencyLog: workshop.trustRoot };
  const bundle = (beside: Beside) => [latestBundleOf(envelope, signing, beside)];
  t.equal(verdict(bundle({ entries, stamps }), needsLog), 'signed');
  const renumbered = entries.map((entry) => ({ ...entry, logIndex: '4711' }));
  const [seen] = evidenceOf(bundle({ entries: renumbered, stamps }), needsLog).signatures;
  t.equal(seen?.logIndex, '0', 'the index that the proof is about');
  t.equal(verdict(bundle({ stamps }), needsLog), 'image-signature-log-missing');
  t.equal(verdict(bundle({ entries }), needsLog), 'image-signature-time-missing');
  const other = await workshop.issue();
  const others = [workshop.provenEntry(rekor2Body(envelope, other))];
  t.equal(verdict(bundle({ entries: others, stamps }), needsLog), 'image-signature-log-other');
  const elsewhere = (await openWorkshop()).provenEntry(rekor2Body(envelope, signing));
  const foreign = bundle({ entries: [elsewhere], stamps });
  t.equal(verdict(foreign, needsLog), 'image-signature-log');
});

test('bytes beyond ASCII in a name are no letters of another name', async (t) => {
  const workshop = await openWorkshop();
  const raw = Buffer.from('dev@example.com');
  raw[0] = (raw[0] ?? 0) | 0x80;
  const signing = await workshop.issue({ rawEmail: raw });
  const envelope = envelopeOf(signature, [signing]);
  const artefact = bundleOf(envelope, signing, ownEntry({ workshop, signing, envelope }));
  t.equal(verdict([artefact], under(workshop)), 'image-signature-certificate');
});

test('the timestamp of a legacy attestation is over its whole envelope, not over its signature', async (t) => {
  const workshop = await openWorkshop();
  const signing = await workshop.issue();
  const envelope = envelopeOf(scan, [signing]);
  const authority = { ...under(workshop), predicateTypes: [scanType] };
  const whole = await workshop.stamp(layerOf(envelope, signing, null).body);
  t.equal(verdict([layerOf(envelope, signing, whole)], authority), `attested: ${scanType}`);
  const partial = await stampOf({ workshop, signing, envelope });
  t.equal(verdict([layerOf(envelope, signing, partial)], authority), 'image-signature-timestamp');
});

test('each signature of a legacy attestation is tried, and the others do not count', async (t) => {
  const [other, ours] = [bareKey(), bareKey()];
  const authority = withKeys([pemOfKey(ours.key)], { predicateTypes: [scanType] });
  const signedBy = (...signers: readonly Signing[]): Artefact =>
    layerOf(envelopeOf(scan, signers), ours, null);
  t.equal(verdict([signedBy(other, ours)], authority), `attested: ${scanType}`);
  t.equal(verdict([signedBy(other)], authority), 'image-signature-key');
  t.equal(evidenceOf([signedBy(ours, other)], authority).attestations.length, 1);
  t.equal(verdict([signedBy()], authority), 'image-artefact-unreadable', 'nor is none enough');
  const many = Array.from({ length: 9 }, () => other);
  t.equal(verdict([signedBy(...many, ours)], authority), 'image-artefact-unreadable');
});

function pemOfKey(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
}

const ed25519 = generateKeyPairSync('ed25519').privateKey;
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const secp256k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey;
const ed448 = generateKeyPairSync('ed448').privateKey;

const ed25519Secret = (): Buffer => ed25519.export({ type: 'pkcs8', format: 'der' }).subarray(-32);
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };

const keyTypes: readonly (readonly [
  rule: string,
  key: KeyObject,
  sign: (bytes: Buffer) => Uint8Array,
  verdict: string,
])[] = [
  ['Ed25519 over the bytes', ed25519, (bytes) => sign(null, bytes, ed25519), 'signed'],
  ['Ed25519 over their hash', ed25519, (bytes) => ed25519ph.sign(bytes, ed25519Secret()), 'signed'],
  [
    'Ed25519 over other bytes',
    ed25519,
    () => sign(null, Buffer.from('x'), ed25519),
    'image-signature-key',
  ],
  ['P-384 with its own hash', p384, (bytes) => sign('sha384', bytes, p384), 'signed'],
  ['P-384 with SHA-256, as cosign 2', p384, (bytes) => sign('sha256', bytes, p384), 'signed'],
  ['P-384 with SHA-512', p384, (bytes) => sign('sha512', bytes, p384), 'image-signature-key'],
  ['P-256 with SHA-1', p256, (bytes) => sign('sha1', bytes, p256), 'image-signature-key'],
  ['RSA with SHA-256', rsa, (bytes) => sign('sha256', bytes, rsa), 'signed'],
  [
    'RSA with PSS',
    rsa,
    (bytes) => sign('sha256', bytes, { key: rsa, ...pss }),
    'image-signature-key',
  ],
  [
    'a curve that cosign does not know',
    secp256k1,
    (bytes) => sign('sha256', bytes, secp256k1),
    'image-signature-key',
  ],
  [
    'a type that cosign does not know',
    ed448,
    (bytes) => sign(null, bytes, ed448),
    'image-signature-key',
  ],
];

for (const [rule, key, signBytes, expected] of keyTypes) {
  test(`the key says how it signs: ${rule}: ${expected}`, (t) => {
    const body = Buffer.from(
      JSON.stringify({
        critical: {
          image: { 'docker-manifest-digest': image },
          type: 'cosign container image signature',
        },
        optional: null,
      }),
    );
    const signed = Buffer.from(signBytes(body)).toString('base64');
    const annotations = { 'dev.cosignproject.cosign/signature': signed };
    const artefact: Artefact = { kind: 'signature', digest: image, body, annotations };
    t.equal(verdict([artefact], withKeys([pemOfKey(key)])), expected);
    t.end();
  });
}
