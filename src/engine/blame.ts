// The fields that made a validation false, as findings: one for each, in the object that the attempt is about.
// What cannot be told by a field is told of the whole object: the path is "".
import { type FieldPath, formatPath, toPointer } from '../base/field-path.ts';
import { canonicalJson, getIn, isArray, isObject, type JsonValue } from '../base/json.ts';
import { count, cut, quote } from '../base/text.ts';
import type { Cause } from '../cel/explain/cause.ts';
import { explain } from '../cel/explain/explain.ts';
import type { Roots } from '../cel/program.ts';
import type { Finding } from '../model/decision.ts';
import type { Policy } from '../policy/model.ts';
import { borrow } from '../review/told.ts';
import { type Blamed, type Broken, withPatches } from './mend.ts';

/** How the objects of a policy's roots may be quoted, and where its object stands in the attempt's. */
export type Quotable = {
  /** The roots without secrets. */
  readonly shown: () => Roots;
  readonly basePath: FieldPath;
};

const maxFindings = 20;
const maxValue = 1_000;
const maxShownValue = 80;

/** At least one. INVARIANT: a finding of the whole object is among them unless every cause was told: an exception that
 * covers some fields must not excuse what was left out. */
export function findingsOf(broken: Broken, quotable: Quotable): readonly Finding[] {
  const { policy, validation, activation, budget, message } = broken;
  const { causes, complete } = explain(validation.program, activation, budget);
  const told = telling(causes, activation.roots);
  const blamed = told.slice(0, maxFindings).map((cause) => blamedFor(cause, broken, quotable));
  const findings = withPatches(blamed, broken, quotable.basePath);
  const more = told.length - findings.length;
  if (complete && more === 0 && findings.length > 0) return findings;
  const rest = findings.length === 0 ? '' : ` (+${more > 0 ? count(more, 'more field') : 'more'})`;
  return [...findings, wholeObject(`${message}${rest}`, policy)];
}

function wholeObject(message: string, { remedy }: Policy): Finding {
  return {
    path: '',
    pointer: '',
    value: null,
    allowed: [],
    message,
    remedy: remedy ?? '',
    patch: [],
  };
}

/** Fields of the object; its kind is told only where nothing else is, and then what an update took away. */
function telling(causes: readonly Cause[], { object }: Roots): readonly Cause[] {
  if (object === null) return [];
  const fields = causes.filter(({ path }) => path.length > 0);
  const own = fields.filter(({ root }) => root === 'object');
  const rest = own.filter(({ path }) => path[0] !== 'kind' && path[0] !== 'apiVersion');
  if (rest.length > 0) return rest;
  const lost = fields.filter((cause) => isLost(cause, object));
  return lost.length > 0 ? lost : own;
}

function isLost({ root, path, value }: Cause, object: JsonValue): boolean {
  return root === 'oldObject' && value !== undefined && getIn(object, path) === undefined;
}

function blamedFor(cause: Cause, broken: Broken, { shown, basePath }: Quotable): Blamed {
  const { object } = shown();
  const known = withoutComputed(cause.path, object, broken);
  const path = [...basePath, ...known];
  const value = getIn(object, known);
  const finding: Finding = {
    path: formatPath(path),
    pointer: toPointer(path),
    value: bounded(value ?? null),
    allowed: known.length === cause.path.length ? allowedOf(cause) : [],
    message: readOn(formatPath(path), broken.message) ?? borrow(worded(value), broken.message),
    remedy: broken.policy.remedy ?? '',
    patch: [],
  };
  return { finding, field: known };
}

/** THREAT: a key that an expression computed may hold a secret. The path ends before a step that neither the object
 * without secrets nor the policy's text has. */
function withoutComputed(path: FieldPath, object: JsonValue, broken: Broken): FieldPath {
  const { policy, validation } = broken;
  const texts = [validation.program, ...policy.variables.map((v) => v.program)].map(
    ({ source }) => source,
  );
  const end = path.findIndex(
    (step, i) =>
      typeof step === 'string' &&
      getIn(object, path.slice(0, i + 1)) === undefined &&
      !texts.some((text) => text.includes(step)),
  );
  return end < 0 ? path : path.slice(0, end);
}

/** `hostNetwork is true`, said of `spec.hostNetwork`, goes on from the path; undefined where it says nothing of it. */
function readOn(path: string, message: string): string | undefined {
  // A key may be megabytes of dots, a message is not.
  const from = Math.max(0, path.length - message.length);
  const dots = [...path.slice(from).matchAll(/\./g)].map(({ index }) => from + index + 1);
  const starts = from === 0 ? [0, ...dots] : dots;
  const said = starts.map((start) => `${path.slice(start)} `).find((s) => message.startsWith(s));
  return said === undefined || said === ' ' ? undefined : message.slice(said.length);
}

/** Read on from the path: `spec.hostNetwork is true`. */
function worded(value: JsonValue | undefined): string {
  if (value === undefined) return 'is not set';
  if (typeof value === 'string') return `is ${quote(cut(value, maxShownValue))}`;
  if (isArray(value)) return value.length === 0 ? 'is empty' : `has ${count(value.length, 'item')}`;
  if (isObject(value)) return Object.keys(value).length === 0 ? 'is empty' : 'is set';
  return `is ${value}`;
}

function bounded(value: JsonValue): JsonValue {
  if (typeof value === 'string') return cut(value, maxValue);
  return isSmall(value) ? value : null;
}

/** Without recursion: values may be nested deeper than the stack. */
function isSmall(value: JsonValue): boolean {
  const open = [value];
  let size = 0;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    size += typeof at === 'string' ? at.length : 10;
    if (isArray(at)) size += at.length;
    if (size > maxValue) return false;
    if (isArray(at)) open.push(...at);
    else if (isObject(at)) {
      for (const [key, item] of Object.entries(at)) {
        size += key.length;
        open.push(item);
      }
    }
  }
  return true;
}

/** What was compared with a constant is told with what would have passed. */
function allowedOf({ wanted }: Cause): readonly string[] {
  if (wanted === undefined || wanted.negated) return [];
  if (wanted.operator === '==') return [textOf(wanted.value)];
  if (wanted.operator !== 'in' || !isArray(wanted.value)) return [];
  return wanted.value.length > maxFindings ? [] : wanted.value.map(textOf);
}

function textOf(value: JsonValue): string {
  return cut(typeof value === 'string' ? value : canonicalJson(value), maxShownValue);
}
