// TLS 1.2 and newer, AEAD suites only, HTTP/1.1 only (through a Service the API server speaks nothing else).
// Certificate files are checked whole before they are used: a key written before its certificate changes nothing.

import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions, type TlsOptions } from 'node:tls';
import { messageOf } from '../base/cause.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Chain, certificatesIn, readPem } from './pem.ts';

export type TlsFiles = {
  readonly tlsCert: string;
  readonly tlsKey: string;
  /** When set, callers must show a certificate of this CA. */
  readonly clientCa: string | null;
};

const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** What a server and, after a change of the files, `setSecureContext` take. */
export type Identity = Readonly<
  Pick<SecureContextOptions, 'cert' | 'key' | 'ca' | 'minVersion' | 'ciphers' | 'honorCipherOrder'>
>;

export function tlsOptions(identity: Identity, files: TlsFiles): TlsOptions {
  const asksForCertificate = files.clientCa !== null;
  return {
    ...identity,
    ALPNProtocols: ['http/1.1'],
    requestCert: asksForCertificate,
    rejectUnauthorized: asksForCertificate,
  };
}

export type Pair = { readonly cert: Buffer; readonly key: Buffer; readonly chain: Chain };
export type ClientCa = { readonly ca: Buffer; readonly bundle: Chain };

export function identityOf({ cert, key }: Pair, clientCa: ClientCa | null): Identity {
  return {
    cert,
    key,
    ...(clientCa === null ? {} : { ca: clientCa.ca }),
    minVersion: 'TLSv1.2',
    ciphers,
    honorCipherOrder: true,
  };
}

type Loaded<T> = Result<T, readonly Diagnostic[]>;

/** Faults when a file cannot be read, is no PEM, or key and certificate do not belong together. */
export async function loadPair({ tlsCert, tlsKey }: TlsFiles): Promise<Loaded<Pair>> {
  const cert = await attempt(tlsCert, () => readPem(tlsCert));
  const key = await attempt(tlsKey, () => readPem(tlsKey));
  if (!cert.ok || !key.ok) return err([...faultsOf(cert), ...faultsOf(key)]);
  const chain = await attempt(tlsCert, () => certificatesIn(cert.value));
  if (!chain.ok) return chain;
  const fits = await attempt(tlsKey, () => checkPair(chain.value[0], key.value));
  if (!fits.ok) return fits;
  const pair = { cert: cert.value, key: key.value, chain: chain.value };
  const usable = await attempt(tlsCert, () => createSecureContext(identityOf(pair, null)));
  return usable.ok ? ok(pair) : usable;
}

/** OpenSSL takes a file without any certificate for an empty list, and then trusts nobody: that is a fault here. */
export async function loadClientCa(file: string): Promise<Loaded<ClientCa>> {
  return attempt(file, async () => {
    const ca = await readPem(file);
    const bundle = certificatesIn(ca);
    createSecureContext({ ca });
    return { ca, bundle };
  });
}

/** All files at once, with the faults of each. */
export async function loadIdentity(files: TlsFiles): Promise<Loaded<Identity>> {
  const pair = await loadPair(files);
  const clientCa = files.clientCa === null ? ok(null) : await loadClientCa(files.clientCa);
  if (!pair.ok || !clientCa.ok) return err([...faultsOf(pair), ...faultsOf(clientCa)]);
  return ok(identityOf(pair.value, clientCa.value));
}

function checkPair(certificate: X509Certificate, key: Buffer): void {
  if (!certificate.checkPrivateKey(createPrivateKey(key))) {
    throw new Error('the key does not belong to the certificate');
  }
}

async function attempt<T>(file: string, act: () => T | Promise<T>): Promise<Loaded<T>> {
  try {
    return ok(await act());
  } catch (error) {
    const message = messageOf(error);
    return err([{ code: 'tls-unusable', message, file, line: 0, column: 0 }]);
  }
}

function faultsOf(result: Loaded<unknown>): readonly Diagnostic[] {
  return result.ok ? [] : result.error;
}
