// One authority of an image policy over the evidence: a valid signature or, where it asks for attestations, one of each
// type that meets its condition. Upstream: ValidatePolicy in sigstore/policy-controller, pkg/webhook/validator.go.
import { get } from '../../base/json.ts';
import { quote } from '../../base/text.ts';
import type { AuthorityEvidence } from '../../images/model.ts';
import type { ImageAuthority } from '../../policy/model.ts';
import {
  type AuthorityMatch,
  holds,
  type Scene,
  type SeenAttestation,
  seenAttestation,
  seenImage,
  seenSignature,
} from './condition.ts';
import type { Refused, Undecided, Unknown } from './judgement.ts';
import { type About, noAttestation, noSignature, notThere, unmetAttestation } from './lacking.ts';

export type Verified = Extract<ImageAuthority, { readonly kind: 'verified' }>;
type Attestation = Verified['attestations'][number];

export type AuthorityJudgement =
  | { readonly kind: 'satisfied'; readonly match: AuthorityMatch }
  | Refused
  | Undecided
  | Unknown;

export type Judging = About & { readonly scene: Scene };

export async function judgeAuthority(
  wanted: Verified,
  judging: Judging,
): Promise<AuthorityJudgement> {
  const { authorities } = judging.evidence;
  const found = authorities.find(({ authority }) => authority === wanted.authority.id);
  if (found === undefined) {
    const why = `what was found for ${wanted.name} is not known`;
    return { kind: 'unknown', code: 'value-unknown', why };
  }
  const gone = found.rejected.find(({ code }) => code === 'image-not-found');
  if (gone !== undefined) return notThere(`it ${gone.message}`);
  const signatures = found.signatures.map(seenSignature);
  if (wanted.attestations.length === 0) {
    return signatures.length === 0
      ? orUndecided(noSignature(wanted.name, found, judging), found)
      : { kind: 'satisfied', match: { signatures, attestations: {} } };
  }
  const attestations: [string, readonly SeenAttestation[]][] = [];
  for (const attestation of wanted.attestations) {
    const judged = await judgeAttestation(attestation, wanted, found, judging);
    if (judged.kind !== 'satisfied') return judged;
    attestations.push([attestation.name, judged.seen]);
  }
  return {
    kind: 'satisfied',
    match: { signatures, attestations: Object.fromEntries(attestations) },
  };
}

/** INVARIANT: nothing is absent that may be behind a fault. */
function orUndecided(refused: Refused, { faults }: AuthorityEvidence): Refused | Undecided {
  const [fault] = faults;
  if (fault === undefined) return refused;
  return { kind: 'undecided', code: fault.code, why: fault.message };
}

type JudgedAttestation =
  | { readonly kind: 'satisfied'; readonly seen: readonly SeenAttestation[] }
  | Exclude<AuthorityJudgement, { readonly kind: 'satisfied' }>;

/** Every statement that holds is a match; one suffices. */
async function judgeAttestation(
  { name, predicateType, condition }: Attestation,
  wanted: Verified,
  found: AuthorityEvidence,
  judging: Judging,
): Promise<JudgedAttestation> {
  const own = found.attestations.filter((each) => each.predicateType === predicateType);
  if (own.length === 0)
    return orUndecided(noAttestation({ name, predicateType }, wanted.name, found, judging), found);
  const seen: SeenAttestation[] = [];
  let refused: Refused | undefined;
  let unknown: Unknown | undefined;
  const image = seenImage(judging.reference, judging.evidence.digest);
  for (const attestation of own) {
    const one = seenAttestation(attestation);
    if (condition === null) {
      seen.push(one);
      continue;
    }
    if (wasCut(attestation.statement)) {
      unknown ??= notKept(name);
      continue;
    }
    const held = await holds(condition, { ...one, image }, judging.scene);
    if (held.kind === 'yes') seen.push(one);
    else if (held.kind === 'unknown') unknown ??= { ...held, kind: 'unknown' };
    else refused ??= unmetAttestation(name, wanted.name, held.why, judging);
  }
  if (seen.length > 0) return { kind: 'satisfied', seen };
  if (unknown !== undefined) return unknown;
  return orUndecided(refused ?? unmetAttestation(name, wanted.name, '', judging), found);
}

/** A record keeps only the digest of a large statement; what was verified is an in-toto Statement and has its type. */
function wasCut(statement: unknown): boolean {
  return get(statement, '_type') === undefined;
}

function notKept(name: string): Unknown {
  const why = `the statement of the attestation ${quote(name)} was too large to be kept`;
  return { kind: 'unknown', code: 'value-unknown', why };
}
