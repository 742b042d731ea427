// Which kind of document this is, for a policy path: everything that is read there, and nothing else.
import { get } from '../base/json.ts';
import type { SourceDocument } from '../yaml/document.ts';

export type DocumentKind =
  | 'policy'
  | 'binding'
  | 'pod-security'
  | 'admission-configuration'
  | 'settings'
  | 'test'
  | 'other';

const kinds: Readonly<Record<string, DocumentKind>> = {
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': 'policy',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding': 'binding',
  'pod-security.admission.config.k8s.io/PodSecurityConfiguration': 'pod-security',
  'apiserver.config.k8s.io/AdmissionConfiguration': 'admission-configuration',
  'sekisho.dev/PolicySettings': 'settings',
  'sekisho.dev/PolicyTest': 'test',
};

const versions: Readonly<Record<string, readonly string[]>> = {
  'admissionregistration.k8s.io': ['v1', 'v1beta1'],
  'pod-security.admission.config.k8s.io': ['v1', 'v1beta1'],
  'apiserver.config.k8s.io': ['v1', 'v1beta1'],
  'sekisho.dev': ['v1alpha1'],
};

export const readKinds =
  'ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, PodSecurityConfiguration, PolicySettings, PolicyTest, and the kinds that a paramKind names';

export type Identity = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
};

export function identityOf({ value }: SourceDocument): Identity {
  const text = (from: unknown, key: string): string => {
    const found = get(from, key);
    return typeof found === 'string' ? found : '';
  };
  const metadata = get(value, 'metadata');
  return {
    apiVersion: text(value, 'apiVersion'),
    kind: text(value, 'kind'),
    namespace: text(metadata, 'namespace'),
    name: text(metadata, 'name'),
  };
}

/** `other` may be a param; a known kind in a version that is not read is `other` too. */
export function classify({ apiVersion, kind }: Identity): DocumentKind {
  const [group = '', version = ''] = apiVersion.split('/');
  const key = `${group}/${kind}`;
  if (!Object.hasOwn(kinds, key) || versions[group]?.includes(version) !== true) return 'other';
  return kinds[key] ?? 'other';
}
