// One ClusterImagePolicy as far as it says everything itself; `link.ts` gives it the trust roots that it names.
// Upstream: pkg/apis/policy/v1beta1/clusterimagepolicy_validation.go in github.com/sigstore/policy-controller.
import { quote } from '../../base/text.ts';
import type { LabelSelector } from '../../k8s/selector.ts';
import { parseSelectorText } from '../../k8s/selector-text.ts';
import { imagePolicyAnnotations, readNotes } from '../annotations.ts';
import { onceEach, type Report } from '../faults.ts';
import { checkMetadata } from '../metadata.ts';
import type { ImagePolicy } from '../model.ts';
import { type AuthorityDraft, compileAuthority } from './authority.ts';
import { compileCondition } from './condition.ts';
import { policyScope } from './conditions.ts';
import { compileGlobs } from './globs.ts';
import { compileMatch } from './matches.ts';
import type { WrittenImagePolicy } from './written.ts';

export type ImagePolicyDraft = Omit<ImagePolicy, 'authorities'> & {
  /** In the order of the document; null where there is a fault. */
  readonly authorities: readonly (AuthorityDraft | null)[];
};

/** `warn` takes what is allowed and hardly meant. */
export function compileImagePolicy(
  { metadata, spec = {} }: WrittenImagePolicy,
  report: Report,
  warn: Report,
): ImagePolicyDraft {
  const name = checkMetadata(metadata, report);
  const { title, remedy, severity, controls, text } = readNotes(
    metadata,
    imagePolicyAnnotations,
    report,
  );
  const { policy } = spec;
  const level = { scope: policyScope, level: 'policy' } as const;
  return {
    name,
    mode: spec.mode === 'warn' ? 'warn' : 'enforce',
    globs: compileGlobs(spec.images, report, warn),
    match: (spec.match ?? []).map((each, i) => compileMatch(each, i, report)),
    namespaceSelector: namespaceSelectorOf(text('namespace-selector'), report),
    authorities: compileAuthorities(spec.authorities, report, warn),
    condition:
      policy === undefined ? null : compileCondition(policy, ['spec', 'policy'], level, report),
    title,
    remedy,
    severity,
    controls,
  };
}

type WrittenSpec = NonNullable<WrittenImagePolicy['spec']>;

function compileAuthorities(
  written: WrittenSpec['authorities'] = [],
  report: Report,
  warn: Report,
): readonly (AuthorityDraft | null)[] {
  const distinct = onceEach(report);
  return written.map((each, i) => {
    const authority = compileAuthority(each, i, report, warn);
    distinct(['spec', 'authorities', i, 'name'], authority?.name ?? '');
    return authority;
  });
}

function namespaceSelectorOf(text: string | null, report: Report): LabelSelector | null {
  if (text === null || text === '') return null;
  const parsed = parseSelectorText(text);
  if (parsed.ok) return parsed.value;
  const key = 'sekisho.dev/namespace-selector';
  const message = `the annotation ${quote(key)} ${parsed.error}`;
  report({ code: 'policy-annotation', path: ['metadata', 'annotations', key], message });
  return null;
}
