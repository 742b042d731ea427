// One expression over one set of roots: compiled, run, and explained.
import type { Code } from '../../base/codes.ts';
import { activate } from '../../cel/activation.ts';
import { compile } from '../../cel/compile.ts';
import { type Explanation, explain } from '../../cel/explain/explain.ts';
import { expressionLimit } from '../../cel/limits.ts';
import type { CelFault, CelOutcome, Roots } from '../../cel/program.ts';

export type Answer =
  | { readonly kind: 'faults'; readonly faults: readonly CelFault[] }
  | {
      readonly kind: 'ran';
      readonly outcome: CelOutcome;
      readonly type: string;
      readonly explanation: Explanation;
    };

type Failure = { readonly code: Code; readonly message: string };

export function answerTo(expression: string, roots: Roots): Answer {
  const scope = { params: roots.params !== undefined, authorizer: true };
  const compiled = compile(expression, scope, 'any');
  if (!compiled.ok) return { kind: 'faults', faults: compiled.error };
  const program = compiled.value;
  const outcome = program.evaluate(activate(roots, [], { total: expressionLimit }));
  const explanation = explain(program, activate(roots, [], { total: expressionLimit }));
  return { kind: 'ran', outcome, type: program.type, explanation };
}

export function exitCodeOf(answer: Answer): 0 | 1 | 2 {
  if (answer.kind === 'faults') return 2;
  return answer.outcome.kind === 'value' ? 0 : 1;
}

/** Why there is no value; undefined when there is one. */
export function failureOf(outcome: CelOutcome): Failure | undefined {
  switch (outcome.kind) {
    case 'value':
      return undefined;
    case 'error':
      return { code: outcome.code, message: outcome.message };
    case 'unknown': {
      const message = `it hangs on what is not known here: ${outcome.paths.join(', ')}`;
      return { code: 'expression-error', message };
    }
    default:
      return {
        code: 'authorizer-unavailable',
        message: 'it asks the authorizer of a cluster, and there is none here',
      };
  }
}
