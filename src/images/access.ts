// What one pod logs in to registries with: its pull secrets, those of its service account, and those that authorities
// name for their signatures, all in the pod's own namespace. Upstream: k8schain of google/go-containerregistry, and
// SourceSignaturePullSecretsOpts of sigstore/policy-controller. They are in memory for a minute, and nowhere else.
import { getIn, isArray, type JsonObject } from '../base/json.ts';
import { ok, type Result } from '../base/result.ts';
import { bounded } from './bounded.ts';
import type { Access } from './lookup.ts';
import type { ImageFault, ImageQuestion } from './model.ts';
import { joinCredentials, parsePullSecret } from './registry/credentials.ts';
import { fault } from './registry/faults.ts';
import type { Credentials } from './registry/registry.ts';

export type ObjectName = { readonly namespace: string; readonly name: string };

type Read<V> = Promise<Result<V | null, ImageFault>>;

/** The cluster that they are read from; null: there is no such object. `within`: milliseconds, null for no bound. */
export type PullObjects = {
  secret(name: ObjectName, within: number | null): Read<JsonObject>;
  serviceAccount(name: ObjectName, within: number | null): Read<JsonObject>;
};

export type Accesses = (
  question: ImageQuestion,
  within: number | null,
) => Promise<Result<Access, ImageFault>>;

const mostSecrets = 16;
const keptFor = 60_000;
const mostKept = 1_000;
const mostBytes = 16 << 20;

/** `now`: milliseconds, of which only differences count. */
export function createAccesses(objects: PullObjects, now: () => number): Accesses {
  const accounts = keeping(now, async (name, within) => {
    const read = await objects.serviceAccount(name, within);
    return read.ok ? ok(read.value === null ? null : pullSecretsOf(read.value)) : read;
  });
  const secrets = keeping(now, async (name, within): Read<Credentials> => {
    const read = await objects.secret(name, within);
    if (!read.ok) return read;
    return read.value === null ? ok(null) : parsePullSecret(read.value);
  });
  return async (question, within) => {
    const began = now();
    const { namespace, serviceAccount, pullSecrets } = question;
    const account = await accounts({ namespace, name: serviceAccount || 'default' }, within);
    if (!account.ok) return account;
    const own = unique([...pullSecrets, ...(account.value ?? [])]);
    const forSources = unique(namedBySources(question));
    const names = unique([...own, ...forSources]);
    if (names.length > mostSecrets) return tooMany(names.length);
    const left = within === null ? null : Math.max(0, within - (now() - began));
    const known = await allOf(names, (name) => secrets({ namespace, name }, left));
    if (!known.ok) return known;
    const absent = names.filter((name) => !known.value.has(name));
    const missing = absent.map((name) => `${namespace}/${name}`);
    return ok({ ...accessOf(known.value, own, forSources), missing });
  };
}

/** Those that there are, or the first fault. */
async function allOf<V>(
  names: readonly string[],
  ask: (name: string) => Read<V>,
): Promise<Result<ReadonlyMap<string, V>, ImageFault>> {
  const known = new Map<string, V>();
  const read = await Promise.all(names.map(async (name) => ({ name, answer: await ask(name) })));
  for (const { name, answer } of read) {
    if (!answer.ok) return answer;
    if (answer.value !== null) known.set(name, answer.value);
  }
  return ok(known);
}

function namedBySources({ authorities }: ImageQuestion): readonly string[] {
  return authorities.flatMap(({ sources }) => sources.flatMap(({ pullSecrets }) => pullSecrets));
}

/** A source that names secrets is logged in to with these and not with the pod's, as upstream. */
function accessOf(
  known: ReadonlyMap<string, Credentials>,
  own: readonly string[],
  forSources: readonly string[],
): Omit<Access, 'missing'> {
  const of = (names: readonly string[]): readonly Credentials[] =>
    names.flatMap((name) => known.get(name) ?? []);
  const id = [
    of(own).map((each) => each.id),
    forSources.map((name) => [name, known.get(name)?.id ?? '']),
  ];
  return {
    id: known.size === 0 ? '' : JSON.stringify(id),
    credentials: (source) =>
      joinCredentials(of(source?.pullSecrets.length ? source.pullSecrets : own)),
  };
}

function pullSecretsOf(account: JsonObject): readonly string[] {
  const listed = getIn(account, ['imagePullSecrets']);
  const names = isArray(listed) ? listed.map((each) => getIn(each, ['name'])) : [];
  return names.filter((name) => typeof name === 'string');
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter((name) => name !== '');
}

function tooMany(found: number): Result<never, ImageFault> {
  const what = `the Pod, its ServiceAccount and the image policies name ${found} pull secrets`;
  return fault('registry-credentials', `${what}: name at most ${mostSecrets}`);
}

type Ask<V> = (name: ObjectName, within: number | null) => Read<V>;

/** What was found is not asked for again for a while; what was not there may be there the next time. */
function keeping<V>(now: () => number, ask: Ask<V>): Ask<V> {
  const kept = bounded<{ readonly value: V; readonly since: number }>(mostKept, mostBytes);
  return async (name, within) => {
    const key = JSON.stringify([name.namespace, name.name]);
    const found = kept.get(key);
    if (found !== undefined && now() - found.since < keptFor) return ok(found.value);
    const since = now();
    const read = await ask(name, within);
    if (read.ok && read.value !== null) {
      kept.set(key, { value: read.value, since }, JSON.stringify(read.value).length);
    }
    return read;
  };
}
