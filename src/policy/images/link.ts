// Gives the authorities of all image policies the trust roots that they name. What refers to a TrustRoot that has faults of
// its own is not blamed.
// Upstream: the webhook of sigstore/policy-controller looks them up when an image comes.
import { createHash } from 'node:crypto';
import type { Brand } from '../../base/brand.ts';
import { type FieldPath, formatPath } from '../../base/field-path.ts';
import { canonicalJson, get, isArray, type JsonObject, type JsonValue } from '../../base/json.ts';
import { joinQuote, quote } from '../../base/text.ts';
import type { Authority, AuthorityId, Signers, TrustRoot } from '../../images/model.ts';
import { publicGoodRoot } from '../../images/trust/public-good.ts';
import type { Fault, Report } from '../faults.ts';
import type { ImageAuthority, ImagePolicy } from '../model.ts';
import { suggest } from '../suggest.ts';
import type { VerifiedDraft } from './authority.ts';
import { chainJson } from './certificates.ts';
import type { Certifier, KeylessDraft } from './keyless.ts';
import { isPublicRekor, logUrls, withLogAt } from './logs.ts';
import type { ImagePolicyDraft } from './policy.ts';
import { always } from './trust-root.ts';

/** By name; null: it has faults. */
export type TrustRoots = ReadonlyMap<string, TrustRoot | null>;

export function linkImagePolicy(
  draft: ImagePolicyDraft,
  roots: TrustRoots,
  report: Report,
): ImagePolicy {
  const authorities = draft.authorities.flatMap((each, i): readonly ImageAuthority[] => {
    if (each === null) return [];
    if (each.kind === 'static') return [each];
    const authority = linkAuthority(each, ['spec', 'authorities', i], { roots, report });
    const { name, attestations } = each;
    return authority === null ? [] : [{ kind: 'verified', name, authority, attestations }];
  });
  return { ...draft, authorities };
}

type Linking = { readonly roots: TrustRoots; readonly report: Report };

/** null: a fault has been told, here or in the trust root. */
function linkAuthority(draft: VerifiedDraft, path: FieldPath, linking: Linking): Authority | null {
  const transparencyLog = logOf(draft, path, linking);
  const timestamps =
    draft.timestamps === null
      ? null
      : namedRoot(draft.timestamps, [...path, 'rfc3161timestamp'], 'timestampAuthorities', linking);
  const signers =
    draft.signers.kind === 'keys' ? draft.signers : linkKeyless(draft.signers, path, linking);
  if (transparencyLog === undefined || timestamps === undefined || signers === undefined)
    return null;
  if (signers.kind === 'keyless')
    checkTime(signers.trustRoot, transparencyLog ?? timestamps, path, linking);
  const { name, sources, signatureFormat, attestations } = draft;
  const predicateTypes = [...new Set(attestations.map((each) => each.predicateType))];
  const content = {
    name,
    signers,
    transparencyLog,
    timestamps,
    sources,
    signatureFormat,
    predicateTypes,
  };
  return { id: idOf(content), ...content };
}

type Part = 'certificateAuthorities' | 'ctlogs' | 'tlogs' | 'timestampAuthorities';

/** As TrustRoot calls them. */
const partNames: Readonly<Record<Part, string>> = {
  certificateAuthorities: 'certificateAuthorities',
  ctlogs: 'ctLogs',
  tlogs: 'tLogs',
  timestampAuthorities: 'timestampAuthorities',
};

function has({ json }: TrustRoot, part: Part): boolean {
  const items = get(json, part);
  return isArray(items) && items.length > 0;
}

/** undefined: there is none that can be used. */
function namedRoot(
  name: string,
  owner: FieldPath,
  part: Part,
  { roots, report }: Linking,
): TrustRoot | undefined {
  const path = [...owner, 'trustRootRef'];
  const root = roots.get(name);
  if (root === undefined) {
    const message = `${formatPath(path)}: there is no TrustRoot ${quote(name)} under the policy paths`;
    const fix = suggest(name, [...roots.keys()]) ?? 'put the TrustRoot beside the policy';
    report({ code: 'policy-reference', path, message, fix });
    return undefined;
  }
  if (root !== null && !has(root, part)) {
    const message = `${formatPath(path)}: the TrustRoot ${quote(name)} has no ${partNames[part]}`;
    report({ code: 'policy-reference', path, message });
  }
  return root ?? undefined;
}

