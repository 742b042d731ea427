// ObjectMeta of policies and bindings, as the API server takes it.
// Upstream: ValidateObjectMeta in k8s.io/apimachinery/pkg/api/validation.
import { formatPath } from '../base/field-path.ts';
import { nameForms } from '../k8s/names.ts';
import type { Report } from './faults.ts';
import type { WrittenMetadata } from './written.ts';

/** Reports what cannot be; gives the name, "" when there is none. */
export function checkMetadata(metadata: WrittenMetadata = {}, report: Report): string {
  const { name, labels = {}, annotations = {} } = metadata;
  if (name !== undefined) checkName(name, report);
  for (const [key, value] of Object.entries(labels)) {
    const path = ['metadata', 'labels', key];
    checkKey(path, key, report);
    if (!nameForms['label-value'].holds(value)) {
      report({ path, message: `${formatPath(path)} must be ${nameForms['label-value'].rule}` });
    }
  }
  for (const key of Object.keys(annotations)) {
    checkKey(['metadata', 'annotations', key], key.toLowerCase(), report);
  }
  return name ?? '';
}

function checkName(name: string, report: Report): void {
  const { rule, holds } = nameForms['dns-subdomain'];
  if (!holds(name))
    report({ path: ['metadata', 'name'], message: `metadata.name must be ${rule}` });
}

function checkKey(path: readonly string[], key: string, report: Report): void {
  const { rule, holds } = nameForms['qualified-name'];
  if (!holds(key))
    report({ path, at: 'key', message: `the key in ${formatPath(path)} must be ${rule}` });
}
