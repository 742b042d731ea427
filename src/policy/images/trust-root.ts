// TrustRoot: keys and certificates of a Sigstore of one's own, made into Sigstore's TrustedRoot.
// Upstream: ConvertSigstoreKeys in pkg/apis/config of sigstore/policy-controller; trust root of sigstore/protobuf-specs.
import { createHash, createPublicKey } from 'node:crypto';
import { type FieldPath, formatPath } from '../../base/field-path.ts';
import type { JsonObject } from '../../base/json.ts';
import { quote } from '../../base/text.ts';
import type { TrustRoot } from '../../images/model.ts';
import { refuseAnnotations } from '../annotations.ts';
import type { Report } from '../faults.ts';
import { checkMetadata } from '../metadata.ts';
import { certificateChain, chainJson } from './certificates.ts';
import { publicKey } from './keys.ts';
import { pemBlocks } from './pem.ts';
import type { WrittenCertificateAuthority, WrittenLog, WrittenTrustRoot } from './written.ts';

const mediaType = 'application/vnd.dev.sigstore.trustedroot+json;version=0.1';
/** Times are vouched for by logs and timestamps, and certificates have their own validity. */
export const always: JsonObject = { start: '1970-01-01T00:00:00Z' };

export function compileTrustRoot(
  { metadata, spec = {} }: WrittenTrustRoot,
  report: Report,
): TrustRoot {
  const name = checkMetadata(metadata, report);
  refuseAnnotations(metadata, 'TrustRoot', report);
  refuseFetched(spec, report);
  const { certificateAuthorities, ctLogs, tLogs, timestampAuthorities } = spec.sigstoreKeys ?? {};
  const at = (field: string, i: number): FieldPath => ['spec', 'sigstoreKeys', field, i];
  const json: JsonObject = {
    mediaType,
    tlogs: (tLogs ?? []).flatMap((log, i) => logOf(log, at('tLogs', i), report)),
    certificateAuthorities: (certificateAuthorities ?? []).flatMap((each, i) =>
      authorityOf(each, 'ca', at('certificateAuthorities', i), report),
    ),
    ctlogs: (ctLogs ?? []).flatMap((log, i) => logOf(log, at('ctLogs', i), report)),
    timestampAuthorities: (timestampAuthorities ?? []).flatMap((each, i) =>
      authorityOf(each, 'tsa', at('timestampAuthorities', i), report),
    ),
  };
  return { name, json };
}

const instead =
  'write what its trusted_root.json holds into spec.sigstoreKeys: certificateAuthorities, ctLogs, tLogs and timestampAuthorities, each as PEM in base64; for the public Sigstore leave trustRootRef out';

function refuseFetched(spec: NonNullable<WrittenTrustRoot['spec']>, report: Report): void {
  const { sigstoreKeys, remote, repository } = spec;
  for (const [field, value] of Object.entries({ remote, repository })) {
    if (value === undefined) continue;
    const message = `spec.${field} is not supported: no TUF repository is read, so that the set is what was reviewed`;
    const path = ['spec', field];
    report({ code: 'policy-unsupported', path, at: 'key', message, fix: instead });
  }
  const isEmpty = Object.values(sigstoreKeys ?? {}).every((list) => list.length === 0);
  if (isEmpty && remote === undefined && repository === undefined) {
    report({ path: ['spec', 'sigstoreKeys'], message: 'spec.sigstoreKeys holds nothing to trust' });
  }
}

/** `[]byte` in Go, and so base64 in JSON. */
function decoded(text: string, path: FieldPath, report: Report): string | undefined {
  const isBase64 = /^(?:[A-Za-z0-9+/]\s*)+={0,2}\s*$/.test(text);
  const pem = isBase64 ? Buffer.from(text, 'base64').toString('latin1') : '';
  if (pem.includes('-----BEGIN ')) return pem;
  const isPem = text.includes('-----BEGIN ');
  const message = `${formatPath(path)} must be PEM in base64${isPem ? ', not the PEM itself' : ''}`;
  report({ code: 'image-key', path, message, fix: 'base64 -w0 < FILE.pem' });
  return undefined;
}

