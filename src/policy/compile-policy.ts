// One ValidatingAdmissionPolicy as the engine runs it, or everything that the API server would refuse it for.
// Upstream: validateValidatingAdmissionPolicySpec in k8s.io/kubernetes/pkg/apis/admissionregistration/validation.
import { type FieldPath, formatPath } from '../base/field-path.ts';
import type { Variable } from '../cel/program.ts';
import { nameForms } from '../k8s/names.ts';
import { readAnnotations } from './annotations.ts';
import { type CompileAt, compileInto, type Scopes, scopesOf } from './expressions.ts';
import { onceEach, type Report } from './faults.ts';
import { compileMatchResources } from './match-resources.ts';
import { checkMetadata } from './metadata.ts';
import type { AuditAnnotation, MatchCondition, Policy, Validation } from './model.ts';
import { compileParamKind } from './param-kind.ts';
import { reasons } from './schema/validating-admission-policy.ts';
import type {
  WrittenAuditAnnotation,
  WrittenNamed,
  WrittenPolicy,
  WrittenValidation,
} from './written.ts';

export type PolicyDraft = Omit<Policy, 'bindings'>;

export function compilePolicy(
  written: WrittenPolicy,
  report: Report,
  kubernetesVersion?: string,
): PolicyDraft {
  const { metadata, spec = {} } = written;
  const { validations = [], auditAnnotations = [] } = spec;
  const name = checkMetadata(metadata, report);
  const { ruleNames, ...notes } = readAnnotations(metadata, validations.length, report);
  const paramKind = compileParamKind(spec.paramKind, report);
  const compileAt = compileInto(report, kubernetesVersion);
  const variables = compileVariables(spec.variables, paramKind !== null, compileAt, report);
  const scopes = scopesOf(paramKind !== null, variables);
  if (written.spec !== undefined && validations.length + auditAnnotations.length === 0) {
    const message = 'spec.validations or spec.auditAnnotations must have at least one item';
    report({ path: ['spec', 'validations'], message });
  }
  const ruleId = (i: number): string => `${name}/${ruleNames[i] ?? `validations[${i}]`}`;
  return {
    name,
    failurePolicy: spec.failurePolicy === 'Ignore' ? 'Ignore' : 'Fail',
    paramKind,
    matchConstraints: compileMatchResources(spec.matchConstraints, matchConstraints, report),
    matchConditions: compileConditions(spec.matchConditions, scopes, compileAt, report),
    variables,
    validations: validations.map((each, i) => ({
      rule: ruleId(i),
      ...compileValidation(each, i, scopes, compileAt, report),
    })),
    auditAnnotations: compileAudit(auditAnnotations, scopes, compileAt, report),
    ...notes,
  };
}

const matchConstraints: FieldPath = ['spec', 'matchConstraints'];

/** Each variable sees the ones before it. */
function compileVariables(
  written: readonly WrittenNamed[] = [],
  params: boolean,
  compileAt: CompileAt,
  report: Report,
): readonly Variable[] {
  const variables: Variable[] = [];
  const distinct = onceEach(report);
  for (const [i, { name = '', expression }] of written.entries()) {
    const path = ['spec', 'variables', i];
    const { rule, holds } = nameForms['cel-identifier'];
    if (!holds(name))
      report({ path: [...path, 'name'], message: `${formatPath(path)}.name must be ${rule}` });
    distinct([...path, 'name'], name);
    const scope = { params, authorizer: true, variables: [...variables] };
    const program = compileAt([...path, 'expression'], expression, scope, 'any');
    variables.push({ name, program });
  }
  return variables;
}

function compileConditions(
  written: readonly WrittenNamed[] = [],
  scopes: Scopes,
  compileAt: CompileAt,
  report: Report,
): readonly MatchCondition[] {
  const distinct = onceEach(report);
  return written.map(({ name = '', expression }, i) => {
    const path = ['spec', 'matchConditions', i];
    const { rule, holds } = nameForms['qualified-name'];
    if (!holds(name))
      report({ path: [...path, 'name'], message: `${formatPath(path)}.name must be ${rule}` });
    distinct([...path, 'name'], name);
    const program = compileAt([...path, 'expression'], expression, scopes.matchCondition, 'bool');
    return { name, program };
  });
}

function compileValidation(
  { expression, message = '', messageExpression = '', reason = 'Invalid' }: WrittenValidation,
  index: number,
  scopes: Scopes,
  compileAt: CompileAt,
  report: Report,
): Omit<Validation, 'rule'> {
  const path = ['spec', 'validations', index];
  checkMessage(message, [...path, 'message'], report);
  const program = compileAt([...path, 'expression'], expression, scopes.rule, 'bool');
  const at = [...path, 'messageExpression'];
  return {
    program,
    message: message.trim(),
    messageExpression:
      messageExpression === '' ? null : compileAt(at, messageExpression, scopes.message, 'string'),
    reason: reasons.find((each) => each === reason) ?? 'Invalid',
  };
}

function checkMessage(message: string, path: FieldPath, report: Report): void {
  if (message !== '' && message.trim() === '') {
    report({ path, message: `${formatPath(path)} must not be blank` });
  } else if (/[\r\n]/.test(message.trim())) {
    const fix = 'write it on one line, or fold it with ">-"';
    report({ path, message: `${formatPath(path)} must not have line breaks`, fix });
  }
}

const maxValueExpressionBytes = 5 * 1024;

function compileAudit(
  written: readonly WrittenAuditAnnotation[],
  scopes: Scopes,
  compileAt: CompileAt,
  report: Report,
): readonly AuditAnnotation[] {
  const distinct = onceEach(report);
  return written.map(({ key = '', valueExpression }, i) => {
    const path = ['spec', 'auditAnnotations', i];
    checkAuditKey(key, [...path, 'key'], report);
    distinct([...path, 'key'], key);
    const at = [...path, 'valueExpression'];
    if (Buffer.byteLength(valueExpression?.trim() ?? '') > maxValueExpressionBytes) {
      report({
        path: at,
        message: `${formatPath(at)} is longer than ${maxValueExpressionBytes} bytes`,
      });
    }
    return { key, program: compileAt(at, valueExpression, scopes.rule, 'string-or-null') };
  });
}

/** The API server writes the annotation as POLICY/KEY: the key is a name by itself. */
function checkAuditKey(key: string, path: FieldPath, report: Report): void {
  const { holds } = nameForms['qualified-name'];
  if (holds(key) && !key.includes('/')) return;
  const rule = 'letters, digits, "-", "_" and ".", at most 63 characters';
  report({ path, message: `${formatPath(path)} must be ${rule}` });
}
