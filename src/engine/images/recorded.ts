// Evidence as a decision carries it, so that it can be made again without a registry: all of it, but of large statements
// only size and digest. With those it replays as unknown, which is the truth.
import { createHash } from 'node:crypto';
import { canonicalJson, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { AuthorityEvidence, ImageEvidence, VerifiedAttestation } from '../../images/model.ts';

/** Characters of all statements of one image together: a record has room for 256 KiB. */
const room = 64 * 1024;

/** The same evidence answers thousands of requests. */
const known = new WeakMap<ImageEvidence, JsonObject>();

export function recordedEvidence(evidence: ImageEvidence): JsonObject {
  const before = known.get(evidence);
  if (before !== undefined) return before;
  let left = room;
  const { repository, digest, authorities } = evidence;
  const statementOf = (statement: JsonObject): JsonValue => {
    const text = canonicalJson(statement);
    if (text.length > left) return cutStatement(text);
    left -= text.length;
    return statement;
  };
  const recorded = {
    repository,
    digest,
    authorities: authorities.map((each) => authorityJson(each, statementOf)),
  };
  known.set(evidence, recorded);
  return recorded;
}

type StatementOf = (statement: JsonObject) => JsonValue;

function authorityJson(
  { signatures, attestations, rejected, faults, ...names }: AuthorityEvidence,
  statementOf: StatementOf,
): JsonObject {
  return {
    ...names,
    signatures: signatures.map((each) => ({ ...each })),
    attestations: attestations.map((each) => attestationJson(each, statementOf)),
    rejected: rejected.map((each) => ({ ...each })),
    faults: faults.map((each) => ({ ...each })),
  };
}

function attestationJson(
  { statement, ...signature }: VerifiedAttestation,
  statementOf: StatementOf,
): JsonObject {
  return { ...signature, statement: statementOf(statement) };
}

function cutStatement(text: string): JsonObject {
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { cut: true, bytes: Buffer.byteLength(text), digest: `sha256:${sha256}` };
}
