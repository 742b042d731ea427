// One authority of a ClusterImagePolicy, as far as the document itself says; trust roots are found when all are known.
// Upstream: Authority in pkg/apis/policy/v1beta1/clusterimagepolicy_types.go of sigstore/policy-controller.
import { type FieldPath, formatPath } from '../../base/field-path.ts';
import type { SignatureSource } from '../../images/model.ts';
import { onceEach, type Report } from '../faults.ts';
import type { ImageAuthority } from '../model.ts';
import { signatureFormats, staticActions } from '../schema/cluster-image-policy.ts';
import { compileCondition } from './condition.ts';
import { attestationScope } from './conditions.ts';
import { compileKeyless, type KeylessDraft } from './keyless.ts';
import { compileKey, type KeySigners } from './keys.ts';
import { predicateType } from './predicates.ts';
import { compileSource } from './sources.ts';
import type { WrittenAuthority } from './written.ts';

export type Static = Extract<ImageAuthority, { kind: 'static' }>;
type Attestations = Extract<ImageAuthority, { kind: 'verified' }>['attestations'];

export type VerifiedDraft = {
  readonly kind: 'verified';
  readonly name: string;
  readonly signers: KeySigners | KeylessDraft;
  /** Texts are "" where they are not written. */
  readonly log: { readonly url: string; readonly trustRootRef: string } | null;
  readonly timestamps: string | null;
  readonly sources: readonly SignatureSource[];
  readonly signatureFormat: 'legacy' | 'bundle' | null;
  readonly attestations: Attestations;
};

export type AuthorityDraft = Static | VerifiedDraft;

/** null: it names no signer at all, or several. */
export function compileAuthority(
  written: WrittenAuthority,
  index: number,
  report: Report,
  warn: Report,
): AuthorityDraft | null {
  const path = ['spec', 'authorities', index];
  const name = nameOf(written.name, index, path, report);
  if (!hasOneSigner(written, path, report)) return null;
  if (written.static !== undefined) return compileStatic(written, name, path, report);
  const { key, keyless = {}, ctlog, rfc3161timestamp } = written;
  return {
    kind: 'verified',
    name,
    signers:
      key === undefined
        ? compileKeyless(keyless, [...path, 'keyless'], report, warn)
        : compileKey(key, [...path, 'key'], report),
    log:
      ctlog === undefined ? null : { url: ctlog.url ?? '', trustRootRef: ctlog.trustRootRef ?? '' },
    timestamps: rfc3161timestamp?.trustRootRef ?? null,
    sources: (written.source ?? []).map((each, i) =>
      compileSource(each, [...path, 'source', i], report),
    ),
    signatureFormat: signatureFormats.find((each) => each === written.signatureFormat) ?? null,
    attestations: compileAttestations(written.attestations, [...path, 'attestations'], report),
  };
}

const maxName = 253;

/** Conditions, findings and records name it. */
function nameOf(
  written: string | undefined,
  index: number,
  path: FieldPath,
  report: Report,
): string {
  const at = [...path, 'name'];
  if (written === undefined || written === '') return `authority-${index}`;
  if (written.trim() !== written || written.length > maxName) {
    const message = `${formatPath(at)} must be at most ${maxName} characters, with no blank around them`;
    report({ path: at, message });
  }
  return written;
}

const signers = ['key', 'keyless', 'static'] as const;

function hasOneSigner(written: WrittenAuthority, path: FieldPath, report: Report): boolean {
  const [first, second] = signers.filter((each) => written[each] !== undefined);
  if (first === undefined) {
    report({ path, message: `${formatPath(path)} needs one of key, keyless and static` });
  } else if (second !== undefined) {
    const message = `${formatPath(path)} has both ${first} and ${second}`;
    const fix = 'make them two authorities: any of them suffices';
    report({ path: [...path, second], at: 'key', message, fix });
  }
  return first !== undefined && second === undefined;
}

/** Of a static authority nothing is verified, so there is nothing else to say of it. */
function compileStatic(
  written: WrittenAuthority,
  name: string,
  path: FieldPath,
  report: Report,
): Static {
  for (const field of [
    'source',
    'ctlog',
    'rfc3161timestamp',
    'signatureFormat',
    'attestations',
  ] as const) {
    if (written[field] === undefined) continue;
    const message = `${formatPath([...path, field])} does not fit static, which verifies nothing`;
    report({
      path: [...path, field],
      at: 'key',
      message,
      fix: 'remove it, or write key or keyless instead of static',
    });
  }
  const { action, message = '' } = written.static ?? {};
  return {
    kind: 'static',
    name,
    action: staticActions.find((each) => each === action) ?? 'fail',
    message: message.trim(),
  };
}

function compileAttestations(
  written: WrittenAuthority['attestations'] = [],
  path: FieldPath,
  report: Report,
): Attestations {
  const distinct = onceEach(report);
  return written.map(({ name = '', predicateType: type = '', policy }, i) => {
    const at = [...path, i];
    if (name.trim() === '')
      report({ path: [...at, 'name'], message: `${formatPath(at)}.name must not be blank` });
    distinct([...at, 'name'], name);
    const level = { scope: attestationScope, level: 'attestation' } as const;
    const condition =
      policy === undefined ? null : compileCondition(policy, [...at, 'policy'], level, report);
    return {
      name,
      predicateType: predicateType(type, [...at, 'predicateType'], report),
      condition,
    };
  });
}
