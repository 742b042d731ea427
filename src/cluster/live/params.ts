// Param objects of the kinds that policies name, from the namespaces that PolicySettings list. Never Secrets.
import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { quote } from '../../base/text.ts';
import type { Answer, ParamsAnswer, ParamsQuestion, PortFault } from '../../engine/ports.ts';
import { ageFault, momentText } from './aged.ts';
import type { Api, ApiFault } from './api.ts';
import type { Clock } from './clock.ts';
import { type Found, findKind, type KindName, listPath } from './discovery.ts';
import { pages } from './list.ts';
import { type LiveReads, liveTimeout } from './live-reads.ts';
import { slim, textOf } from './object.ts';
import { type Reflector, type ReflectorState, startReflector } from './reflector.ts';

export type ParamSource = {
  readonly api: Api;
  readonly reads: LiveReads;
  readonly clock: Clock;
  readonly maxAge: number;
};

export type ParamKind = {
  ask(question: ParamsQuestion): Promise<Result<ParamsAnswer, PortFault>>;
  states(): readonly ReflectorState[];
  stop(): void;
};

/** Every namespace: `*` in PolicySettings. */
export const everyNamespace = '*';

/** One reflector for each namespace; for a cluster-scoped kind, or all namespaces, just one. */
export function watchParams(
  kind: KindName,
  namespaces: readonly string[],
  source: ParamSource,
): ParamKind {
  if (isSecret(kind)) return refused(kind);
  const find = finder(kind, source);
  const parts = placesOf(namespaces).map((place) => startPart(find, kind, place, source));
  return {
    states: () => parts.map(({ reflector }) => reflector.state()),
    stop: () => {
      for (const { reflector } of parts) reflector.stop();
    },
    async ask(question) {
      const answers = await Promise.all(parts.map((part) => askPart(part, kind, source)));
      const fault = answers.find((answer) => !answer.ok);
      if (fault !== undefined && !fault.ok) return fault;
      const all = answers.flatMap((answer) => (answer.ok ? [answer.value] : []));
      const at = all.map((answer) => answer.at).sort()[0] ?? momentText(source.clock);
      const value = all.flatMap((answer) => answer.value.filter(isWanted(question)));
      const scope = await find();
      return ok({ value, at, ...(scope.ok ? { namespaced: scope.value.namespaced } : {}) });
    },
  };
}

/** A place to look in: `namespace` null is the whole cluster. Of a cluster-scoped kind only the first is looked at. */
type Place = {
  readonly namespace: string | null;
  readonly first: boolean;
  /** Whether the settings list any namespace. */
  readonly listed: boolean;
};

function placesOf(namespaces: readonly string[]): readonly Place[] {
  const listed = namespaces.length > 0;
  if (!listed || namespaces.includes(everyNamespace)) {
    return [{ namespace: null, first: true, listed }];
  }
  return [...new Set(namespaces)].map((namespace, i) => ({ namespace, first: i === 0, listed }));
}

type Find = () => Promise<Result<Found, ApiFault>>;

/** Whether a kind has namespaces, and its plural, are asked until they are known. */
function finder(kind: KindName, { api, reads }: ParamSource): Find {
  let found: Found | undefined;
  return async () => {
    if (found !== undefined) return ok(found);
    const name = `kind ${kind.apiVersion} ${kind.kind}`;
    const result = await reads.read(name, () => findKind(api, kind));
    if (result.ok) found = result.value;
    return result;
  };
}

type Part = {
  readonly reflector: Reflector;
  /** null: nothing is to be had here. */
  readonly path: () => Promise<Result<string | null, ApiFault>>;
};

function startPart(
  find: Find,
  { apiVersion }: KindName,
  { namespace, first, listed }: Place,
  { api, clock, maxAge }: ParamSource,
): Part {
  const path: Part['path'] = async () => {
    const found = await find();
    if (!found.ok) return found;
    const { namespaced } = found.value;
    const isHere = namespaced ? listed : first;
    return ok(isHere ? listPath(apiVersion, found.value, namespaced ? namespace : null) : null);
  };
  return { path, reflector: startReflector({ api, clock, maxAge, path }) };
}

async function askPart(
  { reflector, path }: Part,
  kind: KindName,
  { api, reads, clock, maxAge }: ParamSource,
): Promise<Result<Answer<readonly JsonObject[]>, PortFault>> {
  const { synced, age, at, objects } = reflector.state();
  if (synced && age !== null && age <= maxAge) return ok({ value: [...objects.values()], at });
  const moment = momentText(clock);
  const where = await path();
  if (!where.ok) return err(faultOf(kind, age, maxAge, where.error));
  const list = where.value;
  if (list === null) return ok({ value: [], at: moment });
  const live = await reads.read(list, () => pages(api, list, liveTimeout));
  if (!live.ok) return err(faultOf(kind, age, maxAge, live.error));
  return ok({ value: live.value.items.map(slim), at: moment });
}

function faultOf(kind: KindName, age: number | null, maxAge: number, cause: ApiFault): PortFault {
  const what = `params of kind ${quote(kind.kind)}`;
  if (age !== null && cause.kind !== 'missing') return ageFault(what, age, maxAge, cause);
  return { code: 'params-unavailable', message: `${what} cannot be had: ${cause.message}` };
}

function isWanted({ namespace, name }: ParamsQuestion): (object: JsonObject) => boolean {
  return ({ metadata }) =>
    (namespace === undefined || textOf(metadata, 'namespace') === namespace) &&
    (name === undefined || textOf(metadata, 'name') === name);
}

function isSecret({ apiVersion, kind }: KindName): boolean {
  return apiVersion === 'v1' && kind === 'Secret';
}

/** Threat: what params hold goes into records and messages. */
function refused({ kind }: KindName): ParamKind {
  const message = `objects of kind ${quote(kind)} are never read as params`;
  return {
    ask: async () => err({ code: 'params-unavailable', message }),
    states: () => [],
    stop: () => {},
  };
}
