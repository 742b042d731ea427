// The readers, given anything: a body, a manifest or a review is read as it stands or refused with a place. None of
// them throws, none reads what another would not, and a hostile pod in a damaged review is never let in.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'tap';
import { codes } from '../../src/base/codes.ts';
import {
  canonicalJson,
  getIn,
  isArray,
  isObject,
  type JsonValue,
  setOwn,
} from '../../src/base/json.ts';
import { err } from '../../src/base/result.ts';
import { admit } from '../../src/engine/admit.ts';
import type { Ports } from '../../src/engine/ports.ts';
import { operations } from '../../src/model/attempt.ts';
import { decodeReview } from '../../src/review/decode.ts';
import { encodeReview } from '../../src/review/encode.ts';
import { attemptsOf } from '../../src/review/manifest.ts';
import { parseJson } from '../../src/yaml/json.ts';
import { readDocuments } from '../../src/yaml/read.ts';
import { hasPlace } from '../fixtures/diagnostics.ts';
import { plainPorts } from '../fixtures/ports.ts';
import { root } from '../gate.ts';
import { bundlePath, policySetAt } from '../policies/load.ts';
import { anything, nearly, patient, runsOf } from './fuzz-runs.ts';
import { podOf, reviewOf, uid } from './request-harness.ts';

const limits = { maxBytes: 1_000_000, maxDepth: 64 };
const hostile = reviewOf({ object: podOf({ hostNetwork: true }) });

function mapped(value: JsonValue, change: (scalar: JsonValue) => JsonValue): JsonValue {
  if (isArray(value)) return value.map((each) => mapped(each, change));
  if (!isObject(value)) return change(value);
  const object: Record<string, JsonValue> = {};
  for (const [key, each] of Object.entries(value)) {
    setOwn(object, String(change(key)), mapped(each, change));
  }
  return object;
}

/** As doubles, as JSON.parse has them. */
const rounded = (value: JsonValue): JsonValue =>
  mapped(value, (each) => (typeof each === 'bigint' ? Number(each) : each));

/** Half of a surrogate pair is no character for Go, which puts U+FFFD in its place. */
const wellFormed = (value: JsonValue): JsonValue =>
  mapped(value, (each) => (typeof each === 'string' ? each.toWellFormed() : each));

function parsed(text: string): { readonly value: JsonValue } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Whether JSON.parse lost something of the text: a member, to another of the same key, or a number, to infinity. */
function isLossy(text: string): boolean {
  let members = 0;
  let infinite = false;
  JSON.parse(text, function count(this: unknown, _key, value: unknown) {
    if (!isArray(this)) members += 1;
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) infinite = true;
    return value;
  });
  const written = text.replace(/"(?:[^"\\]|\\.)*"/gs, '').split(':').length - 1;
  return infinite || members - 1 !== written;
}

function readsAsJson(text: string): boolean {
  const wanted = parsed(text);
  const read = parseJson(new TextEncoder().encode(text), limits);
  if (read.ok)
    return (
      wanted !== undefined && canonicalJson(rounded(read.value)) === canonicalJson(wanted.value)
    );
  return wanted === undefined || read.error.code === 'review-too-deep' || isLossy(text);
}

test(
  'parseJson reads what JSON.parse reads, to the same value, or refuses it',
  patient,
  async (t) => {
    const texts = fc.oneof(
      anything.map((value) => JSON.stringify(value)),
      anything.map((value) => JSON.stringify(value)).chain((text) => nearly([text])),
      nearly([hostile, '{"a":{"b":[1,2.5e-3,"\\u0041"]},"a":[]}', '[9007199254740993,-0,1e309]']),
    );
    // Half of a surrogate pair is no text that could be sent.
    const sent = texts.map((text) => text.toWellFormed());
    t.doesNotThrow(() => fc.assert(fc.property(sent, readsAsJson), runsOf(25)));
    const bytes = fc.uint8Array({ maxLength: 60 });
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(bytes, (body) => {
          const read = parseJson(body, limits);
          return read.ok || Object.hasOwn(codes, read.error.code);
        }),
        runsOf(5),
      ),
    );
  },
);

function isJsonValue(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (isArray(value)) return value.every(isJsonValue);
  if (isObject(value)) return Object.values(value).every(isJsonValue);
  return value === null || ['boolean', 'bigint', 'string'].includes(typeof value);
}

const options = {
  ...{ operation: null, namespace: 'default', now: '2026-11-21T10:00:00Z', old: new Map() },
  ...{ userInfo: { username: '', uid: '', groups: [], extra: {} }, customKinds: new Map() },
};

function isRead(text: string): boolean {
  const { documents, faults } = readDocuments(text, 'm.yaml');
  const { attempts, faults: more } = attemptsOf(documents, options);
  return (
    [...faults, ...more].every((fault) => hasPlace(text, fault)) &&
    documents.every(({ value }) => isJsonValue(value)) &&
    attempts.every(({ attempt }) => attempt.object !== null)
  );
}

