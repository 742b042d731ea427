// One ClusterImagePolicy as far as it says everything itself; `link.ts` gives it the trust roots that it names.
// Upstream: pkg/apis/policy/v1beta1/clusterimagepolicy_validation.go in github.com/sigstore/policy-controller.
import { formatPath } from '../../base/field-path.ts';
import { quote } from '../../base/text.ts';
import { globFault } from '../../images/glob.ts';
import { workloadKinds } from '../../k8s/pod-template.ts';
import type { LabelSelector } from '../../k8s/selector.ts';
import { parseSelectorText } from '../../k8s/selector-text.ts';
import { imagePolicyAnnotations, readNotes } from '../annotations.ts';
import { onceEach, type Report } from '../faults.ts';
import { compileSelector } from '../match-resources.ts';
import { checkMetadata } from '../metadata.ts';
import type { ImagePolicy } from '../model.ts';
import { suggest } from '../suggest.ts';
import { type AuthorityDraft, compileAuthority } from './authority.ts';
import { compileCondition } from './condition.ts';
import { policyScope } from './conditions.ts';
import type { WrittenImageMatch, WrittenImagePolicy } from './written.ts';

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
    globs: globsOf(spec.images, report, warn),
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

function globsOf(
  written: WrittenSpec['images'] = [],
  report: Report,
  warn: Report,
): readonly string[] {
  return written.map(({ glob = '' }, i) => {
    const path = ['spec', 'images', i, 'glob'];
    const fault = globFault(glob);
    if (fault !== undefined) {
      report({ path, message: `${formatPath(path)} ${quote(glob)} ${fault}` });
    } else if (!/[:@*][^/]*$/.test(glob)) {
      const message = `${formatPath(path)} covers ${quote(glob)} by the tag latest alone, and by no digest`;
      warn({
        code: 'image-glob',
        path,
        message,
        fix: `write ${glob}@* for digests, ${glob}:* for tags, or both`,
      });
    }
    return glob;
  });
}

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

/** Custom workloads are known only with all settings: their groups are not those of Kubernetes. */
const ownGroups: ReadonlySet<string> = new Set(['', 'apps', 'batch']);
const ownResources: readonly { readonly group: string; readonly resource: string }[] = [
  { group: '', resource: 'pods' },
  ...workloadKinds,
];

function compileMatch(
  { group = '', version = '', resource = '', selector }: WrittenImageMatch,
  index: number,
  report: Report,
): ImagePolicy['match'][number] {
  const path = ['spec', 'match', index];
  const isKnown = ownResources.some((each) => each.group === group && each.resource === resource);
  if (ownGroups.has(group) && !isKnown) {
    const at = [...path, 'resource'];
    const message = `${formatPath(at)} ${quote(resource)} of the group ${quote(group)} holds no images here`;
    const known = ownResources.map((each) =>
      each.group === '' ? each.resource : `${each.resource} (${each.group})`,
    );
    const near = suggest(
      resource,
      ownResources.map((each) => each.resource),
    );
    report({ path: at, message, fix: near ?? `the resources are ${known.join(', ')}` });
  }
  if (version === '') {
    const at = [...path, 'version'];
    report({
      path: at,
      message: `${formatPath(at)} is missing: nothing would match`,
      fix: 'write v1, or "*" for any',
    });
  }
  return {
    group,
    version,
    resource,
    selector:
      selector === undefined ? null : compileSelector(selector, [...path, 'selector'], report),
  };
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
