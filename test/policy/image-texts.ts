// ClusterImagePolicies and TrustRoots as text for the tests of this room.
import { readFileSync } from 'node:fs';
import { getIn, type JsonValue } from '../../src/base/json.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/images/${name}`, import.meta.url), 'utf8');

/** PEM of a public key of the corpus. */
export const pem = (name: 'p256' | 'p384' | 'p521' | 'rsa' | 'ed25519'): string =>
  fixture(`keys/${name}.pub`);

export const corpusRoot = (): string => fixture('trusted-root.json');

/** A text as a YAML scalar on one line. */
export const scalar = (text: string): string => JSON.stringify(text);

export const key = `{key: {data: ${scalar(pem('p256'))}}}`;
export const identity = '{issuer: "https://issuer.example", subject: "me@example.com"}';

export type CipText = {
  readonly version?: string;
  readonly metadata?: string;
  readonly images?: string;
  readonly authorities?: string;
  /** Further lines of spec. */
  readonly spec?: string;
};

/** Flow-style pieces in a policy that is whole without them. */
export function cip(piece: CipText = {}): string {
  return `apiVersion: policy.sigstore.dev/${piece.version ?? 'v1beta1'}
kind: ClusterImagePolicy
metadata: {name: signed${piece.metadata ?? ''}}
spec:
  images: [${piece.images ?? '{glob: "**"}'}]
  authorities: [${piece.authorities ?? key}]
  ${piece.spec ?? ''}
`;
}

export function trustRoot(name: string, keys: string): string {
  return `apiVersion: policy.sigstore.dev/v1alpha1
kind: TrustRoot
metadata: {name: ${name}}
spec: {sigstoreKeys: {${keys}}}
`;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const asPem = (label: string, der: string): string =>
  `-----BEGIN ${label}-----\n${(der.match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`;

/** base64 of PEM, as a TrustRoot holds it. */
const encoded = (label: string, ...ders: readonly string[]): string =>
  base64(ders.map((der) => asPem(label, der)).join(''));

export const keyless = (more = '', identities = identity): string =>
  `{keyless: {identities: [${identities}]${more}}}`;

export const root: JsonValue = JSON.parse(corpusRoot());

function texts(trustedRoot: JsonValue) {
  const at = (...path: readonly (string | number)[]): string => {
    const found = getIn(trustedRoot, path);
    return typeof found === 'string' ? found : '';
  };
  /** base64 of the PEM of the first so many certificates. */
  const chain = (part: string, length: number): string =>
    encoded(
      'CERTIFICATE',
      ...Array.from({ length }, (_, i) => at(part, 0, 'certChain', 'certificates', i, 'rawBytes')),
    );
  const logKey = (part: string): string =>
    encoded('PUBLIC KEY', at(part, 0, 'publicKey', 'rawBytes'));
  return { chain, logKey };
}

export const { chain, logKey } = texts(root);

/** certificateAuthorities, ctLogs, tLogs and timestampAuthorities of a root like the corpus', as a TrustRoot writes them. */
export function partsOf(trustedRoot: JsonValue): readonly string[] {
  const { chain, logKey } = texts(trustedRoot);
  const log = (part: string, url: string): string =>
    `{baseURL: "${url}", hashAlgorithm: sha-256, publicKey: ${logKey(part)}}`;
  const ca = (part: string, name: string, length: number): string =>
    `{subject: {organization: example.test, commonName: ${name}}, uri: "https://${name}.example.test", certChain: ${chain(part, length)}}`;
  return [
    `certificateAuthorities: [${ca('certificateAuthorities', 'fulcio', 1)}]`,
    `ctLogs: [${log('ctlogs', 'https://ct.example.test')}]`,
    `tLogs: [${log('tlogs', 'https://rekor.example.test')}]`,
    `timestampAuthorities: [${ca('timestampAuthorities', 'tsa', 2)}]`,
  ];
}

export const rootParts = partsOf(root);
export const own = trustRoot('own', rootParts.join(', '));
