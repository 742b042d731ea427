// TLS 1.2 and newer, AEAD suites only, HTTP/1.1 only (through a Service the API server speaks nothing else).
// Certificate files are checked whole before they are used: a key written before its certificate changes nothing.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions, type TlsOptions } from 'node:tls';
import type { Diagnostic } from '../base/diagnostic.ts';
import { err, ok, type Result } from '../base/result.ts';

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

export function tlsPaths({ tlsCert, tlsKey, clientCa }: TlsFiles): readonly string[] {
  return clientCa === null ? [tlsCert, tlsKey] : [tlsCert, tlsKey, clientCa];
}

/** Reads the files; faults when one cannot be read, is no PEM, or key and certificate do not belong together. */
export async function loadIdentity(
  files: TlsFiles,
): Promise<Result<Identity, readonly Diagnostic[]>> {
  const faults: Diagnostic[] = [];
  const read = async (file: string): Promise<Buffer> => {
    try {
      return await readFile(file);
    } catch (error) {
      faults.push(fault(file, messageOf(error)));
      return Buffer.alloc(0);
    }
  };
  const cert = await read(files.tlsCert);
  const key = await read(files.tlsKey);
  const ca = files.clientCa === null ? undefined : await read(files.clientCa);
  if (faults.length > 0) return err(faults);

  const identity: Identity = {
    cert,
    key,
    ...(ca === undefined ? {} : { ca }),
    minVersion: 'TLSv1.2',
    ciphers,
    honorCipherOrder: true,
  };
  const wrong = unusable(files, identity, { cert, key, ca });
  return wrong === undefined ? ok(identity) : err([wrong]);
}

function unusable(
  { tlsCert, tlsKey, clientCa }: TlsFiles,
  identity: Identity,
  { cert, key, ca }: { cert: Buffer; key: Buffer; ca: Buffer | undefined },
): Diagnostic | undefined {
  const attempts: readonly [file: string, act: () => void][] = [
    [tlsCert, () => new X509Certificate(cert)],
    [tlsKey, () => createPrivateKey(key)],
    [tlsKey, () => checkPair(new X509Certificate(cert), key)],
    // OpenSSL takes a file without any certificate for an empty list, and then trusts nobody.
    [clientCa ?? '', () => ca && new X509Certificate(ca)],
    [tlsCert, () => createSecureContext(identity)],
  ];
  for (const [file, act] of attempts) {
    try {
      act();
    } catch (error) {
      return fault(file, messageOf(error));
    }
  }
  return undefined;
}

function checkPair(certificate: X509Certificate, key: Buffer): void {
  if (!certificate.checkPrivateKey(createPrivateKey(key))) {
    throw new Error('the key does not belong to the certificate');
  }
}

function fault(file: string, message: string): Diagnostic {
  return { code: 'tls-unusable', message, file, line: 0, column: 0 };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
