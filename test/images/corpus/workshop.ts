// Makes what cosign would not: signatures of an own certificate authority with any names and dates, log entries about
// anything, envelopes of any kind. Everything in it is signed by the keys that `trustRoot` names.
import 'reflect-metadata';
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  webcrypto,
} from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  Extension,
  type JsonGeneralNames,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { dsse } from '@sigstore/core';
import { initializeTSA } from '@sigstore/mock';
import type { JsonObject } from '../../../src/base/json.ts';
import type { Artefact } from '../../../src/images/artefact.ts';
import type { TrustRoot } from '../../../src/images/model.ts';
import { digestOf } from '../fake-registry/content.ts';
import { bytesOf } from './services.ts';

/** When everything here is signed: in whole seconds, and later than the certificates that @sigstore/mock makes. */
export const now = new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000);
export const minutes = (count: number): Date => new Date(now.getTime() + count * 60_000);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
type Keys = webcrypto.CryptoKeyPair;
type Span = readonly [from: Date, to: Date];
const long: Span = [minutes(-100_000), minutes(100_000)];

export type Spans = { readonly root?: Span; readonly intermediate?: Span };
export type LeafRequest = {
  readonly names?: JsonGeneralNames;
  readonly issuer?: string;
  readonly span?: Span;
  readonly usage?: string;
  /** Instead of names: these bytes as an e-mail address. */
  readonly rawEmail?: Buffer;
};
export type Signing = { readonly key: KeyObject; readonly certificate: Buffer | null };

const codeSigning = '1.3.6.1.5.5.7.3.3';
const alternativeNamesOid = '2.5.29.17';
const issuerOid = '1.3.6.1.4.1.57264.1.8';
const logHost = 'log.example.test';
const logUrl = `https://${logHost}`;

export async function openWorkshop(spans: Spans = {}) {
  const [rootKeys, caKeys] = [await newKeys(), await newKeys()];
  const root = await certify('Root', rootKeys, null, spans.root ?? long);
  const above = { certificate: root, keys: rootKeys };
  const ca = await certify('Intermediate', caKeys, above, spans.intermediate ?? long);
  const log = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const tsaKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const stampClock = new Date(now);
  const stamps = await initializeTSA(tsaKeys, stampClock);
  const chain = [ca, root].map((one) => Buffer.from(one.rawData));
  return {
    trustRoot: trustRoot(chain, log.publicKey, stamps),
    /** A certificate of the intermediate authority, and its key. */
    issue: (request: LeafRequest = {}) =>
      issueLeaf({ name: ca.subject, key: caKeys.privateKey }, request),
    /** An entry that the log signed at `now`, about whatever `body` says. */
    entry: (body: JsonObject, index = 7) => logEntry(log, body, index),
    /** An entry with a proof instead of a promise, in a log that has no other. */
    provenEntry: (body: JsonObject) => provenEntry(log, body),
    stamp: async (bytes: Uint8Array, at = now): Promise<Buffer> => {
      stampClock.setTime(at.getTime());
      const artifactHash = createHash('sha256').update(bytes).digest();
      const asked = { ...stampRequest, artifactHash };
      return bytesOf(await stamps.timestamp(asked));
    },
  };
}

export type Workshop = Awaited<ReturnType<typeof openWorkshop>>;

const stampRequest = {
  hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
  nonce: 1,
  policyOID: '1.3.6.1.4.1.57264.2',
  certReq: false,
};

function newKeys(): Promise<Keys> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

type Above = { readonly certificate: X509Certificate; readonly keys: Keys };

function certify(
  name: string,
  keys: Keys,
  above: Above | null,
  [notBefore, notAfter]: Span,
): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: above?.certificate.subject ?? `CN=${name}`,
    publicKey: keys.publicKey,
    signingKey: (above?.keys ?? keys).privateKey,
    signingAlgorithm: algorithm,
    notBefore,
    notAfter,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
}

type Issuer = { readonly name: string; readonly key: webcrypto.CryptoKey };

/** A certificate that the owner of another one signs, in the name of an authority. */
export async function issuedBy({ key }: Signing, name: string): Promise<Signing> {
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  const imported = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
  return issueLeaf({ name, key: imported }, {});
}

