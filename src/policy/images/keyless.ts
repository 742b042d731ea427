// A keyless authority: who may sign, by the certificates of which authority.
// Upstream: KeylessRef in pkg/apis/policy/v1beta1/clusterimagepolicy_types.go of sigstore/policy-controller.
import type { X509Certificate } from 'node:crypto';
import { type FieldPath, formatPath } from '../../base/field-path.ts';
import { quote } from '../../base/text.ts';
import type { Identity } from '../../images/model.ts';
import type { Report } from '../faults.ts';
import { certificateChain } from './certificates.ts';
import { refuseElsewhere } from './keys.ts';
import { compileIdentity } from './patterns.ts';
import type { WrittenKey, WrittenKeyless } from './written.ts';

/** Whose certificates are believed. */
export type Certifier =
  | { readonly kind: 'public' }
  | { readonly kind: 'named'; readonly name: string }
  /** `ca-cert`: with the public logs. */
  | { readonly kind: 'own'; readonly chain: readonly X509Certificate[] };

export type KeylessDraft = {
  readonly kind: 'keyless';
  readonly identities: readonly Identity[];
  readonly certifier: Certifier;
  readonly insecureIgnoreSCT: boolean;
};

export function compileKeyless(
  written: WrittenKeyless,
  path: FieldPath,
  report: Report,
  warn: Report,
): KeylessDraft {
  const { identities = [], insecureIgnoreSCT = false } = written;
  return {
    kind: 'keyless',
    identities: identities.map((each, i) =>
      compileIdentity(each, [...path, 'identities', i], report, warn),
    ),
    certifier: certifierOf(written, path, report),
    insecureIgnoreSCT,
  };
}

const publicFulcio = 'https://fulcio.sigstore.dev';

function certifierOf(written: WrittenKeyless, path: FieldPath, report: Report): Certifier {
  const { url = '', trustRootRef = '', 'ca-cert': ca } = written;
  const given = [url === '' ? '' : 'url', ca === undefined ? '' : 'ca-cert'];
  if (ca !== undefined && (url !== '' || trustRootRef !== '')) {
    const other = given[0] === '' ? 'trustRootRef' : 'url';
    const message = `${formatPath(path)} has both ${other} and ca-cert`;
    report({ path: [...path, 'ca-cert'], at: 'key', message, fix: 'remove one of them' });
    return { kind: 'public' };
  }
  if (trustRootRef !== '') return { kind: 'named', name: trustRootRef };
  if (ca !== undefined) return ownCertifier(ca, written, path, report);
  if (url !== '' && url.replace(/\/$/, '') !== publicFulcio) {
    const at = [...path, 'url'];
    const message = `nothing is known of the certificates that ${quote(url)} issues`;
    const fix = 'put them into a TrustRoot, and name it in trustRootRef beside the url';
    report({ code: 'policy-reference', path: at, message, fix });
  }
  return { kind: 'public' };
}

function ownCertifier(
  ca: WrittenKey,
  { insecureIgnoreSCT }: WrittenKeyless,
  keyless: FieldPath,
  report: Report,
): Certifier {
  const path = [...keyless, 'ca-cert'];
  refuseElsewhere(ca, path, 'the certificates (PEM)', report);
  if (insecureIgnoreSCT !== true) {
    const message = `certificates by ${formatPath(path)} are in no certificate log that is known`;
    const fix = 'set insecureIgnoreSCT: true beside it, or use a TrustRoot with ctLogs';
    report({ path, at: 'key', message, fix });
  }
  const at = [...path, 'data'];
  if (ca.data === undefined) {
    if (ca.kms === undefined && ca.secretRef === undefined) {
      report({ path: at, message: `${formatPath(at)} is missing` });
    }
    return { kind: 'public' };
  }
  const chain = certificateChain(ca.data, 'ca');
  if (chain.ok) return { kind: 'own', chain: chain.value };
  report({ code: 'image-key', path: at, message: `${formatPath(at)} ${chain.error}` });
  return { kind: 'public' };
}
