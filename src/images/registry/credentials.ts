// What registries are logged in to with: pull secrets and a docker config.json, read as the kubelet and docker read them.
// Upstream: k8s.io/kubernetes/pkg/credentialprovider (config.go, keyring.go). No fault tells what a file or Secret holds.
import { createHash } from 'node:crypto';
import { get, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { ok, type Result } from '../../base/result.ts';
import { cut, quote } from '../../base/text.ts';
import type { ImageFault } from '../model.ts';
import { type Failed, fault } from './faults.ts';
import type { CredentialEntry, Credentials, Login } from './registry.ts';

type Read = Result<Credentials, ImageFault>;

/** A Secret of type kubernetes.io/dockerconfigjson or kubernetes.io/dockercfg. */
export function parsePullSecret(secret: JsonObject): Read {
  const name = get(get(secret, 'metadata'), 'name');
  const what = `pull secret ${quote(cut(typeof name === 'string' ? name : '', 253))}`;
  const [type, data] = [get(secret, 'type'), get(secret, 'data')];
  const key = typeof type === 'string' ? dataKeys.get(type) : undefined;
  if (key === undefined) {
    return unusable(what, `must be of the type ${[...dataKeys.keys()].join(' or ')}`);
  }
  const encoded = get(data, key);
  if (typeof encoded !== 'string') return unusable(what, `has no data ${quote(key)}`);
  if (encoded.length > longestSecret)
    return unusable(what, `is larger than ${longestSecret} bytes`);
  const value = jsonOf(Buffer.from(encoded, 'base64').toString());
  if (!isObject(value)) return unusable(what, `must hold a JSON object under ${quote(key)}`);
  return entriesOf(what, key === '.dockercfg' ? value : get(value, 'auths'));
}

/** In base64; what the pull secrets of one pod need is a hundredth of it. */
const longestSecret = 65_536;

const dataKeys = new Map([
  ['kubernetes.io/dockerconfigjson', '.dockerconfigjson'],
  ['kubernetes.io/dockercfg', '.dockercfg'],
]);

/** A config.json of docker's; `path` for messages. Programs that would give credentials are not run. */
export function parseDockerConfig(text: string, path: string): Read {
  const what = quote(path);
  const value = jsonOf(text);
  if (!isObject(value)) return unusable(what, 'must hold a JSON object');
  const program = ['credsStore', 'credHelpers'].find((key) => isSet(get(value, key)));
  if (program !== undefined) {
    const fix = 'no program is run for credentials; write them under auths';
    return unusable(what, `says ${program}: ${fix}`);
  }
  return entriesOf(what, get(value, 'auths'));
}

function isSet(value: JsonValue | undefined): boolean {
  if (isObject(value)) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== '';
}

/** Those of the first win where both know a host equally well. */
export function joinCredentials(all: readonly Credentials[]): Credentials | null {
  const [first, ...others] = all;
  if (first === undefined || others.length === 0) return first ?? null;
  return credentialsOf(all.flatMap(({ entries }) => entries));
}

/** What is used for a repository: of the entries that fit, the one that says most. */
export function loginFor(
  { entries }: Credentials,
  repository: { readonly registry: string; readonly path: string },
): Login | undefined {
  const fitting = entries.filter(({ where }) => fits(where, repository));
  return fitting.toSorted((a, b) => b.where.length - a.where.length)[0]?.login;
}

function fits(where: string, { registry, path }: { registry: string; path: string }): boolean {
  const slash = where.indexOf('/');
  const [host, below] = slash < 0 ? [where, ''] : [where.slice(0, slash), where.slice(slash + 1)];
  if (below !== '' && path !== below && !path.startsWith(`${below}/`)) return false;
  const [patterns, labels] = [host.split('.'), registry.toLowerCase().split('.')];
  return (
    patterns.length === labels.length && patterns.every((p, i) => fitsLabel(p, labels[i] ?? ''))
  );
}

/** `*` is any text without a dot; more than one is more than anybody needs. */
function fitsLabel(pattern: string, label: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === label;
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)];
  const isLong = label.length >= head.length + tail.length;
  return isLong && label.startsWith(head) && label.endsWith(tail);
}

function entriesOf(what: string, auths: JsonValue | undefined): Read {
  if (auths === undefined) return ok(credentialsOf([]));
  if (!isObject(auths)) return unusable(what, 'must hold an object of hosts');
  const entries: CredentialEntry[] = [];
  for (const [key, value] of Object.entries(auths)) {
    const login = loginIn(value);
    if (login === 'malformed') {
      return unusable(what, `has an entry for ${quote(cut(key, 253))} that is none`);
    }
    if (login !== undefined) entries.push({ where: placeOf(key), login });
  }
  return ok(credentialsOf(entries));
}

/** undefined: an entry without credentials, as programs leave them behind. */
function loginIn(value: JsonValue): Login | 'malformed' | undefined {
  if (!isObject(value)) return 'malformed';
  const { identitytoken = '', auth = '', username = '', password = '' } = textsOf(value);
  if (identitytoken !== '') return { kind: 'identity-token', token: identitytoken };
  if (auth === '') {
    return username === '' ? undefined : { kind: 'password', username, password };
  }
  const both = Buffer.from(auth, 'base64').toString();
  const colon = both.indexOf(':');
  if (colon <= 0) return 'malformed';
  const end = both.length - (both.endsWith('\0') ? 1 : 0);
  return { kind: 'password', username: both.slice(0, colon), password: both.slice(colon + 1, end) };
}

function textsOf(value: JsonObject): Partial<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(value).filter((each): each is [string, string] => typeof each[1] === 'string'),
  );
}

/** `https://index.docker.io/v1/` is `docker.io`. */
function placeOf(key: string): string {
  const bare = key.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '');
  const [host = '', ...path] = bare.split('/');
  const name = host.toLowerCase();
  return [hubNames.has(name) ? 'docker.io' : name, ...path].join('/');
}

const hubNames = new Set(['index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);

function credentialsOf(entries: readonly CredentialEntry[]): Credentials {
  const id = createHash('sha256').update(JSON.stringify(entries)).digest('hex');
  return { id, entries };
}

function jsonOf(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unusable(what: string, why: string): Failed {
  return fault('registry-credentials', `${what} ${why}`);
}
