// Objects that have each field of each type once: set, null and empty; and objects with several at once.
import { get, isArray, isObject, type JsonObject, type JsonValue } from '../../../src/base/json.ts';
import { type Form, fieldsOf, kindsWithDefaults } from '../../../src/k8s/api-types.ts';
import { mapKind } from '../../../src/k8s/resources.ts';
import { bases, samples, unions } from './samples.ts';

type Step = string | number;

/** One field of an object, and what is put there. */
type Change = { readonly path: readonly Step[]; readonly owner: string; readonly value: JsonValue };

export type CorpusObject = { readonly name: string; readonly object: JsonObject };

/** Deeper than any field is. */
const maxDepth = 12;

export function* corpus(): Generator<CorpusObject> {
  for (const [apiVersion, kind] of kindsWithDefaults()) {
    const base = baseOf(apiVersion, kind);
    yield { name: kind, object: base };
    for (const change of changesOf(kind, []).filter(isAsked(kind))) {
      yield { name: nameOf(kind, change), object: applied(base, change) };
    }
  }
}

/** A pod is asked for all of its fields; a template, whose types are the same, for every twentieth. */
function isAsked(kind: string): (change: Change, index: number) => boolean {
  return ({ path }, i) => kind === 'Pod' || path.length < 6 || i % 20 === 0;
}

/** Every kind with some of its changes at once; the same numbers give the same objects. */
export function* combinations(count: number, random: () => number): Generator<CorpusObject> {
  const kinds = kindsWithDefaults().map(
    ([apiVersion, kind]) => [baseOf(apiVersion, kind), kind, [...changesOf(kind, [])]] as const,
  );
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  for (let i = 0; i < count; i += 1) {
    const [base, kind, changes] = kinds[i % kinds.length] ?? [{}, '', []];
    const some = Array.from({ length: 2 + Math.floor(random() * 5) }, () => pick(changes)).flatMap(
      (change) => change ?? [],
    );
    const name = some.map((change) => nameOf(kind, change)).join(' + ');
    yield { name, object: some.reduce(applied, base) };
  }
}

function baseOf(apiVersion: string, kind: string): JsonObject {
  const slash = apiVersion.indexOf('/');
  const [group, version] = [apiVersion.slice(0, Math.max(slash, 0)), apiVersion.slice(slash + 1)];
  const { namespaced } = mapKind({ group, version, kind }, new Map());
  const metadata = namespaced ? { name: 'web', namespace: 'default' } : { name: 'web' };
  return { apiVersion, kind, metadata, ...bases[kind] };
}

function nameOf(kind: string, { path, value }: Change): string {
  return `${kind} ${path.join('.')} = ${JSON.stringify(value)}`;
}

function* changesOf(type: string, path: readonly Step[]): Generator<Change> {
  if (path.length > maxDepth) return;
  for (const { name, form } of fieldsOf(type).values()) {
    if (path.length === 0 && ['apiVersion', 'kind', 'status'].includes(name)) continue;
    // Refused in a new pod, whatever they are.
    if (name === 'ephemeralContainers') continue;
    if (type === 'ObjectMeta' && ['name', 'namespace', 'managedFields'].includes(name)) continue;
    const at = [...path, name];
    const owner = type;
    yield { path: at, owner, value: sampleOf(form, `${type}.${name}`) };
    yield { path: at, owner, value: null };
    yield { path: at, owner, value: emptyOf(form) };
    yield* below(form, at);
  }
}

function* below(form: Form, path: readonly Step[]): Generator<Change> {
  if (form.kind === 'struct') yield* changesOf(form.type, path);
  else if (form.kind === 'pointer') yield* below(form.of, path);
  else if (form.kind === 'list') yield* below(form.of, [...path, 0]);
}

function sampleOf(form: Form, place: string): JsonValue {
  const own = samples[place];
  if (own !== undefined) return own;
  switch (form.kind) {
    case 'pointer':
      return sampleOf(form.of, place);
    case 'list':
      return [sampleOf(form.of, `${place}[]`)];
    case 'map':
      return { a: sampleOf(form.of, `${place}{}`) };
    case 'struct':
      return samples[form.type] ?? minimal(form.type);
    default:
      return scalars[form.kind] ?? null;
  }
}

const scalars: Readonly<Record<string, JsonValue>> = {
  string: 'a',
  bool: true,
  int: 1,
  quantity: '1500m',
  intstr: 1,
  time: '2024-01-01T00:00:00Z',
  bytes: 'YQ==',
  any: {},
};

function minimal(type: string): JsonObject {
  const needed = [...fieldsOf(type).values()].filter(({ always }) => always);
  return Object.fromEntries(
    needed.map(({ name, form }) => [name, sampleOf(form, `${type}.${name}`)]),
  );
}

function emptyOf(form: Form): JsonValue {
  switch (form.kind) {
    case 'pointer':
      return emptyOf(form.of);
    case 'list':
      return [];
    case 'map':
    case 'struct':
    case 'any':
      return {};
    case 'bool':
      return false;
    case 'int':
    case 'intstr':
      return 0;
    case 'quantity':
      return '0';
    default:
      return '';
  }
}

/** What is missing on the way is made of samples; what may not be beside the field is taken out. */
function applied(object: JsonObject, { path, owner, value }: Change): JsonObject {
  return put(object, typeOf(object), path, value, unions[owner] ?? []);
}

function typeOf(object: JsonObject): Form {
  return { kind: 'struct', type: String(get(object, 'kind')) };
}

function put(
  target: JsonValue | undefined,
  form: Form,
  [step, ...rest]: readonly Step[],
  value: JsonValue,
  alone: readonly RegExp[],
): JsonObject {
  if (form.kind !== 'struct' || typeof step !== 'string') throw new Error('no such path');
  const holder = isObject(target) ? target : {};
  const field = fieldsOf(form.type).get(step);
  if (field === undefined) throw new Error(`${form.type} has no ${step}`);
  if (rest.length === 0) {
    const others = Object.entries(holder).filter(
      ([key]) => !alone.some((each) => each.test(step) && each.test(key)),
    );
    return { ...Object.fromEntries(others), [step]: value };
  }
  const inner = field.form.kind === 'pointer' ? field.form.of : field.form;
  const exclusive = (unions[form.type] ?? []).find((each) => each.test(step));
  const kept = Object.fromEntries(
    Object.entries(holder).filter(([key]) => key === step || !exclusive?.test(key)),
  );
  const found = get(holder, step) ?? sampleOf(field.form, `${form.type}.${step}`);
  if (inner.kind !== 'list') return { ...kept, [step]: put(found, inner, rest, value, alone) };
  const [first, ...more] = isArray(found) && found.length > 0 ? found : [sampleOf(inner.of, '')];
  return { ...kept, [step]: [put(first, inner.of, rest.slice(1), value, alone), ...more] };
}

/** Numbers from 0 to 1 that only the seed decides (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
