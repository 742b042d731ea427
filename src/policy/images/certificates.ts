// Chains of certificates in PEM: each issued by the next, the last a root.
// Upstream: SplitPEMCertificateChain in sigstore/policy-controller, pkg/apis/policy/v1alpha1/trustroot_validation.go.
import { X509Certificate } from 'node:crypto';
import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { quote } from '../../base/text.ts';
import { type PemBlock, pemBlocks } from './pem.ts';

const maxChain = 10;

/** `ca`: issues signing certificates; `tsa`: a timestamp authority, whose own certificate comes first. The error is to be
 * read after the name of the field. */
export function certificateChain(
  pem: string,
  purpose: 'ca' | 'tsa',
): Result<readonly X509Certificate[], string> {
  const blocks = pemBlocks(pem);
  if (!blocks.ok) return blocks;
  if (blocks.value.length > maxChain) return err(`holds more than ${maxChain} certificates`);
  const chain: X509Certificate[] = [];
  for (const block of blocks.value) {
    const certificate = certificateOf(block);
    if (!certificate.ok) return certificate;
    chain.push(certificate.value);
  }
  const fault = chainFault(chain, purpose);
  return fault === undefined ? ok(chain) : err(fault);
}

function certificateOf({ label, pem }: PemBlock): Result<X509Certificate, string> {
  if (label.endsWith('PRIVATE KEY')) {
    return err('holds a private key: write certificates alone, and take this key for lost');
  }
  if (label !== 'CERTIFICATE') return err(`holds a ${quote(label)}, not a CERTIFICATE`);
  try {
    return ok(new X509Certificate(pem));
  } catch {
    return err('holds a certificate that cannot be read');
  }
}

function chainFault(chain: readonly X509Certificate[], purpose: 'ca' | 'tsa'): string | undefined {
  if (chain.length === 0) return 'holds no certificate';
  const authorities = purpose === 'tsa' ? chain.slice(1) : chain;
  const other = authorities.find((certificate) => !certificate.ca);
  if (other !== undefined) return `${nameOf(other)} is no certificate authority`;
  for (const [i, certificate] of chain.entries()) {
    const issuer = chain[i + 1] ?? certificate;
    if (isIssuedBy(certificate, issuer)) continue;
    return issuer === certificate
      ? `ends with ${nameOf(certificate)}, which is no root: the last certificate must be`
      : `${nameOf(certificate)} is not issued by the next, ${nameOf(issuer)}: put the root last`;
  }
  return undefined;
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function nameOf({ subject }: X509Certificate): string {
  return `the certificate ${quote(subject.replaceAll('\n', ', '))}`;
}

/** X509CertificateChain of sigstore/protobuf-specs. */
export function chainJson(chain: readonly X509Certificate[]): JsonObject {
  return { certificates: chain.map(({ raw }) => ({ rawBytes: raw.toString('base64') })) };
}
