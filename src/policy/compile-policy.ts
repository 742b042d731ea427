// One ValidatingAdmissionPolicy: its expressions compiled in the scope that each has, its rules named.
// Upstream: what the API server checks when such a policy is installed.
import type { FieldPath } from '../base/field-path.ts';
import { get, getIn, type JsonArray, type JsonValue } from '../base/json.ts';
import { quote } from '../base/text.ts';
import { compile } from '../cel/compile.ts';
import type { Program, Scope, Variable, Wanted } from '../cel/program.ts';
import type { SourceDocument } from '../yaml/document.ts';
import { readAnnotations } from './annotations.ts';
import type { Faults } from './faults.ts';
import { compileMatchResources } from './match-resources.ts';
import type { Policy, Validation } from './model.ts';

export type PolicyDraft = Omit<Policy, 'bindings'>;

/** From a document that the schema accepted. What has a fault is left out, and the fault is noted. */
export function compilePolicy(document: SourceDocument, faults: Faults): PolicyDraft {
  const spec = get(document.value, 'spec') ?? null;
  const name = getIn(document.value, ['metadata', 'name']) as string;
  const list = (key: string): JsonArray => (get(spec, key) ?? []) as JsonArray;
  const params = isObjectAt(spec, 'paramKind');
  const base: Scope = { params, authorizer: false };
  const one = (
    path: FieldPath,
    source: JsonValue | undefined,
    scope: Scope,
    wanted: Wanted,
  ): Program[] => compileAt(document, path, source, scope, wanted, faults);

  if (list('validations').length === 0 && list('auditAnnotations').length === 0) {
    faults.at(
      document,
      ['spec'],
      'policy-field',
      'spec.validations or spec.auditAnnotations must be set',
    );
  }
  unique(document, ['spec', 'matchConditions'], list('matchConditions'), 'name', faults);
  unique(document, ['spec', 'auditAnnotations'], list('auditAnnotations'), 'key', faults);

  const variables = compileVariables(document, list('variables'), base, faults);
  const scope: Scope = { ...base, variables };
  const annotations = readAnnotations(document, list('validations').length, faults);
  return {
    name,
    failurePolicy: get(spec, 'failurePolicy') === 'Ignore' ? 'Ignore' : 'Fail',
    paramKind: params ? (get(spec, 'paramKind') as Policy['paramKind']) : null,
    matchConstraints: compileMatchResources(get(spec, 'matchConstraints'), {
      document,
      path: ['spec', 'matchConstraints'],
      faults,
    }),
    matchConditions: list('matchConditions').flatMap((each, i) =>
      one(['spec', 'matchConditions', i, 'expression'], get(each, 'expression'), base, 'bool').map(
        (program) => ({ name: String(get(each, 'name')), program }),
      ),
    ),
    variables,
    validations: list('validations').flatMap((each, i) =>
      compileValidation(
        document,
        each,
        i,
        { name, scope, ruleName: annotations.ruleNames[i] },
        faults,
      ),
    ),
    auditAnnotations: list('auditAnnotations').flatMap((each, i) =>
      one(
        ['spec', 'auditAnnotations', i, 'valueExpression'],
        get(each, 'valueExpression'),
        scope,
        'string-or-null',
      ).map((program) => ({ key: String(get(each, 'key')), program })),
    ),
    podTemplates: annotations.podTemplates,
    title: annotations.title,
    description: annotations.description,
    remedy: annotations.remedy,
    severity: annotations.severity,
    controls: annotations.controls,
  };
}

function isObjectAt(spec: JsonValue, key: string): boolean {
  const value = get(spec, key);
  return value !== undefined && value !== null;
}

function compileAt(
  document: SourceDocument,
  path: FieldPath,
  source: JsonValue | undefined,
  scope: Scope,
  wanted: Wanted,
  faults: Faults,
): Program[] {
  if (typeof source !== 'string') return [];
  const compiled = compile(source, scope, wanted);
  if (compiled.ok) return [compiled.value];
  for (const fault of compiled.error) faults.inExpression(document, path, fault);
  return [];
}

/** Only earlier variables are in sight of a later one. */
function compileVariables(
  document: SourceDocument,
  list: JsonArray,
  base: Scope,
  faults: Faults,
): readonly Variable[] {
  const variables: Variable[] = [];
  unique(document, ['spec', 'variables'], list, 'name', faults);
  for (const [i, each] of list.entries()) {
    const scope = { ...base, variables: [...variables] };
    const path = ['spec', 'variables', i, 'expression'];
    const [program] = compileAt(document, path, get(each, 'expression'), scope, 'any', faults);
    if (program !== undefined) variables.push({ name: String(get(each, 'name')), program });
  }
  return variables;
}

type Rule = { readonly name: string; readonly scope: Scope; readonly ruleName: string | undefined };

function compileValidation(
  document: SourceDocument,
  value: JsonValue,
  i: number,
  { name, scope, ruleName }: Rule,
  faults: Faults,
): Validation[] {
  const path: FieldPath = ['spec', 'validations', i];
  const source = get(value, 'expression');
  const message = get(value, 'message');
  if (typeof source === 'string' && source.trim().includes('\n') && message === undefined) {
    const text = 'message is required when the expression has line breaks';
    faults.at(document, path, 'policy-field', text);
  }
  const [program] = compileAt(document, [...path, 'expression'], source, scope, 'bool', faults);
  const [messageExpression = null] = compileAt(
    document,
    [...path, 'messageExpression'],
    get(value, 'messageExpression'),
    scope,
    'string',
    faults,
  );
  if (program === undefined) return [];
  return [
    {
      rule: ruleName === undefined ? `${name}/validations[${i}]` : `${name}/${ruleName}`,
      program,
      message: typeof message === 'string' ? message.trim() : '',
      messageExpression,
      reason: (get(value, 'reason') ?? 'Invalid') as Validation['reason'],
    },
  ];
}

function unique(
  document: SourceDocument,
  path: FieldPath,
  list: JsonArray,
  key: string,
  faults: Faults,
): void {
  const seen = new Set<unknown>();
  for (const [i, each] of list.entries()) {
    const name = get(each, key);
    if (seen.has(name))
      faults.at(
        document,
        [...path, i, key],
        'policy-field',
        `${quote(String(name))} is there twice`,
      );
    seen.add(name);
  }
}
