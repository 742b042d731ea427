// What never gets into a record: secret data, environment values, and the annotation that repeats them all.
// Each place becomes a marker, and its JSON pointer is listed. Design, section 6.
import { type FieldPath, toPointer } from '../base/field-path.ts';
import {
  get,
  getIn,
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
  setOwn,
} from '../base/json.ts';
import { containerPlaces } from '../k8s/containers.ts';
import type { GroupVersionKind } from '../k8s/gvk.ts';
import { workloadKinds } from '../k8s/pod-template.ts';

export const marker = '[redacted]';

/** `*` stands for every key or index. */
type Pattern = FieldPath;

export type Redacted = {
  readonly value: JsonObject | null;
  /** JSON pointers below `value`. */
  readonly pointers: readonly string[];
  /** The texts that were taken out. */
  readonly secrets: readonly string[];
};

const everywhere: readonly Pattern[] = [
  ['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'],
];

const byKind: Readonly<Record<string, readonly Pattern[]>> = {
  '/Secret': [
    ['data', '*'],
    ['stringData', '*'],
  ],
  '/ConfigMap': [
    ['data', '*'],
    ['binaryData', '*'],
  ],
};

/** Environment values of every container place, below the Pod. */
const inPod: readonly Pattern[] = containerPlaces.map((place) => [
  'spec',
  place,
  '*',
  'env',
  '*',
  'value',
]);

function patternsFor({
  group,
  kind,
}: Pick<GroupVersionKind, 'group' | 'kind'>): readonly Pattern[] {
  const workload = workloadKinds.find((w) => w.group === group && w.kind === kind);
  const pods =
    kind === 'Pod' && group === '' ? [[]] : workload === undefined ? [] : [workload.path];
  return [
    ...everywhere,
    ...(byKind[`${group}/${kind}`] ?? []),
    ...pods.flatMap((base) => inPod.map((pattern) => [...base, ...pattern])),
  ];
}

/** A copy without secrets and without managedFields; what is not touched is shared with the original. */
export function redact(
  object: JsonObject | null,
  kind: Pick<GroupVersionKind, 'group' | 'kind'>,
): Redacted {
  if (object === null) return { value: null, pointers: [], secrets: [] };
  const pointers: string[] = [];
  const secrets: string[] = [];
  let value: JsonValue = withoutManagedFields(object);
  for (const pattern of patternsFor(kind)) {
    value = replace(value, pattern, [], (path, found) => {
      pointers.push(toPointer(path));
      collect(found, secrets);
    });
  }
  return { value: isObject(value) ? value : null, pointers, secrets };
}

type Note = (path: FieldPath, found: JsonValue) => void;

function replace(value: JsonValue, pattern: Pattern, at: FieldPath, note: Note): JsonValue {
  const [step, ...rest] = pattern;
  if (step === undefined) {
    note(at, value);
    return marker;
  }
  if (isArray(value)) {
    if (step !== '*') return value;
    return value.map((item, i) => replace(item, rest, [...at, i], note));
  }
  if (!isObject(value)) return value;
  const keys = step === '*' ? Object.keys(value) : Object.hasOwn(value, step) ? [String(step)] : [];
  if (keys.length === 0) return value;
  const copy: Record<string, JsonValue> = {};
  for (const [key, each] of Object.entries(value)) {
    setOwn(copy, key, keys.includes(key) ? replace(each, rest, [...at, key], note) : each);
  }
  return copy;
}

/** Encoded data is looked for in its plain form too. */
function collect(found: JsonValue, secrets: string[]): void {
  if (typeof found !== 'string') return;
  secrets.push(found);
  if (/^[A-Za-z0-9+/]{8,}={0,2}$/.test(found))
    secrets.push(Buffer.from(found, 'base64').toString());
}

function withoutManagedFields(object: JsonObject): JsonObject {
  const metadata = get(object, 'metadata');
  if (!isObject(metadata) || getIn(metadata, ['managedFields']) === undefined) return object;
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest };
}

/** Shorter ones are too common in any text; as a whole value they are still taken out. */
const minQuoted = 4;

/** Takes secrets out of texts that may quote them, such as messages of expressions. */
export function scrub<T>(value: T, secrets: readonly string[]): T {
  const longest = [...new Set(secrets)].filter((s) => s !== '').sort((a, b) => b.length - a.length);
  return longest.length === 0 ? value : (scrubValue(value, longest) as T);
}

function scrubValue(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return scrubText(value, secrets);
  if (Array.isArray(value)) return value.map((item) => scrubValue(item, secrets));
  if (!isObject(value)) return value;
  const copy: Record<string, JsonValue> = {};
  for (const [key, each] of Object.entries(value)) {
    setOwn(copy, key, scrubValue(each, secrets) as JsonValue);
  }
  return copy;
}

function scrubText(text: string, secrets: readonly string[]): string {
  let scrubbed = text;
  for (const secret of secrets) {
    if (secret === scrubbed) return marker;
    if (secret.length >= minQuoted) scrubbed = scrubbed.replaceAll(secret, marker);
  }
  return scrubbed;
}