/** null: no log is asked for. */
function logOf(
  { log, signers }: VerifiedDraft,
  authority: FieldPath,
  linking: Linking,
): TrustRoot | null | undefined {
  if (log === null) return null;
  const path = [...authority, 'ctlog'];
  const certifier = signers.kind === 'keyless' ? signers.certifier : null;
  const named = log.trustRootRef || (certifier?.kind === 'named' ? certifier.name : '');
  if (named === '' && isPublicRekor(log.url)) return publicGoodRoot;
  const root = named === '' ? publicGoodRoot : namedRoot(named, path, 'tlogs', linking);
  if (root === undefined) return undefined;
  const narrowed = withLogAt(root, log.url);
  if (narrowed === undefined) linking.report(unknownLog(root, log.url, path));
  return narrowed;
}

function unknownLog(root: TrustRoot, url: string, path: FieldPath): Fault {
  const at = { code: 'policy-reference', path: [...path, 'url'] } as const;
  if (root === publicGoodRoot) {
    const message = `${formatPath(path)}: nothing is known of the key of the log ${quote(url)}`;
    const fix = 'put it into a TrustRoot under tLogs, and name it in trustRootRef beside the url';
    return { ...at, message, fix };
  }
  const message = `${formatPath(at.path)}: the TrustRoot ${quote(root.name)} has no log ${quote(url)}`;
  const fix = `write the baseURL of one of its tLogs (${joinQuote(logUrls(root))}), or add the log to them`;
  return { ...at, message, fix };
}

type Keyless = Extract<Signers, { kind: 'keyless' }>;

function linkKeyless(
  { identities, certifier, insecureIgnoreSCT }: KeylessDraft,
  authority: FieldPath,
  linking: Linking,
): Keyless | undefined {
  const path = [...authority, 'keyless'];
  const trustRoot = rootOf(certifier, path, linking);
  if (trustRoot === undefined) return undefined;
  if (certifier.kind !== 'own' && !insecureIgnoreSCT && !has(trustRoot, 'ctlogs')) {
    const at = [...path, 'trustRootRef'];
    const message = `${formatPath(at)}: the TrustRoot ${quote(trustRoot.name)} has no ctLogs, by which certificates are checked`;
    const fix = 'add them to it, or set insecureIgnoreSCT: true';
    linking.report({ code: 'policy-reference', path: at, message, fix });
  }
  return { kind: 'keyless', identities, trustRoot, insecureIgnoreSCT };
}

function rootOf(certifier: Certifier, path: FieldPath, linking: Linking): TrustRoot | undefined {
  switch (certifier.kind) {
    case 'public':
      return publicGoodRoot;
    case 'named':
      return namedRoot(certifier.name, path, 'certificateAuthorities', linking);
    case 'own':
      return ownRoot(chainJson(certifier.chain));
  }
}

/** The public logs, and certificates by a CA of one's own. */
function ownRoot(certChain: JsonObject): TrustRoot {
  const authority = { uri: '', certChain, validFor: always };
  const json = {
    ...publicGoodRoot.json,
    certificateAuthorities: [authority],
    ctlogs: [],
    timestampAuthorities: [],
  };
  return { name: 'ca-cert', json };
}

/** A certificate is valid for minutes: a log or a timestamp authority must say when it was used. */
function checkTime(
  root: TrustRoot,
  other: TrustRoot | null,
  authority: FieldPath,
  { report }: Linking,
): void {
  if (other !== null || has(root, 'tlogs') || has(root, 'timestampAuthorities')) return;
  const path = [...authority, 'keyless', 'trustRootRef'];
  const message = `${formatPath(path)}: the TrustRoot ${quote(root.name)} has neither tLogs nor timestampAuthorities, so nobody could say when a signature was made`;
  report({ code: 'policy-reference', path, message });
}

function idOf(content: Readonly<Record<string, JsonValue>>): AuthorityId {
  const hash = createHash('sha256').update(canonicalJson(content)).digest('hex');
  return hash as Brand<string, 'AuthorityId'>;
}
