// What is read under a policy path: the kinds, and who a document says that it is.
import { get, type JsonValue } from '../base/json.ts';
import { joinQuote, quote } from '../base/text.ts';
import { parseApiVersion } from '../k8s/gvk.ts';
import type { Fault } from './faults.ts';
import { suggest } from './suggest.ts';

export type Role =
  | 'policy'
  | 'binding'
  | 'pod-security'
  | 'admission-configuration'
  | 'settings'
  | 'exception'
  | 'image-policy'
  | 'trust-root'
  | 'test';

type ReadKind = {
  readonly role: Role;
  readonly group: string;
  readonly kind: string;
  readonly versions: readonly string[];
  /** Only one of the kind is in force, whatever it is called. */
  readonly single: boolean;
};

const vap = 'admissionregistration.k8s.io';
const sigstore = 'policy.sigstore.dev';
const readKinds: readonly ReadKind[] = [
  row('policy', vap, 'ValidatingAdmissionPolicy', ['v1', 'v1beta1']),
  row('binding', vap, 'ValidatingAdmissionPolicyBinding', ['v1', 'v1beta1']),
  single('pod-security', 'pod-security.admission.config.k8s.io', 'PodSecurityConfiguration', [
    'v1',
    'v1beta1',
  ]),
  single('admission-configuration', 'apiserver.config.k8s.io', 'AdmissionConfiguration', ['v1']),
  single('settings', 'sekisho.dev', 'PolicySettings', ['v1alpha1']),
  row('exception', 'sekisho.dev', 'PolicyException', ['v1alpha1']),
  row('image-policy', sigstore, 'ClusterImagePolicy', ['v1beta1', 'v1alpha1']),
  row('trust-root', sigstore, 'TrustRoot', ['v1alpha1']),
  row('test', 'sekisho.dev', 'PolicyTest', ['v1alpha1']),
];

function row(role: Role, group: string, kind: string, versions: readonly string[]): ReadKind {
  return { role, group, kind, versions, single: false };
}

function single(role: Role, group: string, kind: string, versions: readonly string[]): ReadKind {
  return { role, group, kind, versions, single: true };
}

/** Texts are "" where the document has none. */
export type Identity = {
  readonly apiVersion: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
};

export function identityOf(value: JsonValue): Identity {
  const apiVersion = textOf(value, 'apiVersion');
  const parsed = parseApiVersion(apiVersion);
  const metadata = get(value, 'metadata');
  return {
    apiVersion,
    ...(parsed.ok ? parsed.value : { group: '', version: '' }),
    kind: textOf(value, 'kind'),
    namespace: textOf(metadata, 'namespace'),
    name: textOf(metadata, 'name'),
  };
}

function textOf(value: unknown, key: string): string {
  const found = get(value, key);
  return typeof found === 'string' ? found : '';
}

/** undefined: not one of ours, but perhaps a param. */
export function roleOf({ group, version, kind }: Identity): Role | undefined {
  return readKind(group, kind, version)?.role;
}

function readKind(group: string, kind: string, version?: string): ReadKind | undefined {
  return readKinds.find(
    (each) =>
      each.group === group &&
      each.kind === kind &&
      (version === undefined || each.versions.includes(version)),
  );
}

/** By this later documents override earlier ones; the version is no part of it. undefined: nothing can mean it. */
export function overrideKey(identity: Identity): string | undefined {
  const { group, version, kind, namespace, name } = identity;
  const known = readKind(group, kind, version);
  if (known?.single === true) return JSON.stringify([group, kind]);
  if (name === '') return undefined;
  // Of our kinds none is namespaced.
  return JSON.stringify([group, kind, known === undefined ? namespace : '', name]);
}

const whatIsRead = `read here are ${readKinds.map((each) => each.kind).join(', ')}, and objects of the kinds that a paramKind names`;

/** Threat: policy sets are hashed, printed and kept beside the ledger. No secret may get there, whatever a policy names. */
export function isSecret({ group, kind }: Identity): boolean {
  return group === '' && kind === 'Secret';
}

/** Why a document that is neither one of ours nor a param is refused. */
export function unreadKind(identity: Identity): Fault {
  const { apiVersion, group, version, kind } = identity;
  const code = 'policy-kind';
  if (kind === '')
    return { code, path: ['kind'], message: 'the document has no kind', fix: whatIsRead };
  if (apiVersion === '') {
    const message = `the document of kind ${quote(kind)} has no apiVersion`;
    return { code, path: ['apiVersion'], message };
  }
  if (isSecret(identity)) {
    const message = 'a Secret is never read as params';
    return { code, path: ['kind'], message, fix: 'keep what policies need in a ConfigMap' };
  }
  const known = readKind(group, kind);
  if (known !== undefined && !known.versions.includes(version)) {
    const message = `${kind} is not read in ${apiVersion}`;
    const versions = joinQuote(known.versions.map((each) => `${group}/${each}`));
    return {
      code,
      path: ['apiVersion'],
      message,
      fix: `write ${versions.replaceAll(', ', ' or ')}`,
    };
  }
  const message = `${kind} (${apiVersion}) is not read under a policy path: ${whatIsRead}`;
  const fix = suggest(
    kind,
    readKinds.map((each) => each.kind),
  );
  return {
    code,
    path: ['kind'],
    message,
    fix: fix ?? 'move the file away, or name the kind in the paramKind of a policy',
  };
}
