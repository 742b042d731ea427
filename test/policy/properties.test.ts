// What holds for any documents: they are loaded whole or refused with a place, and nothing crashes.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'tap';
import type { Diagnostic } from '../../src/base/diagnostic.ts';
import { isArray, isObject, type JsonValue, setOwn } from '../../src/base/json.ts';
import type { Result } from '../../src/base/result.ts';
import { buildPolicySet } from '../../src/policy/build.ts';
import type { PolicySet } from '../../src/policy/model.ts';
import { readDocuments } from '../../src/yaml/read.ts';
import { hasPlace } from '../fixtures/diagnostics.ts';
import { binding, documentsOf, join, policy, wholeSet } from './texts.ts';

const fixture = new URL('../fixtures/policies/complete.yaml', import.meta.url);
const complete = documentsOf(readFileSync(fixture, 'utf8')).map(({ value }) => value);

/** As loadPolicySet does: faults of the text and of the documents together. */
function load(text: string): Result<PolicySet, readonly Diagnostic[]> {
  const { documents, faults } = readDocuments(text, 'x.yaml');
  const built = buildPolicySet([documents], { now: '2026-11-21T10:00:00Z' });
  if (faults.length === 0) return built;
  return { ok: false, error: [...faults, ...(built.ok ? [] : built.error)] };
}

const fieldNames = [
  'apiVersion kind metadata name annotations labels namespace spec status items plugins configuration defaults enforce',
  'exemptions usernames paramKind matchConstraints resourceRules apiGroups operations resources matchConditions variables',
  'validations expression message messageExpression reason auditAnnotations key valueExpression policyName paramRef',
  'selector matchLabels matchExpressions values parameterNotFoundAction matchResources validationActions sekisho.dev/title',
  'sekisho.dev/rule-names __proto__ constructor toString a\u202eb \u001b[31m',
].flatMap((line) => line.split(' '));

const words = fc.constantFrom(
  ...'|p|*|true|Deny|Warn|In|object.spec|has(object.a)|v1|a/b|PodSecurity|a,b,,c'.split('|'),
);
const scalar = fc.oneof(
  words,
  fc.constantFrom('a\nb', '\u202e', '\u001b[31m', 'x'.repeat(5000)),
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);
const anyValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...fieldNames), fc.string()), tie('value'), {
      maxKeys: 6,
    }),
  ),
})).value;