async function issueLeaf(above: Issuer, request: LeafRequest): Promise<Signing> {
  const { names = [{ type: 'email', value: 'dev@example.com' }], usage = codeSigning } = request;
  const { issuer = 'https://login.example.com', span = [minutes(-1), minutes(9)] } = request;
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.create({
    subject: '',
    issuer: above.name,
    publicKey: keys.publicKey,
    signingKey: above.key,
    signingAlgorithm: algorithm,
    notBefore: span[0],
    notAfter: span[1],
    extensions: [
      new ExtendedKeyUsageExtension([usage]),
      request.rawEmail === undefined
        ? new SubjectAlternativeNameExtension(names)
        : new Extension(alternativeNamesOid, false, der(0x30, der(0x81, request.rawEmail))),
      new Extension(issuerOid, false, der(0x0c, Buffer.from(issuer))),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  return { key, certificate: Buffer.from(certificate.rawData) };
}

/** Of fewer than 128 bytes. */
function der(tag: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
}

type Pair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** Sorted keys, as the log signs them. */
function logEntry({ publicKey, privateKey }: Pair, body: JsonObject, logIndex: number): JsonObject {
  const canonicalizedBody = Buffer.from(JSON.stringify(body)).toString('base64');
  const integratedTime = now.getTime() / 1000;
  const logID = sha256(spki(publicKey)).toString('hex');
  const promised = { body: canonicalizedBody, integratedTime, logID, logIndex };
  const signedEntryTimestamp = sign('sha256', Buffer.from(JSON.stringify(promised)), privateKey);
  return {
    logIndex: String(logIndex),
    logId: { keyId: Buffer.from(logID, 'hex').toString('base64') },
    kindVersion: { kind: String(body['kind']), version: String(body['apiVersion']) },
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: signedEntryTimestamp.toString('base64') },
    canonicalizedBody,
  };
}

function provenEntry({ publicKey, privateKey }: Pair, body: JsonObject): JsonObject {
  const canonicalizedBody = Buffer.from(JSON.stringify(body));
  const rootHash = sha256(Buffer.concat([Buffer.from([0]), canonicalizedBody])).toString('base64');
  const keyId = sha256(spki(publicKey));
  const note = `${logHost}\n1\n${rootHash}\n`;
  const signed = Buffer.concat([
    keyId.subarray(0, 4),
    sign('sha256', Buffer.from(note), privateKey),
  ]);
  const envelope = `${note}\n\u2014 ${logHost} ${signed.toString('base64')}\n`;
  return {
    logIndex: '0',
    logId: { keyId: keyId.toString('base64') },
    kindVersion: { kind: String(body['kind']), version: String(body['apiVersion']) },
    integratedTime: '0',
    inclusionProof: {
      logIndex: '0',
      rootHash,
      treeSize: '1',
      hashes: [],
      checkpoint: { envelope },
    },
    canonicalizedBody: canonicalizedBody.toString('base64'),
  };
}

function trustRoot(
  chain: readonly Buffer[],
  log: KeyObject,
  stamps: Awaited<ReturnType<typeof initializeTSA>>,
): TrustRoot {
  const authority = (certificates: readonly Uint8Array[]): JsonObject => ({
    certChain: {
      certificates: certificates.map((one) => ({ rawBytes: Buffer.from(one).toString('base64') })),
    },
    validFor: { start: '2020-01-01T00:00:00Z' },
  });
  const logs: JsonObject = {
    baseUrl: logUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: spki(log).toString('base64'),
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      validFor: { start: '2020-01-01T00:00:00Z' },
    },
    logId: { keyId: sha256(spki(log)).toString('base64') },
  };
  const stampChain = [stamps.intCertificate, stamps.rootCertificate].map(bytesOf);
  return {
    name: 'workshop',
    json: {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [logs],
      certificateAuthorities: [authority(chain)],
      ctlogs: [],
      timestampAuthorities: [authority(stampChain)],
    },
  };
}

export const bareKey = (): Signing => ({
  key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  certificate: null,
});

export type Envelope = { payload: string; payloadType: string; signatures: { sig: string }[] };

const inToto = 'application/vnd.in-toto+json';

/** Signed by each of these, in this order. */
export function envelopeOf(
  statement: JsonObject,
  signers: readonly Signing[],
  payloadType = inToto,
): Envelope {
  const payload = Buffer.from(JSON.stringify(statement));
  const bytes = dsse.preAuthEncoding(payloadType, payload);
  const signatures = signers.map(({ key }) => ({
    sig: sign('sha256', bytes, key).toString('base64'),
  }));
  return { payload: payload.toString('base64'), payloadType, signatures };
}

export function statementAbout(digest: string, changes: JsonObject = {}): JsonObject {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: digest.replace('sha256:', '') } }],
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    predicate: {},
    ...changes,
  };
}

