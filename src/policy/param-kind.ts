// The kind of param objects that a policy names.
// Upstream: validateParamKind in k8s.io/kubernetes/pkg/apis/admissionregistration/validation.
import { parseApiVersion } from '../k8s/gvk.ts';
import { nameForms } from '../k8s/names.ts';
import type { Report } from './faults.ts';
import type { Policy } from './model.ts';

const field = ['spec', 'paramKind'];

export function compileParamKind(
  written: { readonly apiVersion?: string; readonly kind?: string } | undefined,
  report: Report,
): Policy['paramKind'] {
  if (written === undefined) return null;
  const { apiVersion = '', kind = '' } = written;
  const wrong = apiVersionFault(apiVersion);
  if (wrong !== undefined) {
    report({ path: [...field, 'apiVersion'], message: `spec.paramKind.${wrong}` });
  }
  const { rule, holds } = nameForms['dns-1035-label'];
  if (!holds(kind.toLowerCase())) {
    report({
      path: [...field, 'kind'],
      message: `spec.paramKind.kind must be ${rule}, in any case`,
    });
  }
  return { apiVersion, kind };
}

function apiVersionFault(apiVersion: string): string | undefined {
  const parsed = parseApiVersion(apiVersion);
  if (!parsed.ok) return parsed.error;
  const { group, version } = parsed.value;
  if (group !== '' && !nameForms['dns-subdomain'].holds(group)) {
    return `apiVersion: the group must be ${nameForms['dns-subdomain'].rule}`;
  }
  if (nameForms['dns-1035-label'].holds(version)) return undefined;
  return `apiVersion: the version must be ${nameForms['dns-1035-label'].rule}`;
}