const kinds = fc.constantFrom(
  { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy' },
  { apiVersion: 'admissionregistration.k8s.io/v1beta1', kind: 'ValidatingAdmissionPolicyBinding' },
  { apiVersion: 'pod-security.admission.config.k8s.io/v1', kind: 'PodSecurityConfiguration' },
  { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration' },
  { apiVersion: 'sekisho.dev/v1alpha1', kind: 'PolicySettings' },
  { apiVersion: 'v1', kind: 'List' },
  { apiVersion: 'v1', kind: 'ConfigMap' },
);

const shaped = fc
  .tuple(kinds, fc.dictionary(fc.constantFrom(...fieldNames), anyValue, { maxKeys: 6 }))
  .map(([kind, fields]) => ({ ...fields, ...kind }));

test('no documents whatever make it throw, and every fault has a place', async (t) => {
  const property = fc.property(fc.array(fc.oneof(shaped, anyValue), { maxLength: 4 }), (values) => {
    const text = values.map((value) => JSON.stringify(value, null, 1)).join('\n---\n');
    const result = load(text);
    return (
      result.ok || (result.error.length > 0 && result.error.every((each) => hasPlace(text, each)))
    );
  });
  t.doesNotThrow(() => fc.assert(property, { numRuns: 1000 }));
});

type Path = readonly (string | number)[];
type Break = (value: JsonValue) => JsonValue;

/** Every place in the documents of the complete fixture where a break of this sort is certain to be one. */
function placesOf(
  value: JsonValue,
  isPlace: (path: Path, value: JsonValue) => boolean,
  path: Path = [],
): readonly Path[] {
  const own = isPlace(path, value) ? [path] : [];
  if (isArray(value))
    return [...own, ...value.flatMap((each, i) => placesOf(each, isPlace, [...path, i]))];
  if (!isObject(value)) return own;
  return [
    ...own,
    ...Object.entries(value).flatMap(([key, each]) => placesOf(each, isPlace, [...path, key])),
  ];
}

function changed(value: JsonValue, [step, ...rest]: Path, change: Break): JsonValue {
  if (step === undefined) return change(value);
  if (isArray(value))
    return value.map((each, i) => (i === step ? changed(each, rest, change) : each));
  if (!isObject(value)) return value;
  const copy: Record<string, JsonValue> = {};
  for (const [key, each] of Object.entries(value)) {
    setOwn(copy, key, key === step ? changed(each, rest, change) : each);
  }
  return copy;
}

/** Params and PolicyTests are free; labels, annotations and what a server fills in are no closed mappings. */
const law = complete.slice(0, 3).concat(complete.slice(4, 6));
const isClosed = (path: Path): boolean =>
  !path.some((step) =>
    ['labels', 'annotations', 'matchLabels', 'managedFields', 'status'].includes(String(step)),
  );
const underSpec = (path: Path): boolean =>
  path.length > 1 && (path[0] === 'spec' || path[0] === 'plugins');
const isExpression = (path: Path): boolean =>
  /[eE]xpression$/.test(String(path.at(-1))) && underSpec(path);

const breaks: readonly [
  name: string,
  where: (path: Path, value: JsonValue) => boolean,
  change: Break,
][] = [
  [
    'an unknown field',
    (path, value) => isClosed(path) && isObject(value),
    (value) => (isObject(value) ? { ...value, bogus: 1 } : value),
  ],
  [
    'another type',
    (path) => underSpec(path) && isClosed(path),
    (value) => (isArray(value) || isObject(value) ? 'text' : [value, { a: 1 }]),
  ],
  ['an expression cut short', isExpression, (value) => `${value} +`],
  ['an expression with an unknown name', isExpression, (value) => `${value} == nowhere.${'a'}`],
  [
    'a word that is none',
    (path, value) =>
      [
        'Ignore',
        'Exact',
        'Deny',
        'NotIn',
        'Namespaced',
        'UPDATE',
        'Forbidden',
        'Warn',
        'baseline',
      ].includes(String(value)) && underSpec(path),
    () => 'Nonesuch',
  ],
  ['another version', (path) => path.length === 1 && path[0] === 'apiVersion', () => 'v9'],
  [
    'no name',
    (path, value) => path.join() === 'metadata' && isObject(value) && value['name'] !== 'settings',
    () => ({}),
  ],
];

type Place = readonly [document: number, path: Path, change: Break];
const documentPlaces: readonly (readonly [string, readonly Place[]])[] = breaks.map(
  ([name, where, change]) => [
    name,
    law.flatMap((value, i) => placesOf(value, where).map((path): Place => [i, path, change])),
  ],
);

const asText = (values: readonly JsonValue[]): string =>
  values.map((value) => JSON.stringify(value, null, 2)).join('\n---\n');

test('the fixture that is broken below is whole', async (t) => {
  const result = load(asText([...law, ...complete.slice(3, 4)]));
  t.same(result.ok ? [] : result.error, []);
});

for (const [name, places] of documentPlaces) {
  test(`broken by ${name}: never loaded, never a crash, and told with a place (${places.length} files)`, async (t) => {
    t.not(places.length, 0);
    for (const [at, path, change] of places) {
      const text = asText([
        ...law.map((value, i) => (i === at ? changed(value, path, change) : value)),
        ...complete.slice(3, 4),
      ]);
      const result = load(text);
      t.equal(result.ok, false, `${at}: ${path.join('.')}`);
      if (!result.ok)
        t.same(
          result.error.filter((each) => !hasPlace(text, each)),
          [],
        );
    }
  });
}

test('broken by cutting the text anywhere: never loaded, never a crash (400 files)', async (t) => {
  const text = asText(law.slice(0, 1));
  const at = fc.integer({ min: 1, max: text.length - 2 });
  const cuts = fc.property(at, fc.constantFrom('', '\t', '"', ']', '\0'), (end, more) => {
    const broken = text.slice(0, end) + more;
    const result = load(broken);
    return !result.ok && result.error.every((each) => hasPlace(broken, each));
  });
  t.doesNotThrow(() => fc.assert(cuts, { numRuns: 400 }));
});

test('the hash does not depend on the order of documents', async (t) => {
  const documents = [
    policy(),
    policy({ name: 'q' }),
    binding('a'),
    binding('b', '', 'q'),
    binding('c'),
  ];
  const { hash } = wholeSet(join(...documents));
  const orders = fc.property(
    fc.shuffledSubarray(documents, { minLength: 5 }),
    (order) => wholeSet(join(...order)).hash === hash,
  );
  t.doesNotThrow(() => fc.assert(orders, { numRuns: 20 }));
});
