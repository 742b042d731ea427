// An authority with its keys and trust roots parsed, and with what it asks for spelled out.
import { messageOf } from '../../base/cause.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { cut, printable, quote } from '../../base/text.ts';
import type { Authority, Identity, ImageFault, Signers, TrustRoot } from '../model.ts';
import type { Trust } from '../trust/material.ts';
import { keyOfPem, type SigningKey } from './key.ts';

type Keys = { readonly kind: 'keys'; readonly keys: readonly SigningKey[] };

type Keyless = {
  readonly kind: 'keyless';
  readonly identities: readonly Identity[];
  /** Its certificate authorities, with the logs and timestamp authorities of this authority. */
  readonly trust: Trust;
  readonly ignoresSct: boolean;
  /** The same for authorities that differ in nothing but their identities. */
  readonly trustKey: string;
};

export type OpenAuthority = {
  readonly signers: Keys | Keyless;
  /** null: what it says is not asked for. */
  readonly logs: Trust | null;
  readonly stampers: Trust | null;
  readonly needsLog: boolean;
  readonly needsStamp: boolean;
};

export type KeyedAuthority = OpenAuthority & { readonly signers: Keys };
export type KeylessAuthority = OpenAuthority & { readonly signers: Keyless };

export function isKeyed(authority: OpenAuthority): authority is KeyedAuthority {
  return authority.signers.kind === 'keys';
}

export function isKeyless(authority: OpenAuthority): authority is KeylessAuthority {
  return authority.signers.kind === 'keyless';
}

type Opening = (root: TrustRoot) => Trust;

export function openAuthority(
  authority: Authority,
  open: Opening,
): Result<OpenAuthority, ImageFault> {
  try {
    return ok(opened(authority, open));
  } catch (cause) {
    const why = printable(cut(messageOf(cause), 200));
    const message = `the authority ${quote(authority.name)} cannot be used: ${why}`;
    return err({ code: 'image-trust-root', message });
  }
}

function opened({ signers, transparencyLog, timestamps }: Authority, open: Opening): OpenAuthority {
  const asked = {
    logs: transparencyLog === null ? null : open(transparencyLog),
    stampers: timestamps === null ? null : open(timestamps),
    needsLog: transparencyLog !== null,
    needsStamp: timestamps !== null,
  };
  if (signers.kind === 'keyless') return openedKeyless(signers, asked, open);
  const keys = signers.keys.map((pem) => keyOfPem(pem, signers.hashAlgorithm));
  return { ...asked, signers: { kind: 'keys', keys } };
}

/** Who says when a certificate was used: the logs and timestamp authorities of its own trust root, unless others are asked for. */
function openedKeyless(
  signers: Extract<Signers, { kind: 'keyless' }>,
  asked: Omit<OpenAuthority, 'signers'>,
  open: Opening,
): OpenAuthority {
  const own = open(signers.trustRoot);
  const { logs, stampers } = { logs: asked.logs ?? own, stampers: asked.stampers ?? own };
  const { tlogs } = logs.material;
  const { timestampAuthorities } = stampers.material;
  const trust: Trust = { ...own, material: { ...own.material, tlogs, timestampAuthorities } };
  const { identities, insecureIgnoreSCT: ignoresSct } = signers;
  const needs = [asked.needsLog, asked.needsStamp, ignoresSct];
  const trustKey = JSON.stringify([own.id, logs.id, stampers.id, needs]);
  return {
    ...asked,
    logs,
    stampers,
    signers: { kind: 'keyless', identities, trust, ignoresSct, trustKey },
  };
}
