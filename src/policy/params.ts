// Param objects that stand beside the policies.
import { get, type JsonObject, type JsonValue } from '../base/json.ts';
import { nameForms } from '../k8s/names.ts';
import { resourceFor } from '../k8s/resources.ts';
import type { Report } from './faults.ts';
import { withoutServerFields } from './hash.ts';
import type { Identity } from './kinds.ts';
import type { FileParam } from './model.ts';

/** The kinds that some policy names as its paramKind, as written there, faulty ones too. */
export function paramKindsOf(policies: readonly JsonValue[]): ReadonlySet<string> {
  return new Set(
    policies.map((policy) => {
      const named = get(get(policy, 'spec'), 'paramKind');
      return kindKey(get(named, 'apiVersion'), get(named, 'kind'));
    }),
  );
}

export function kindKey(apiVersion: unknown, kind: unknown): string {
  return JSON.stringify([apiVersion, kind]);
}

/** kubectl would put an object of a namespaced kind that names no namespace into `default`. */
export function placed(identity: Identity): Identity {
  const isNamespaced = resourceFor(identity.group, identity.kind)?.namespaced;
  if (isNamespaced === false) return { ...identity, namespace: '' };
  return isNamespaced && identity.namespace === ''
    ? { ...identity, namespace: 'default' }
    : identity;
}

export function compileParam(value: JsonObject, identity: Identity, report: Report): FileParam {
  const { apiVersion, kind, namespace, name } = placed(identity);
  checkMetadata(get(value, 'metadata'), report);
  return { apiVersion, kind, namespace, name, object: withoutServerFields(value) };
}

function checkMetadata(metadata: JsonValue | undefined, report: Report): void {
  const { rule, holds } = nameForms['path-segment'];
  const name = get(metadata, 'name');
  if (typeof name !== 'string' || name === '') {
    report({ path: ['metadata', 'name'], message: 'metadata.name must be a name' });
  } else if (!holds(name)) {
    report({ path: ['metadata', 'name'], message: `metadata.name must be ${rule}` });
  }
  const namespace = get(metadata, 'namespace') ?? '';
  if (
    namespace !== '' &&
    !(typeof namespace === 'string' && nameForms['dns-label'].holds(namespace))
  ) {
    const message = `metadata.namespace must be ${nameForms['dns-label'].rule}`;
    report({ path: ['metadata', 'namespace'], message });
  }
}
