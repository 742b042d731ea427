// The fields of Kubernetes' objects, by type. The tables in types/ are lines of `Type field:form …`; a form is string,
// bool, int, quantity, intstr, time, bytes, any or another Type, after `*` (a pointer: its zero is kept), `[]` (a list)
// or `{}` (a map); `field!` is written even when it is empty.
import { appsTypes } from './types/apps.ts';
import { batchTypes } from './types/batch.ts';
import { coreTypes } from './types/core.ts';
import { metaTypes } from './types/meta.ts';
import { networkingTypes } from './types/networking.ts';
import { podTypes } from './types/pod.ts';
import { rbacTypes } from './types/rbac.ts';
import { volumeTypes } from './types/volume.ts';

/** Whose types these are. */
export const kubernetesVersion = '1.36';

export type ScalarKind = 'string' | 'bool' | 'int' | 'quantity' | 'intstr' | 'time' | 'bytes';

export type Form =
  | { readonly kind: ScalarKind | 'any' }
  | { readonly kind: 'struct'; readonly type: string }
  | { readonly kind: 'pointer' | 'list' | 'map'; readonly of: Form };

export type ApiField = { readonly name: string; readonly form: Form; readonly always: boolean };
export type ApiFields = ReadonlyMap<string, ApiField>;

const texts: ReadonlyMap<string, string> = new Map(
  [
    ...[metaTypes, podTypes, volumeTypes, coreTypes],
    ...[appsTypes, batchTypes, networkingTypes, rbacTypes],
  ].flatMap((table) =>
    table
      .trim()
      .split(/\n(?! )/)
      .map((line): [string, string] => {
        const [name = ''] = /^\w+/.exec(line) ?? [];
        return [name, line.slice(name.length).trim()];
      }),
  ),
);

// Most programs read a few types; each is read when it is first asked for.
const parsed = new Map<string, ApiFields>();

/** INVARIANT: every type that a table names is in a table. */
export function fieldsOf(type: string): ApiFields {
  const known = parsed.get(type);
  if (known !== undefined) return known;
  const words = (texts.get(type) ?? '').split(/\s+/).filter((word) => word !== '');
  const fields: ApiFields = new Map(words.map(fieldOf).map((field) => [field.name, field]));
  parsed.set(type, fields);
  return fields;
}

export function typeNames(): readonly string[] {
  return [...texts.keys()];
}

function fieldOf(word: string): ApiField {
  const [written = '', form = ''] = word.split(':');
  const always = written.endsWith('!');
  return { name: always ? written.slice(0, -1) : written, form: formOf(form), always };
}

const marks = { '*': 'pointer', '[]': 'list', '{}': 'map' } as const;
const scalars: ReadonlySet<string> = new Set<ScalarKind | 'any'>([
  ...(['string', 'bool', 'int', 'quantity', 'intstr', 'time', 'bytes', 'any'] as const),
]);

function formOf(text: string): Form {
  for (const [mark, kind] of Object.entries(marks)) {
    if (text.startsWith(mark)) return { kind, of: formOf(text.slice(mark.length)) };
  }
  return isScalar(text) ? { kind: text } : { kind: 'struct', type: text };
}

function isScalar(text: string): text is ScalarKind | 'any' {
  return scalars.has(text);
}

/** Kinds whose objects `check` brings into the form that the API server gives them; the type has the kind's name. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  v1: [
    ...['Pod', 'PodTemplate', 'ReplicationController', 'Service', 'ServiceAccount', 'Secret'],
    ...['ConfigMap', 'Namespace', 'Node', 'PersistentVolume', 'PersistentVolumeClaim'],
    ...['Endpoints', 'LimitRange', 'ResourceQuota'],
  ],
  'apps/v1': ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'],
  'batch/v1': ['Job', 'CronJob'],
  'networking.k8s.io/v1': ['Ingress', 'NetworkPolicy', 'IngressClass'],
  'rbac.authorization.k8s.io/v1': ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'],
};

export function hasDefaults(apiVersion: string, kind: string): boolean {
  return Object.hasOwn(kinds, apiVersion) && (kinds[apiVersion]?.includes(kind) ?? false);
}

/** `[apiVersion, kind]` of all of them. */
export function kindsWithDefaults(): readonly (readonly [string, string])[] {
  return Object.entries(kinds).flatMap(([version, names]) =>
    names.map((name) => [version, name] as const),
  );
}