function authorityOf(
  { subject = {}, uri = '', certChain }: WrittenCertificateAuthority,
  purpose: 'ca' | 'tsa',
  path: FieldPath,
  report: Report,
): readonly JsonObject[] {
  if (certChain === undefined) return [];
  const at = [...path, 'certChain'];
  const pem = decoded(certChain, at, report);
  if (pem === undefined) return [];
  const chain = certificateChain(pem, purpose);
  if (!chain.ok) {
    report({ code: 'image-key', path: at, message: `${formatPath(at)} ${chain.error}` });
    return [];
  }
  const { organization = '', commonName = '' } = subject;
  const certChainJson = chainJson(chain.value);
  return [
    { subject: { organization, commonName }, uri, certChain: certChainJson, validFor: always },
  ];
}

const hashes: ReadonlyMap<string, string> = new Map([
  ['sha256', 'SHA2_256'],
  ['sha384', 'SHA2_384'],
  ['sha512', 'SHA2_512'],
]);

function logOf(
  { baseURL = '', hashAlgorithm, publicKey: written }: WrittenLog,
  path: FieldPath,
  report: Report,
): readonly JsonObject[] {
  const hash = hashes.get(hashAlgorithm?.replace('-', '') ?? '');
  if (hashAlgorithm !== undefined && hash === undefined) {
    const at = [...path, 'hashAlgorithm'];
    const message = `${formatPath(at)} must be one of ${[...hashes.keys()].join(', ')}, not ${quote(hashAlgorithm)}`;
    report({ path: at, message });
  }
  if (written === undefined) return [];
  const at = [...path, 'publicKey'];
  const pem = decoded(written, at, report);
  const key = pem === undefined ? undefined : logKey(pem, at, report);
  if (key === undefined || hash === undefined) return [];
  const logId = { keyId: createHash('sha256').update(key.der).digest('base64') };
  const publicKeyJson = {
    rawBytes: key.der.toString('base64'),
    keyDetails: key.details,
    validFor: always,
  };
  return [{ baseUrl: baseURL, hashAlgorithm: hash, publicKey: publicKeyJson, logId }];
}

type LogKey = { readonly der: Buffer; readonly details: string };

function logKey(pem: string, path: FieldPath, report: Report): LogKey | undefined {
  const fault = (why: string): undefined => {
    report({ code: 'image-key', path, message: `${formatPath(path)} ${why}` });
    return undefined;
  };
  const blocks = pemBlocks(pem);
  if (!blocks.ok) return fault(blocks.error);
  const [block, second] = blocks.value;
  if (block === undefined || second !== undefined) return fault('must hold one public key');
  const key = publicKey(block);
  if (!key.ok) return fault(key.error);
  const object = createPublicKey(key.value);
  const { namedCurve, modulusLength } = object.asymmetricKeyDetails ?? {};
  const details = keyDetails.get(namedCurve ?? modulusLength ?? 'ed25519');
  if (details === undefined)
    return fault(`is an RSA key of ${modulusLength} bits: logs have 2048, 3072 or 4096`);
  return { der: object.export({ type: 'spki', format: 'der' }), details };
}

/** PublicKeyDetails of sigstore/protobuf-specs; of RSA it only says that the key is a SubjectPublicKeyInfo. */
const keyDetails: ReadonlyMap<string | number, string> = new Map<string | number, string>([
  ['prime256v1', 'PKIX_ECDSA_P256_SHA_256'],
  ['secp384r1', 'PKIX_ECDSA_P384_SHA_384'],
  ['secp521r1', 'PKIX_ECDSA_P521_SHA_512'],
  [2048, 'PKIX_RSA_PSS_2048_SHA256'],
  [3072, 'PKIX_RSA_PSS_3072_SHA256'],
  [4096, 'PKIX_RSA_PSS_4096_SHA256'],
  ['ed25519', 'PKIX_ED25519'],
]);
