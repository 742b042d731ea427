// Where the signatures of an image are, when they are not beside it.
// Upstream: Source in pkg/apis/policy/v1beta1/clusterimagepolicy_types.go of sigstore/policy-controller.
import { type FieldPath, formatPath } from '../../base/field-path.ts';
import { quote } from '../../base/text.ts';
import type { SignatureSource } from '../../images/model.ts';
import { parseImage, repositoryOf } from '../../k8s/image-reference.ts';
import { nameForms } from '../../k8s/names.ts';
import type { Report } from '../faults.ts';
import type { WrittenSource } from './written.ts';

export function compileSource(
  { oci = '', tagPrefix = '', signaturePullSecrets = [] }: WrittenSource,
  path: FieldPath,
  report: Report,
): SignatureSource {
  if (tagPrefix !== '' && !/^\w[\w.-]{0,50}$/.test(tagPrefix)) {
    const message = `${formatPath([...path, 'tagPrefix'])} must be the beginning of a tag, not ${quote(tagPrefix)}`;
    report({ path: [...path, 'tagPrefix'], message });
  }
  const pullSecrets = signaturePullSecrets.map(({ name = '' }, i) => {
    const at = [...path, 'signaturePullSecrets', i, 'name'];
    const { rule, holds } = nameForms['dns-subdomain'];
    if (!holds(name)) report({ path: at, message: `${formatPath(at)} must be ${rule}` });
    return name;
  });
  return { repository: sourceOf(oci, [...path, 'oci'], report), tagPrefix, pullSecrets };
}

function sourceOf(oci: string, path: FieldPath, report: Report): string {
  if (oci === '') return '';
  const parsed = parseImage(oci);
  const isPlain =
    parsed.ok && parsed.value.digest === null && !/:[^/]*$/.test(oci) && oci.includes('/');
  if (parsed.ok && isPlain) return repositoryOf(parsed.value);
  const why = parsed.ok ? 'must be REGISTRY/PATH, without tag and digest' : parsed.error;
  report({ path, message: `${formatPath(path)} ${quote(oci)} ${why}` });
  return '';
}
