// One image policy over one image: any of its authorities, and then its own condition over all that they verified.
// Upstream: ValidatePolicy in sigstore/policy-controller, pkg/webhook/validator.go.

import { parseDigest } from '../../base/brand.ts';
import { quote } from '../../base/text.ts';
import type { ImageReference } from '../../k8s/image-reference.ts';
import type { ImageAuthority, ImagePolicy } from '../../policy/model.ts';
import { type AuthorityJudgement, judgeAuthority, type Verified } from './authority.ts';
import { type AuthorityMatch, type Held, holds, type Scene, seenImage } from './condition.ts';
import type { Evidence, Judgement, Refused, Undecided, Unknown } from './judgement.ts';
import { notThere } from './lacking.ts';

/** What has to be verified before the policy can be judged; none where a static authority settles it. */
export function neededAuthorities({ authorities, condition }: ImagePolicy): readonly Verified[] {
  const passes = authorities.some((each) => each.kind === 'static' && each.action === 'pass');
  if (passes && condition === null) return [];
  return authorities.filter((each) => each.kind === 'verified');
}

/** `evidence` counts only where something has to be verified. */
export async function judgePolicy(
  policy: ImagePolicy,
  reference: ImageReference,
  evidence: Evidence,
  scene: Scene,
): Promise<Judgement> {
  const needed = neededAuthorities(policy);
  if (needed.length > 0 && evidence.kind !== 'known') return notHad(evidence);
  const judged = await judgeAuthorities(policy, reference, evidence, scene);
  const { matches, others } = judged;
  if (matches.size === 0) return worstOf(others.map(([, other]) => other));
  const known = evidence.kind === 'known' ? evidence.evidence.digest : null;
  const isVerified = needed.some(({ name }) => matches.has(name));
  const satisfied: Judgement = { kind: 'satisfied', digest: isVerified ? known : null };
  const { condition } = policy;
  if (condition === null) return satisfied;
  const image = seenImage(reference, known ?? parseDigest(reference.digest ?? '') ?? null);
  const unmet = await unmetBy(judged, (found) =>
    holds(condition, { authorityMatches: Object.fromEntries(found), image }, scene),
  );
  return unmet ?? satisfied;
}

type Judged = {
  readonly matches: ReadonlyMap<string, AuthorityMatch>;
  readonly others: readonly (readonly [name: string, Other])[];
};

/** Without a condition the first that is satisfied suffices. */
async function judgeAuthorities(
  { authorities, condition }: ImagePolicy,
  reference: ImageReference,
  evidence: Evidence,
  scene: Scene,
): Promise<Judged> {
  const matches = new Map<string, AuthorityMatch>();
  const others: [string, Other][] = [];
  for (const authority of authorities) {
    const judged = await judgeOne(authority, reference, evidence, scene);
    if (judged.kind === 'satisfied') matches.set(authority.name, judged.match);
    else others.push([authority.name, judged]);
    if (judged.kind === 'satisfied' && condition === null) break;
  }
  return { matches, others };
}

type HoldsFor = (found: Iterable<readonly [string, AuthorityMatch]>) => Promise<Held>;

/** Why a condition is not met; undefined: it is. An authority that could not be judged might have made it true. Threat: or
 * false, where it has a veto; so what holds without it must also hold with it. */
async function unmetBy(
  { matches, others }: Judged,
  holdsFor: HoldsFor,
): Promise<Other | undefined> {
  const held = await holdsFor(matches);
  if (held.kind === 'unknown') return { ...held, kind: 'unknown' };
  const all = others.map(([, other]) => other);
  const open = all.find(isOpen);
  if (held.kind === 'no') return open ?? refusedByCondition(held.why, [...matches.keys()], all);
  if (open === undefined) return undefined;
  const unjudged = others.filter(([, other]) => isOpen(other));
  const withThem = await holdsFor([
    ...matches,
    ...unjudged.map(([name]): [string, AuthorityMatch] => [name, noMatch]),
  ]);
  return withThem.kind === 'yes' ? undefined : open;
}

const noMatch: AuthorityMatch = { signatures: [], attestations: {} };

type Other = Refused | Undecided | Unknown;

function isOpen(judged: Other): judged is Undecided | Unknown {
  return judged.kind !== 'refused';
}

function notHad(evidence: Exclude<Evidence, { readonly kind: 'known' }>): Other {
  if (evidence.kind === 'not-asked') {
    const why = 'images are verified only with --verify-images';
    return { kind: 'unknown', code: 'images-not-verified', why };
  }
  const { code, message } = evidence;
  return code === 'image-not-found' ? notThere(message) : { kind: 'undecided', code, why: message };
}

async function judgeOne(
  authority: ImageAuthority,
  reference: ImageReference,
  evidence: Evidence,
  scene: Scene,
): Promise<AuthorityJudgement> {
  if (authority.kind === 'verified') {
    return evidence.kind === 'known'
      ? judgeAuthority(authority, { reference, evidence: evidence.evidence, scene })
      : notHad(evidence);
  }
  const { action, name, message } = authority;
  if (action === 'pass') return { kind: 'satisfied', match: { signatures: [], attestations: {} } };
  const why = message === '' ? `${name} refuses these images` : message;
  const fix = 'use an image that the policies allow';
  return { kind: 'refused', code: 'image-static', why, fix };
}

/** What could not be found out may be the one that suffices. Of refusals the one that is nearest to being satisfied is
 * told first, and its code and fix are those of the whole. */
function worstOf(others: readonly Other[]): Other {
  const open = others.find(isOpen);
  if (open !== undefined) return open;
  const refusals = others.filter((each) => each.kind === 'refused');
  const sorted = [...refusals].sort((a, b) => rankOf(a) - rankOf(b));
  const [first] = sorted;
  if (first === undefined) {
    const fix = 'ask the owners of the policy to name an authority';
    return { kind: 'refused', code: 'image-static', why: 'no authority is named', fix };
  }
  return { ...first, why: [...new Set(sorted.map(({ why }) => why))].join('; ') };
}

const nearest = [
  'image-condition',
  'image-signature',
  'image-signer',
  'image-unsigned',
  'image-attestation',
];

function rankOf({ code }: Refused): number {
  const rank = nearest.indexOf(code);
  return rank < 0 ? nearest.length : rank;
}

function refusedByCondition(
  why: string,
  satisfied: readonly string[],
  others: readonly Other[],
): Refused {
  const missing = others.map((each) => each.why).join('; ');
  const about = `satisfied is ${satisfied.map(quote).join(', ')}${missing === '' ? '' : `; ${missing}`}`;
  const [fix] = others.flatMap((each) => (each.kind === 'refused' ? [each.fix] : []));
  return {
    kind: 'refused',
    code: 'image-condition',
    why: `the condition of the policy does not hold: ${why} (${about})`,
    fix: fix ?? 'ask the owners of the policy what it asks for',
  };
}