export function pemOf(der: Buffer, label = 'CERTIFICATE'): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** What Rekor would log of an envelope with one signature. */
export function entryBody(envelope: Envelope, { certificate }: Signing): JsonObject {
  const verifier = Buffer.from(pemOf(certificate ?? Buffer.alloc(0))).toString('base64');
  const [first] = envelope.signatures;
  const value = sha256(Buffer.from(envelope.payload, 'base64')).toString('hex');
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      payloadHash: { algorithm: 'sha256', value },
      signatures: [{ signature: first?.sig ?? '', verifier }],
    },
  };
}

/** The same of Rekor 2. */
export function rekor2Body(envelope: Envelope, { certificate }: Signing): JsonObject {
  const rawBytes = certificate?.toString('base64') ?? '';
  const digest = sha256(Buffer.from(envelope.payload, 'base64')).toString('base64');
  const keyDetails = 'PKIX_ECDSA_P256_SHA_256';
  const signatures = envelope.signatures.map(({ sig: content }) => ({
    content,
    verifier: { x509Certificate: { rawBytes }, keyDetails },
  }));
  const payloadHash = { algorithm: 'SHA2_256', digest };
  return { apiVersion: '0.0.2', kind: 'dsse', spec: { dsseV002: { payloadHash, signatures } } };
}

export type Beside = {
  readonly entries?: readonly JsonObject[];
  readonly stamps?: readonly Buffer[];
};

/** Version 0.1, the only one that does not want an inclusion proof beside a promise. */
export function bundleOf(envelope: Envelope, { certificate }: Signing, beside: Beside): Artefact {
  const rawBytes = certificate?.toString('base64') ?? '';
  const chain = { x509CertificateChain: { certificates: [{ rawBytes }] } };
  return bundle('application/vnd.dev.sigstore.bundle+json;version=0.1', envelope, chain, beside);
}

/** Version 0.3. */
export function latestBundleOf(
  envelope: Envelope,
  { certificate }: Signing,
  beside: Beside,
): Artefact {
  const rawBytes = certificate?.toString('base64') ?? '';
  const type = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  return bundle(type, envelope, { certificate: { rawBytes } }, beside);
}

function bundle(
  mediaType: string,
  dsseEnvelope: Envelope,
  signer: JsonObject,
  { entries = [], stamps = [] }: Beside,
): Artefact {
  const rfc3161Timestamps = stamps.map((stamp) => ({ signedTimestamp: stamp.toString('base64') }));
  const witnesses = { tlogEntries: entries, timestampVerificationData: { rfc3161Timestamps } };
  const verificationMaterial = { ...signer, ...witnesses };
  const body = Buffer.from(JSON.stringify({ mediaType, verificationMaterial, dsseEnvelope }));
  return { kind: 'bundle', digest: digestOf(body), body, annotations: {} };
}

/** A legacy attestation. */
export function layerOf(envelope: Envelope, signing: Signing, stamp: Buffer | null): Artefact {
  const body = Buffer.from(JSON.stringify(envelope));
  return {
    kind: 'attestation',
    digest: digestOf(body),
    body,
    annotations: {
      ...(signing.certificate === null
        ? {}
        : { 'dev.sigstore.cosign/certificate': pemOf(signing.certificate) }),
      ...(stamp === null ? {} : stampAnnotation(stamp)),
    },
  };
}

export function stampAnnotation(stamp: Buffer): Record<string, string> {
  const SignedRFC3161Timestamp = stamp.toString('base64');
  return { 'dev.sigstore.cosign/rfc3161timestamp': JSON.stringify({ SignedRFC3161Timestamp }) };
}
