// Whether the owner of a certificate is one whom the policy names. Ours alone: the library takes any text for an
// unanchored pattern, so that `github.com` is also `githubXcom`. Upstream: cosign's CheckCertificatePolicy.
import { RE2JS } from 're2js';
import { err, ok, type Result } from '../../base/result.ts';
import { cut, quote } from '../../base/text.ts';
import type { Rejection } from '../artefact.ts';
import type { Identity, TextRule } from '../model.ts';
import type { Leaf } from './certificate.ts';

export type Owner = { readonly issuer: string | null; readonly subject: string };

/** The error names whom we wanted and whom we found. */
export function ownerAmong(identities: readonly Identity[], leaf: Leaf): Result<Owner, Rejection> {
  const { issuer } = leaf;
  for (const identity of identities) {
    const subject = leaf.subjects.find((name) => fits(identity.subject, name));
    if (subject !== undefined && fits(identity.issuer, issuer)) return ok({ issuer, subject });
  }
  const found = described(joined(leaf.subjects.map(shown)), shown(issuer));
  const wanted = identities.map(({ issuer: by, subject }) => described(rule(subject), rule(by)));
  const message = `is by ${found}; wanted is ${wanted.join(', or ')}`;
  return err({ code: 'image-signature-identity', message });
}

function fits(wanted: TextRule | null, found: string | null): boolean {
  if (wanted === null) return true;
  if (found === null) return false;
  return wanted.kind === 'exact'
    ? wanted.text === found
    : RE2JS.compile(wanted.source).matcher(found).find();
}

function described(subject: string, issuer: string): string {
  return `${subject} (issuer ${issuer})`;
}

function joined(names: readonly string[]): string {
  return names.length === 0 ? 'nobody' : names.slice(0, 3).join(', ');
}

function shown(name: string | null): string {
  return name === null ? 'none' : quote(cut(name, 200));
}

function rule(wanted: TextRule | null): string {
  if (wanted === null) return 'anybody';
  return wanted.kind === 'exact' ? quote(wanted.text) : `what matches ${quote(wanted.source)}`;
}
