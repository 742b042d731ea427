// Development certificates: a CA and a server certificate (ECDSA P-256, short-lived) for demo, tests and bench.
// `make certs` writes them to certs/dev/, which git ignores; makeCertificates() keeps them in memory.
import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** PEM texts. */
export type Certificates = { readonly ca: string; readonly cert: string; readonly key: string };

export type Authority = {
  /** PEM. */
  readonly certificate: string;
  /** A certificate for a server (`names`) or, without names, for a client with this common name. */
  issue(request: CertificateRequest): Promise<{ readonly cert: string; readonly key: string }>;
};

export type CertificateRequest = {
  readonly commonName: string;
  readonly names?: JsonGeneralNames;
  /** Days from now until it expires; negative for one that has expired already. */
  readonly days?: number;
};

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day = 24 * 60 * 60 * 1000;
const defaultDays = 30;
/** Clocks of containers and hosts differ a little. */
const backdate = 5 * 60 * 1000;

export const serverNames: JsonGeneralNames = [
  { type: 'dns', value: 'localhost' },
  { type: 'ip', value: '127.0.0.1' },
  { type: 'ip', value: '::1' },
  { type: 'dns', value: 'sekisho.sekisho.svc' },
];

/** A fresh CA and a server certificate for localhost and the Service `sekisho` in the namespace `sekisho`. */
export async function makeCertificates(): Promise<Certificates> {
  const authority = await makeAuthority();
  const server = await authority.issue({ commonName: 'sekisho', names: serverNames });
  return { ca: authority.certificate, ...server };
}

/** A fresh CA whose key never leaves the process. */
export async function makeAuthority(commonName = 'Sekisho development CA'): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: algorithm,
    ...validity(defaultDays),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    certificate: certificate.toString('pem'),
    issue: (request) => issue(certificate, keys.privateKey, request),
  };
}

async function issue(
  authority: X509Certificate,
  signingKey: webcrypto.CryptoKey,
  { commonName, names, days = defaultDays }: CertificateRequest,
): Promise<{ cert: string; key: string }> {
  const keys = await newKeys();
  const cert = await X509CertificateGenerator.create({
    subject: [{ CN: [commonName] }],
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    ...validity(days),
    extensions: leafExtensions(names),
  });
  return { cert: cert.toString('pem'), key: await privateKeyPem(keys.privateKey) };
}

function leafExtensions(names: JsonGeneralNames | undefined): Extension[] {
  const usage = names === undefined ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth;
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([usage], false),
    ...(names === undefined ? [] : [new SubjectAlternativeNameExtension(names, false)]),
  ];
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  const notAfter = new Date(now + days * day);
  return { notBefore: new Date(Math.min(now, notAfter.getTime()) - backdate), notAfter };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

/** Writes ca.crt, tls.crt and tls.key (mode 0600) to a folder. The CA's own key is not kept. */
export async function writeCertificates(folder: string): Promise<void> {
  const { ca, cert, key } = await makeCertificates();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'ca.crt'), `${ca}\n`);
  await writeFile(join(folder, 'tls.crt'), `${cert}\n`);
  // A file that is there already would keep its mode.
  await rm(join(folder, 'tls.key'), { force: true });
  await writeFile(join(folder, 'tls.key'), key, { mode: 0o600 });
}

async function main(): Promise<void> {
  const folder = fileURLToPath(new URL('dev', import.meta.url));
  await writeCertificates(folder);
  process.stdout.write(`wrote certs/dev/{ca.crt,tls.crt,tls.key}, valid ${defaultDays} days\n`);
}

const [, entry] = process.argv;
if (entry !== undefined && realpathSync(entry) === fileURLToPath(import.meta.url)) await main();
