// The public keys of an authority: PEM as cosign writes it, each of a type that can be verified.
// Upstream: KeyRef in sigstore/policy-controller; cryptoutils.UnmarshalPEMToPublicKey in sigstore/sigstore.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { type FieldPath, formatPath } from '../../base/field-path.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { joinQuote, quote } from '../../base/text.ts';
import type { HashAlgorithm, Signers } from '../../images/model.ts';
import type { Report } from '../faults.ts';
import { type PemBlock, pemBlocks } from './pem.ts';
import type { WrittenKey } from './written.ts';

const hashAlgorithms: readonly HashAlgorithm[] = ['sha256', 'sha384', 'sha512'];

export type KeySigners = Extract<Signers, { kind: 'keys' }>;

export function compileKey(written: WrittenKey, path: FieldPath, report: Report): KeySigners {
  const how = 'the public key (PEM), which cosign public-key --key URI prints,';
  refuseElsewhere(written, path, how, report);
  const { data = '', hashAlgorithm } = written;
  const isElsewhere = written.kms !== undefined || written.secretRef !== undefined;
  return {
    kind: 'keys',
    keys: isElsewhere && data === '' ? [] : keysIn(data, [...path, 'data'], report),
    hashAlgorithm: hashOf(hashAlgorithm, [...path, 'hashAlgorithm'], report),
  };
}

/** Keys and certificates that are not in the policy: nothing is fetched, and no secret is read. */
export function refuseElsewhere(
  { kms, secretRef }: WrittenKey,
  path: FieldPath,
  what: string,
  report: Report,
): void {
  const fix = `put ${what} into ${formatPath([...path, 'data'])}`;
  if (kms !== undefined) {
    const message = `${formatPath([...path, 'kms'])} is not supported: no key service is asked`;
    report({ code: 'policy-unsupported', path: [...path, 'kms'], message, fix });
  }
  if (secretRef !== undefined) {
    const message = `${formatPath([...path, 'secretRef'])} is not supported: policies read no Secrets`;
    report({ code: 'policy-unsupported', path: [...path, 'secretRef'], message, fix });
  }
}

function keysIn(data: string, path: FieldPath, report: Report): readonly string[] {
  const where = formatPath(path);
  const blocks = pemBlocks(data);
  if (!blocks.ok || blocks.value.length === 0) {
    const why = blocks.ok ? 'holds no key' : blocks.error;
    const fix =
      'write it as cosign.pub has it, from -----BEGIN PUBLIC KEY----- to -----END PUBLIC KEY-----';
    report({ code: 'image-key', path, message: `${where} ${why}`, fix });
    return [];
  }
  const keys = blocks.value.flatMap((block, i) => {
    const key = publicKey(block);
    if (key.ok) return [key.value];
    const which = blocks.value.length === 1 ? '' : ` (key ${i + 1})`;
    report({ code: 'image-key', path, message: `${where}${which} ${key.error}`, at: block.start });
    return [];
  });
  return [...new Set(keys)];
}

const keyLabels = ['PUBLIC KEY', 'RSA PUBLIC KEY'];

/** As PEM of its SubjectPublicKeyInfo. Threat: nothing of a private key may get into a message. */
export function publicKey({ label, pem }: PemBlock): Result<string, string> {
  if (label.endsWith('PRIVATE KEY')) {
    return err('is a private key: write the public one, and take this one for lost');
  }
  if (!keyLabels.includes(label)) return err(`is a ${quote(label)}, not a PUBLIC KEY`);
  const key = parsed(pem);
  if (key === undefined)
    return err('is no public key: what stands between its lines cannot be read');
  const weakness = unusable(key);
  if (weakness !== undefined) return err(weakness);
  return ok(key.export({ type: 'spki', format: 'pem' }).toString());
}

function parsed(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}

const curves: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);
const leastBits = 2048;

function unusable({
  asymmetricKeyType: type,
  asymmetricKeyDetails,
}: KeyObject): string | undefined {
  const { namedCurve = '', modulusLength = 0 } = asymmetricKeyDetails ?? {};
  const wanted = 'ECDSA P-256, P-384 or P-521, RSA or Ed25519';
  switch (type) {
    case 'ec':
      return curves.has(namedCurve)
        ? undefined
        : `is on the curve ${quote(namedCurve)}: use ${wanted}`;
    case 'rsa':
      return modulusLength >= leastBits
        ? undefined
        : `is an RSA key of ${modulusLength} bits: at least ${leastBits} are needed`;
    case 'ed25519':
      return undefined;
    default:
      return `is of the type ${quote(type ?? '')}: use ${wanted}`;
  }
}

/** As upstream, in any case. */
function hashOf(
  written: string | undefined,
  path: FieldPath,
  report: Report,
): HashAlgorithm | null {
  if (written === undefined || written === '') return null;
  const found = hashAlgorithms.find((each) => each === written.trim().toLowerCase());
  if (found !== undefined) return found;
  const message = `${formatPath(path)} must be one of ${joinQuote(hashAlgorithms)}, not ${quote(written)}`;
  report({ path, message });
  return null;
}