const manifests = [
  ...readdirSync(join(root, 'test/demo/manifests'))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(join(root, 'test/demo/manifests', name), 'utf8').slice(0, 2_000)),
  'a: &a [1, {b: "c\\n"}]\nd: *a\n<<: {e: f}\ng: |\n  h\n ---\n',
  JSON.stringify(podOf({ hostNetwork: true }), null, 1),
];

test(
  'readDocuments reads any text to JSON values, or to faults that stand in it',
  patient,
  async (t) => {
    t.ok(manifests.length > 2);
    const property = fc.property(nearly(manifests), isRead);
    t.doesNotThrow(() => fc.assert(property, runsOf(15)));
  },
);

/** Of what JSON says, the YAML reader reads the same or nothing. */
function readsTheSame(value: JsonValue): boolean {
  const [json, wanted] = [JSON.stringify(value), canonicalJson(wellFormed(value))];
  const forms = [
    [json, wanted],
    [`- ${json}`, `[${wanted}]`],
    [`a: ${json}`, `{"a":${wanted}}`],
  ] as const;
  return forms.every(([text, expected]) => {
    const { documents, faults } = readDocuments(text, 'm.yaml');
    if (faults.length > 0) return true;
    const read = documents.map((document) => canonicalJson(document.value));
    // An empty document is passed over.
    return read.length === 0 ? expected === 'null' : read.length === 1 && read[0] === expected;
  });
}

test('what is JSON is read alike as JSON and as YAML, or refused', patient, async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(anything, readsTheSame), runsOf(10)));
});

const review: JsonValue = JSON.parse(hostile);
const policySet = await policySetAt(join(bundlePath, 'pod-security'));

const ports: Ports = {
  ...plainPorts,
  namespace: async (name) =>
    name === 'shop'
      ? plainPorts.namespace(name)
      : err({ code: 'namespace-unavailable', message: 'not known' }),
};

type Path = readonly (string | number)[];

function placesOf(value: JsonValue, path: Path = []): readonly Path[] {
  const inner = isArray(value)
    ? value.flatMap((each, i) => placesOf(each, [...path, i]))
    : isObject(value)
      ? Object.entries(value).flatMap(([key, each]) => placesOf(each, [...path, key]))
      : [];
  return [path, ...inner];
}

function replaced(value: JsonValue, [step, ...rest]: Path, by: JsonValue): JsonValue {
  if (step === undefined) return by;
  if (isArray(value)) return value.map((each, i) => (i === step ? replaced(each, rest, by) : each));
  if (!isObject(value)) return value;
  return { ...value, [step]: replaced(value[step] ?? null, rest, by) };
}

const meaningful = fc.constantFrom<JsonValue[]>(
  ...[
    'CREATE',
    'UPDATE',
    'DELETE',
    'CONNECT',
    'Pod',
    'pods',
    'v1',
    'apps',
    'Deployment',
    'deployments',
    'kube-system',
  ],
  ...['exec', 'status', 'scale', 'binding', 'ephemeralcontainers', 'resize', 'shop'],
  ...[
    { group: '', version: 'v1', kind: 'Secret' },
    { group: '', version: 'v1', resource: 'secrets' },
  ],
);
const places = placesOf(review).filter((path) => path[1] !== 'object');
const damaged = fc
  .tuple(fc.constantFrom(...places), fc.oneof(anything, meaningful))
  .map(([path, by]) => replaced(review, path, by));

/** What a hostile Pod in a damaged review may be: no matter of Pod Security by its subresource, or exempt. */
function isExcused(value: JsonValue): boolean {
  const at = (field: string): JsonValue => getIn(value, ['request', field]) ?? null;
  return at('namespace') === 'kube-system' || at('subResource') === 'status';
}

async function holds(value: JsonValue): Promise<boolean> {
  const decoded = decodeReview(value, { now: options.now, deadline: null });
  const asked = getIn(value, ['request', 'uid']) ?? null;
  if (!decoded.ok) return decoded.error.uid === null || decoded.error.uid === asked;
  const attempt = decoded.value;
  const decision = await admit(policySet, attempt, ports);
  const { response } = encodeReview(attempt.uid, decision, { id: 'd' });
  const answered = response.uid === asked && operations.includes(attempt.operation);
  return answered && (!response.allowed || isExcused(value));
}

test(
  'a review with one damaged place is refused or denied with its uid; its hostile pod is never let in',
  patient,
  async (t) => {
    t.equal(await holds(review), true);
    t.equal(decodeReview(review, { now: options.now, deadline: null }).ok, true, uid);
    await t.resolves(fc.assert(fc.asyncProperty(damaged, holds), runsOf(15)));
    const any = fc.property(anything, (value) => {
      const decoded = decodeReview(
        { ...Object(review), request: value },
        { now: options.now, deadline: 1 },
      );
      return !decoded.ok && Object.hasOwn(codes, decoded.error.code);
    });
    t.doesNotThrow(() => fc.assert(any, runsOf(5)));
  },
);
