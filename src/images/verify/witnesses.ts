// Who saw a signature: entries of logs and timestamps that the trust vouches for, each on its own. What is not vouched
// for counts as absent, and its reason is kept for the case that it is missed.
import type { TransparencyLogEntry } from '@sigstore/bundle';
import { RFC3161Timestamp } from '@sigstore/core';
import { type SignedEntity, VerificationError, Verifier } from '@sigstore/verify';
import { messageOf } from '../../base/cause.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { cut, printable, quote } from '../../base/text.ts';
import type { Rejection } from '../artefact.ts';
import type { Trust } from '../trust/material.ts';
import type { Candidate } from './candidate.ts';
import { isKnownKind, kindOf, namesSigner } from './entry.ts';
import type { SigningKey } from './key.ts';
import { signatureContent } from './signature-content.ts';

export type Witnesses = {
  readonly entries: readonly TransparencyLogEntry[];
  readonly stamps: readonly RFC3161Timestamp[];
  /** Of what does not count. */
  readonly entryFaults: readonly Rejection[];
  readonly stampFaults: readonly Rejection[];
};

/** null: nobody is asked. */
export type WitnessTrust = { readonly logs: Trust | null; readonly stampers: Trust | null };

export function witnessesOf(
  candidate: Candidate,
  key: SigningKey,
  { logs, stampers }: WitnessTrust,
): Witnesses {
  const seen = logs === null ? [] : distinct(candidate.entries);
  const stamped = stampers === null ? [] : candidate.stamps;
  const entries = seen.map((entry) => checkedEntry(candidate, key, logs, entry));
  const stamps = stamped.map((stamp) => checkedStamp(candidate, key, stampers, stamp));
  return {
    entries: entries.flatMap((entry) => (entry.ok ? [entry.value] : [])),
    entryFaults: entries.flatMap((entry) => (entry.ok ? [] : [entry.error])),
    stamps: stamps.flatMap((stamp) => (stamp.ok ? [stamp.value] : [])),
    stampFaults: stamps.flatMap((stamp) => (stamp.ok ? [] : [stamp.error])),
  };
}

/** A repeated entry is one entry. */
function distinct(entries: readonly TransparencyLogEntry[]): readonly TransparencyLogEntry[] {
  const bodies = entries.map((entry) =>
    Buffer.concat([entry.logId.keyId, entry.canonicalizedBody]).toString('base64'),
  );
  return entries.filter((_entry, index) => bodies.indexOf(bodies[index] ?? '') === index);
}

function checkedEntry(
  candidate: Candidate,
  key: SigningKey,
  logs: Trust | null,
  entry: TransparencyLogEntry,
): Result<TransparencyLogEntry, Rejection> {
  if (!isKnownKind(entry)) {
    const kind = quote(cut(kindOf(entry), 40));
    const message = `its log entry is of the kind ${kind}, which is not read; sign or attest again`;
    return err({ code: 'image-signature-log-kind', message });
  }
  try {
    if (!namesSigner(entry, candidate.signer, key)) {
      return other('its log entry names another key or certificate than the one that signed');
    }
    check(logs, candidate, key, { tlogEntries: [entry] });
    return ok(entry);
  } catch (cause) {
    if (cause instanceof VerificationError && cause.code === 'TLOG_BODY_ERROR') {
      return other(`its log entry is of another signature (${told(cause)})`);
    }
    const name = quote(logs?.name ?? '');
    const message = `no log of the trust root ${name} vouches for its log entry (${told(cause)})`;
    return err({ code: 'image-signature-log', message });
  }
}

function other(message: string): Result<never, Rejection> {
  return err({ code: 'image-signature-log-other', message });
}

function checkedStamp(
  candidate: Candidate,
  key: SigningKey,
  stampers: Trust | null,
  bytes: Buffer,
): Result<RFC3161Timestamp, Rejection> {
  try {
    const timestamp = RFC3161Timestamp.parse(Buffer.from(bytes));
    check(stampers, candidate, key, {
      timestamps: [{ $case: 'timestamp-authority', timestamp }],
    });
    return ok(timestamp);
  } catch (cause) {
    const who = `timestamp authority of the trust root ${quote(stampers?.name ?? '')}`;
    const message = `no ${who} vouches for its timestamp (${told(cause)})`;
    return err({ code: 'image-signature-timestamp', message });
  }
}

const noTrust = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };

/** Asks the library about one witness, the key being known: certificates are not its matter here. */
function check(
  trust: Trust | null,
  candidate: Candidate,
  key: SigningKey,
  witness: Partial<Pick<SignedEntity, 'tlogEntries' | 'timestamps'>>,
): void {
  const publicKey = () => ({ publicKey: key.key, validFor: () => true });
  const wanted = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 };
  new Verifier({ ...(trust?.material ?? noTrust), publicKey }, wanted).verify({
    signature: signatureContent(candidate, key),
    key: { $case: 'public-key', hint: '' },
    tlogEntries: [],
    timestamps: [],
    ...witness,
  });
}

export function told(cause: unknown): string {
  return printable(cut(messageOf(cause), 200));
}
