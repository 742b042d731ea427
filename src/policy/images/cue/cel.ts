// CEL that demands what a CUE policy demands, for its author to check and paste.
// Upstream: pkg/webhook of sigstore/policy-controller unifies the CUE with the statement, or with authorityMatches.
import { nameForms } from '../../../k8s/names.ts';
import { type Cue, type CueField, readCue } from './read.ts';

/** What the fields of the CUE are to an expression: names that stand for themselves or for something else. */
const roots: Readonly<Record<'attestation' | 'policy', ReadonlyMap<string, string>>> = {
  attestation: new Map(
    ['_type', 'predicateType', 'predicate', 'subject'].map((name) => [name, `statement.${name}`]),
  ),
  policy: new Map([
    ['authorityMatches', 'authorityMatches'],
    ['spec', 'object.spec'],
    ['metadata', 'object.metadata'],
    ['kind', 'object.kind'],
    ['apiVersion', 'object.apiVersion'],
  ]),
};

const maxDraft = 800;

/** On one line; undefined where the CUE says more than can be said for sure. */
export function celOfCue(text: string, level: 'attestation' | 'policy'): string | undefined {
  const fields = readCue(text);
  if (fields === undefined) return undefined;
  const known = new Map(fields.map(({ name, value }) => [name, value]));
  const terms: string[] = [];
  for (const field of fields) {
    const root = roots[level].get(field.name);
    const told = root === undefined ? helper(field) : termsOf(field.value, root, known);
    if (told === undefined) return undefined;
    terms.push(...told);
  }
  const draft = terms.join(' && ');
  return draft === '' || draft.length > maxDraft ? undefined : draft;
}

type Known = ReadonlyMap<string, Cue>;

/** A field that only others name: `before: time.Parse(…)`. */
function helper({ value }: CueField): readonly string[] | undefined {
  return value.kind === 'time' || value.kind === 'literal' ? [] : undefined;
}

function termsOf(value: Cue, path: string, known: Known): readonly string[] | undefined {
  switch (value.kind) {
    case 'struct':
      return every(value.fields, (field) => termsOf(field.value, member(path, field.name), known));
    case 'all':
      return every(value.of, (each) => termsOf(each, path, known));
    case 'compare':
      return compared(path, value.operator, value.with, known);
    default:
      return compared(path, '==', value, known);
  }
}

function every<T>(
  items: readonly T[],
  each: (item: T) => readonly string[] | undefined,
): readonly string[] | undefined {
  const told = items.map(each);
  return told.includes(undefined) ? undefined : told.flatMap((terms) => terms ?? []);
}

function member(path: string, name: string): string {
  return nameForms['cel-identifier'].holds(name)
    ? `${path}.${name}`
    : `${path}[${JSON.stringify(name)}]`;
}

/** To CUE times are texts; as instants they also compare where they are written with another offset. */
function compared(
  path: string,
  operator: string,
  other: Cue,
  known: Known,
): readonly string[] | undefined {
  const value = other.kind === 'name' ? known.get(other.name) : other;
  if (value?.kind === 'time')
    return [`timestamp(${path}) ${operator} timestamp(${JSON.stringify(value.text)})`];
  if (value?.kind !== 'literal') return undefined;
  const literal = JSON.stringify(value.value);
  if (operator === '=~') return [`${path}.matches(${literal})`];
  return [operator === '!~' ? `!${path}.matches(${literal})` : `${path} ${operator} ${literal}`];
}
