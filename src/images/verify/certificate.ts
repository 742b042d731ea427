// What a signing certificate says of its owner: names, issuer of the identity, and Fulcio's extensions. Our own reading:
// the library takes one name only, and folds bytes beyond ASCII into letters. Upstream: fulcio docs/oid-info.md.
import { X509Certificate as NodeCertificate } from 'node:crypto';
import { type ASN1Obj, X509Certificate } from '@sigstore/core';

export type Leaf = {
  readonly parsed: X509Certificate;
  readonly node: NodeCertificate;
  readonly der: Buffer;
  /** Its alternative names: URI, e-mail, DNS, or Fulcio's own kind. */
  readonly subjects: readonly string[];
  /** null: it names none (a certificate of an own CA). */
  readonly issuer: string | null;
  readonly extensions: Readonly<Record<string, string>>;
};

const codeSigning = '1.3.6.1.5.5.7.3.3';
const alternativeNames = '2.5.29.17';
const fulcio = '1.3.6.1.4.1.57264.1.';
const [otherName, email, dns, uri] = [0, 1, 2, 6];

/** Of `1.3.6.1.4.1.57264.1.N`; up to 6 the value is the text itself, later ones are DER. */
const nameOf: Readonly<Record<number, string>> = {
  1: 'issuer',
  2: 'githubWorkflowTrigger',
  3: 'githubWorkflowSHA',
  4: 'githubWorkflowName',
  5: 'githubWorkflowRepository',
  6: 'githubWorkflowRef',
  8: 'issuer',
  9: 'buildSignerURI',
  10: 'buildSignerDigest',
  11: 'runnerEnvironment',
  12: 'sourceRepositoryURI',
  13: 'sourceRepositoryDigest',
  14: 'sourceRepositoryRef',
  15: 'sourceRepositoryIdentifier',
  16: 'sourceRepositoryOwnerURI',
  17: 'sourceRepositoryOwnerIdentifier',
  18: 'buildConfigURI',
  19: 'buildConfigDigest',
  20: 'buildTrigger',
  21: 'runInvocationURI',
  22: 'sourceRepositoryVisibilityAtSigning',
};
const [otherNameOid, lastPlain] = [`${fulcio}7`, 6];

/** Throws on what is no certificate for signing; a bare public key is none. */
export function readLeaf(der: Buffer): Leaf {
  const node = new NodeCertificate(der);
  if (!(node.keyUsage ?? []).includes(codeSigning)) {
    throw new Error('its extended key usage does not include code signing');
  }
  const parsed = X509Certificate.parse(Buffer.from(node.raw));
  const extensions = fulcioExtensions(parsed);
  const issuer = extensions['issuer'] ?? null;
  return { parsed, node, der: node.raw, subjects: subjectsOf(parsed), issuer, extensions };
}

function subjectsOf(certificate: X509Certificate): readonly string[] {
  const names = certificate.extension(alternativeNames)?.valueObj.subs[0]?.subs ?? [];
  return names.flatMap((name) => {
    if (!name.tag.isContextSpecific()) return [];
    if ([email, dns, uri].includes(name.tag.number)) return [text(name.value)];
    return name.tag.number === otherName ? otherNames(name) : [];
  });
}

function otherNames({ subs: [oid, value] }: ASN1Obj): readonly string[] {
  const own = value?.subs[0];
  return oid?.toOID() === otherNameOid && own !== undefined ? [text(own.value)] : [];
}

/** By name; 8 comes after 1 and wins, as in cosign. */
function fulcioExtensions(certificate: X509Certificate): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(nameOf).flatMap(([number, name]) => {
      const extension = certificate.extension(`${fulcio}${number}`);
      if (extension === undefined) return [];
      const { value, valueObj } = extension;
      const inner = Number(number) > lastPlain ? valueObj.subs[0]?.value : value;
      return inner === undefined ? [] : [[name, text(inner)]];
    }),
  );
}

function text(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}
