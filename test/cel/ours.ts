// What we say to a case of the corpus, in the form in which Kubernetes' answers are kept.
import type { JsonValue } from '../../src/base/json.ts';
import { activate } from '../../src/cel/activation.ts';
import type { Authorizer, AuthorizerQuestion } from '../../src/cel/authorizer.ts';
import { compile } from '../../src/cel/compile.ts';
import type { Program, Scope, Variable } from '../../src/cel/program.ts';
import { type Answer, type Case, idOf, type Rule, rootsOf } from '../fixtures/cel/case.ts';
import { plain } from './plain.ts';

const total = 10_000_000;

export function ours(of: Case, object: JsonValue): Answer {
  const id = idOf(of);
  const compiled = compiledOf(of);
  if (typeof compiled === 'string') return { id, refused: true, why: compiled };
  const budget = { total };
  const { program, variables } = compiled;
  const rules = of.authorizer === undefined ? {} : { authorizer: authorizerOf(of.authorizer) };
  const roots = { ...rootsOf(of, object), ...rules };
  const outcome = program.evaluate(activate(roots, variables, budget));
  const common = { id, type: program.type, cost: total - budget.total };
  if (outcome.kind === 'value') return { ...common, value: plain(outcome.value) };
  if (outcome.kind !== 'error') return { ...common, error: outcome.kind };
  if (outcome.code !== 'cost-exceeded') return { ...common, error: outcome.message };
  return { id, type: program.type, error: outcome.message, class: 'budget' };
}

type Compiled = { readonly program: Program; readonly variables: readonly Variable[] };

/** Or why it is refused. */
export function compiledOf({ expression, variables = [], ...of }: Case): Compiled | string {
  const known: Variable[] = [];
  const scope: Scope = {
    params: true,
    authorizer: of.authorizer !== undefined,
    variables: known,
    ...(of.mode === 'new' && of.version !== undefined
      ? { kubernetesVersion: after(of.version) }
      : {}),
  };
  for (const [name, source] of variables) {
    const made = compile(source, scope, 'any');
    if (!made.ok) return `variable ${name}: ${made.error[0]?.message}`;
    known.push({ name, program: made.value });
  }
  const made = compile(expression, scope, 'any');
  if (!made.ok) return `${made.error[0]?.code}: ${made.error[0]?.message}`;
  return { program: made.value, variables: known };
}

/** An API server takes new expressions as the one of the minor before it would. */
const after = (version: string): string => `1.${Number(version.slice(2)) + 1}`;

/** As test/differential/cel/authorizer.go. */
function authorizerOf(rules: readonly Rule[]): Authorizer {
  return {
    user: {
      username: 'alice',
      uid: 'u-1',
      groups: ['dev', 'system:authenticated'],
      extra: { scopes: ['a', 'b'] },
    },
    requestResource: {
      ...{ group: '', resource: 'pods', subresource: '', namespace: 'shop', name: 'web' },
      ...{ fieldSelector: '', labelSelector: '' },
    },
    answer(question) {
      const rule = rules.find((each) => answers(each, question));
      const { reason = '', decision = 'allow', error = null } = rule ?? { decision: 'none' };
      return { allowed: decision === 'allow', reason, error };
    },
  };
}

function answers(rule: Rule, question: AuthorizerQuestion): boolean {
  if ((rule.path !== undefined) !== (question.kind === 'path')) return false;
  const common = matches(rule.verb, question.verb) && matches(rule.user, question.username);
  if (question.kind === 'path') return common && matches(rule.path, question.path);
  return (
    common &&
    matches(rule.group, question.group) &&
    matches(rule.resource, question.resource) &&
    matches(rule.subresource, question.subresource) &&
    matches(rule.namespace, question.namespace) &&
    matches(rule.name, question.name) &&
    matches(rule.fields, question.fieldSelector.replace('==', '=')) &&
    matches(rule.labels, question.labelSelector)
  );
}

function matches(wanted: string | undefined, found: string): boolean {
  return wanted === undefined || wanted === '' || wanted === found;
}
