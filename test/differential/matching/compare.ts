// An answer of the API server beside our decision: the same warnings, the same refusal, the same notes for its audit log.
// In-tree answers with one refusal alone, and which binding or param object came first is left to chance there: its text
// must be the first one of some binding and param object of ours.
import { getIn, isObject, type JsonValue } from '../../../src/base/json.ts';
import type { Decision, RuleResult } from '../../../src/model/decision.ts';
import type { ApiAnswer } from '../../e2e/api.ts';

export type Annotations = Readonly<Record<string, string>>;
export type Answered = {
  readonly answer: ApiAnswer;
  /** undefined where the audit policy drops the event. */
  readonly annotations: Annotations | undefined;
};

const failureKey = 'validation.policy.admission.k8s.io/validation_failure';
const warningStart = "Validation failed for ValidatingAdmissionPolicy '";
/** What the API server of the tests serves under more than one name, and what may be: of custom kinds we do not know. */
const inSeveralVersions = new Set(['events', 'gadgets', 'horizontalpodautoscalers', 'widgets']);
/** From here on the API server cuts and drops warnings. */
const mostWarnings = 4000;

/** What differs, as sentences. */
export function differences({ answer, annotations }: Answered, decision: Decision): string[] {
  // A webhook cannot convert: docs/differences.md.
  const unconverted = decision.results.filter((r) => r.code === 'equivalent-version');
  const apart = new Set(unconverted.map(({ policy }) => policy));
  const named = (text: string): boolean => apart.has(/'([^']+)'/.exec(text)?.[1] ?? '');
  const ours = decision.warnings.filter((text) => !named(text));
  const theirs = answer.warnings.filter((text) => text.startsWith(warningStart) && !named(text));
  const told = [...denial(answer, decision, apart)];
  const { resource } = decision.request.resource;
  if (apart.size > 0 && !inSeveralVersions.has(resource)) {
    told.push(`only ours: another version of ${resource} in ${[...apart].join(', ')}`);
  }
  if (answer.warnings.join('').length < mostWarnings) told.push(...sets('warning', theirs, ours));
  if (annotations !== undefined) told.push(...notes(annotations, decision, apart));
  return told;
}

/** A generated name is another one each time. */
const settled = (text: string): string => text.replace(/\bnew-[a-z0-9]{5}\b/g, 'new-?');

function sets(what: string, left: readonly string[], right: readonly string[]): string[] {
  const [theirs, ours] = [left.map(settled), right.map(settled)];
  return [
    ...theirs.filter((text) => !ours.includes(text)).map((text) => `only theirs: ${what} ${text}`),
    ...ours.filter((text) => !theirs.includes(text)).map((text) => `only ours: ${what} ${text}`),
  ];
}

function denial({ body }: ApiAnswer, decision: Decision, apart: ReadonlySet<string>): string[] {
  const message = isObject(body) && typeof body['message'] === 'string' ? body['message'] : '';
  const found = /ValidatingAdmissionPolicy '([^']+)'.* denied request: /s.exec(message);
  const text = found === null ? undefined : message.slice(found.index);
  if (found !== null && apart.has(found[1] ?? '')) return [];
  const refusals = firstRefusals(decision.results.filter(({ policy }) => !apart.has(policy)));
  if (text === undefined) {
    return refusals.slice(0, 1).map((result) => `only ours: refusal ${refusalText(result)}`);
  }
  const same = refusals.filter((result) => settled(refusalText(result)) === settled(text));
  const reason = isObject(body) ? body['reason'] : undefined;
  if (same.some((result) => (result.reason ?? 'Invalid') === reason)) return [];
  return [
    `only theirs: refusal ${text} (${String(reason)}); ours: ${JSON.stringify(refusals.map(refusalText))}`,
  ];
}

function refusalText({ policy, binding, message }: RuleResult): string {
  return `ValidatingAdmissionPolicy '${policy}' with binding '${binding}' denied request: ${message}`;
}

/** The first of each policy, binding and param object. */
function firstRefusals(results: readonly RuleResult[]): readonly RuleResult[] {
  const first = new Map<string, RuleResult>();
  for (const result of results.filter(({ actions }) => actions.includes('deny'))) {
    const key = JSON.stringify([result.policy, result.binding, result.param]);
    if (!first.has(key)) first.set(key, result);
  }
  return [...first.values()];
}

function notes(theirs: Annotations, decision: Decision, apart: ReadonlySet<string>): string[] {
  const { [failureKey]: failures, ...ours } = decision.auditAnnotations;
  const own = Object.entries(theirs).filter(isNote);
  const known = ([key]: [string, string]): boolean => !apart.has(key.replace('/note', ''));
  const shown = (entries: [string, string][]): string[] =>
    entries.filter(known).map(([key, value]) => `${key}: ${value.split(', ').sort().join(', ')}`);
  return [
    ...sets('annotation', shown(own), shown(Object.entries(ours).filter(isNote))),
    ...failure(theirs[failureKey], failures, apart),
  ];
}

/** Pod Security has annotations of its own. */
function isNote([key]: [string, string]): boolean {
  return key.endsWith('/note');
}

/** In-tree keeps the first failure, of any policy. */
function failure(
  theirs: string | undefined,
  ours: string | undefined,
  apart: ReadonlySet<string>,
): string[] {
  const all = list(ours).filter((each) => !apart.has(policyOf(each)));
  const [first] = list(theirs);
  if (first === undefined) {
    return all.slice(0, 1).map((each) => `only ours: failure ${canonical(each)}`);
  }
  if (
    apart.has(policyOf(first)) ||
    all.some((each) => settled(canonical(each)) === settled(canonical(first)))
  ) {
    return [];
  }
  return [`only theirs: failure ${canonical(first)}; ours: ${ours ?? 'none'}`];
}

function list(text: string | undefined): readonly JsonValue[] {
  const value: JsonValue = JSON.parse(text ?? '[]');
  return Array.isArray(value) ? value : [];
}

function policyOf(value: JsonValue): string {
  return String(getIn(value, ['policy']));
}

function canonical(value: JsonValue): string {
  return JSON.stringify(isObject(value) ? Object.entries(value).sort() : value);
}
