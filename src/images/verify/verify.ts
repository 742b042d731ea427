// From what is attached to an image to what is verified of it, authority by authority. Pure: no clock, no network; a
// signature is judged by the time that a log or timestamp authority vouches for.
import type { Digest } from '../../base/brand.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { cut, joinQuote, quote } from '../../base/text.ts';
import type { Artefact, Rejection } from '../artefact.ts';
import type {
  Authority,
  AuthorityEvidence,
  ImageFault,
  Rejected,
  TrustRoot,
  VerifiedSignature,
} from '../model.ts';
import { openTrustRoots, type Trust } from '../trust/material.ts';
import type { Candidate } from './candidate.ts';
import { type Certify, openCertify } from './certify.ts';
import { type Content, contentOf } from './content.ts';
import { evidenceIn, type Finding, identityOf } from './finding.ts';
import { judgeSignature } from './judge.ts';
import { type OpenAuthority, openAuthority } from './open-authority.ts';
import { readCandidates } from './read.ts';
import { told } from './witnesses.ts';

/** `artefacts`: what is in the places where this authority looks. */
export type Verification = {
  readonly digest: Digest;
  readonly authority: Authority;
  readonly artefacts: readonly Artefact[];
  /** What was found there and could not be had. */
  readonly rejected: readonly Rejected[];
  readonly faults: readonly ImageFault[];
};

export type Verify = (verification: Verification) => Result<AuthorityEvidence, ImageFault>;

/** Keeps what several authorities of an image have in common, as long as its artefacts are in memory. */
export function openVerify(): Verify {
  const shared = { trustRoots: openTrustRoots(), read: openRead(), certify: openCertify() };
  return (verification) => verify(verification, shared);
}

type Shared = {
  readonly trustRoots: (root: TrustRoot) => Trust;
  readonly read: typeof readCandidates;
  readonly certify: Certify;
};

function openRead(): typeof readCandidates {
  const known = new WeakMap<Artefact, ReturnType<typeof readCandidates>>();
  return (artefact) => {
    const candidates = known.get(artefact) ?? readCandidates(artefact);
    known.set(artefact, candidates);
    return candidates;
  };
}

function verify(verification: Verification, shared: Shared): ReturnType<Verify> {
  const { digest, authority, artefacts, rejected: lost, faults } = verification;
  const opened = openAuthority(authority, shared.trustRoots);
  if (!opened.ok) return opened;
  const wanted = { digest, types: authority.predicateTypes, authority: opened.value };
  const findings = artefacts.flatMap((artefact): readonly Finding[] => {
    const candidates = shared.read(artefact);
    return candidates.ok
      ? candidates.value.flatMap((candidate) => findingOf(candidate, wanted, shared.certify))
      : [{ kind: 'rejected', artefact: artefact.digest, rejection: candidates.error }];
  });
  const { id, name } = authority;
  return ok({ authority: id, name, ...evidenceIn(findings, lost), faults });
}

type Wanted = {
  readonly digest: Digest;
  /** Of predicates; empty: signatures. */
  readonly types: readonly string[];
  readonly authority: OpenAuthority;
};

/** None for a signature where attestations are asked for, or the other way round: nothing is wrong with it. */
function findingOf(candidate: Candidate, wanted: Wanted, certify: Certify): readonly Finding[] {
  const { artefact } = candidate;
  const content = contentOf(candidate, wanted.digest);
  if (!content.ok) return [{ kind: 'rejected', artefact, rejection: content.error }];
  if ((content.value.kind === 'attestation') !== wanted.types.length > 0) return [];
  const judged = isOfType(content.value, wanted.types)
    ? judge(candidate, content.value, wanted.authority, certify)
    : err(otherType(content.value, wanted.types));
  if (!judged.ok) return [{ kind: 'rejected', artefact, rejection: judged.error }];
  const identity = identityOf(candidate, judged.value.key);
  return [{ kind: 'verified', identity, signature: judged.value, content: content.value }];
}

function isOfType(content: Content, types: readonly string[]): boolean {
  return content.kind === 'signature' || types.includes(content.predicateType);
}

function otherType(content: Content, types: readonly string[]): Rejection {
  const found = content.kind === 'attestation' ? quote(cut(content.predicateType, 200)) : 'none';
  const message = `is an attestation of the type ${found}; wanted is ${joinQuote(types)}`;
  return { code: 'image-attestation-type', message };
}

/** Threat: a library that throws on what an attacker wrote. That is a rejection of this one artefact. */
function judge(
  ...question: Parameters<typeof judgeSignature>
): Result<VerifiedSignature, Rejection> {
  try {
    return judgeSignature(...question);
  } catch (cause) {
    const message = `cannot be verified: ${told(cause)}`;
    return err({ code: 'image-artefact-unreadable', message });
  }
}
