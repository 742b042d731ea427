// Manifests as a developer wrote them to the AdmissionReviews that an API server sends when they are created.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { get, getIn, type JsonObject, type JsonValue } from '../../src/base/json.ts';
import { parseApiVersion } from '../../src/k8s/gvk.ts';
import { mapKind } from '../../src/k8s/resources.ts';
import { readDocuments } from '../../src/yaml/read.ts';

export type Posted = {
  /** As kubectl names the object when it was created: `deployment.apps/web`. */
  readonly title: string;
  readonly uid: string;
  readonly review: JsonObject;
};

const developer = {
  username: 'dana@example.com',
  groups: ['shop-developers', 'system:authenticated'],
};

/** The review of the one object of a file; throws where the file is not such a manifest. */
export function reviewOf(path: string): Posted {
  const { documents, faults } = readDocuments(readFileSync(path, 'utf8'), path);
  const object = documents[0]?.value;
  if (object === undefined || faults.length > 0) throw new Error(`${path}: ${faults[0]?.message}`);
  const version = parseApiVersion(text(object, 'apiVersion'));
  if (!version.ok) throw new Error(`${path}: ${version.error}`);
  const kind = { ...version.value, kind: text(object, 'kind') };
  const { resource } = mapKind(kind, new Map());
  const name = getIn(object, ['metadata', 'name']) ?? '';
  const namespace = getIn(object, ['metadata', 'namespace']) ?? '';
  const uid = randomUUID();
  const request = {
    uid,
    kind,
    resource,
    requestKind: kind,
    requestResource: resource,
    name,
    namespace,
    operation: 'CREATE',
    userInfo: developer,
    object,
    oldObject: null,
    dryRun: false,
    options: { apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions' },
  };
  const singular = `${kind.kind.toLowerCase()}${kind.group === '' ? '' : `.${kind.group}`}`;
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
  return { title: `${singular}/${name}`, uid, review };
}

function text(value: JsonValue, key: string): string {
  return String(get(value, key) ?? '');
}
