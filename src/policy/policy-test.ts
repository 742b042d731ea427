// PolicyTest documents to plain cases: each an object, who asks for it, and what must come of it.

import { byPlace, type Diagnostic } from '../base/diagnostic.ts';
import type { FieldPath } from '../base/field-path.ts';
import {
  get,
  getIn,
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
  setOwn,
} from '../base/json.ts';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import { quote } from '../base/text.ts';
import type { Operation } from '../model/attempt.ts';
import type { SourceDocument } from '../yaml/document.ts';
import { type Report, reporter } from './faults.ts';
import { createShapes } from './shape.ts';
import type { WrittenCase } from './written.ts';

export type Expectation = {
  readonly allowed: boolean;
  /** The ids of all rules that deny; undefined: not asked. */
  readonly denied: readonly string[] | undefined;
  readonly findings: readonly string[];
  readonly warnings: number | undefined;
};

export type PolicyCase = {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly operation: Operation;
  readonly subResource: string;
  readonly object: JsonObject | null;
  readonly oldObject: JsonObject | null;
  readonly user: { readonly username: string; readonly groups: readonly string[] };
  readonly namespace: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly expect: Expectation;
};

/** The cases of all PolicyTest documents; other documents are passed over. All faults at once. */
export function readPolicyTests(
  documents: readonly SourceDocument[],
): Result<readonly PolicyCase[], readonly Diagnostic[]> {
  const shapes = createShapes();
  const found: Diagnostic[] = [];
  const cases = documents.flatMap((document) => {
    if (get(document.value, 'kind') !== 'PolicyTest') return [];
    const report = reporter({ document, base: [] }, found);
    const read = shapes.policyTest(document.value, report);
    const { cases: written = [] } = read?.written.spec ?? {};
    return written.map((each, i) => caseOf(each, { document, index: i, report }));
  });
  return found.length > 0 ? err([...found].sort(byPlace)) : ok(cases);
}

type Context = {
  readonly document: SourceDocument;
  readonly index: number;
  readonly report: Report;
};

function caseOf(written: WrittenCase, { document, index, report }: Context): PolicyCase {
  const path = ['spec', 'cases', index];
  // Objects as they were written: a null is a value there, and in changes it takes a field out.
  const raw = (...steps: FieldPath): JsonObject | undefined => {
    const value = getIn(document.value, steps);
    return isObject(value) ? value : undefined;
  };
  const base = raw('spec', 'base') ?? null;
  const made = (
    object: JsonObject | undefined,
    changes: JsonObject | undefined,
    needed: boolean,
  ) => {
    const from = object ?? (changes === undefined && !needed ? null : base);
    if (from === null && needed) {
      report({ path, message: 'the case has no object, and spec.base is not there to be changed' });
    }
    return from === null ? null : changed(from, changes ?? {});
  };
  const { operation = 'CREATE', expect = {}, user = {}, namespace = {} } = written;
  const object = made(raw(...path, 'object'), raw(...path, 'changes'), true);
  const oldObject = made(
    raw(...path, 'oldObject'),
    raw(...path, 'oldChanges'),
    operation === 'UPDATE',
  );
  return {
    name: written.name ?? '',
    file: document.file,
    line: document.position(path).line,
    operation: operation as Operation,
    subResource: written.subResource ?? '',
    object: operation === 'DELETE' ? null : object,
    oldObject: operation === 'DELETE' ? object : oldObject,
    user: { username: user.username ?? 'alice', groups: user.groups ?? ['system:authenticated'] },
    namespace: { name: namespace.name ?? 'shop', labels: namespace.labels ?? {} },
    expect: {
      allowed: expect.allowed ?? false,
      denied: expect.denied,
      findings: expect.findings ?? [],
      warnings: expect.warnings,
    },
  };
}

/** A copy with values at JSON pointers; what lies between is made. */
export function changed(object: JsonObject, changes: JsonObject): JsonObject {
  let made: JsonValue = object;
  for (const [pointer, value] of Object.entries(changes)) {
    const steps = pointer.split('/').slice(1);
    made = put(
      made,
      steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')),
      value,
    );
  }
  if (!isObject(made))
    throw new Error(`a change made the object something else: ${quote(typeof made)}`);
  return made;
}

function put(value: JsonValue | undefined, steps: readonly string[], wanted: JsonValue): JsonValue {
  const [step, ...rest] = steps;
  if (step === undefined) return wanted;
  if (isArray(value)) {
    const at = step === '-' ? value.length : Number(step);
    const items = [...value];
    if (rest.length === 0 && wanted === null) items.splice(at, 1);
    else items[at] = put(value[at], rest, wanted);
    return items;
  }
  const copy: Record<string, JsonValue> = {};
  for (const [key, each] of Object.entries(isObject(value) ? value : {})) setOwn(copy, key, each);
  if (rest.length === 0 && wanted === null) delete copy[step];
  else setOwn(copy, step, put(get(value, step), rest, wanted));
  return copy;
}
