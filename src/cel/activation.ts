// One evaluation of a policy: its roots, its budget, and its variables, each evaluated when first read and once.
// Upstream: compositionContext in k8s.io/apiserver/pkg/admission/plugin/cel/composition.go.

import type { Activation, Budget, CelOutcome, Roots, Variable } from './program.ts';
import { hidesSome } from './unknown.ts';

export function activate(roots: Roots, variables: readonly Variable[], budget: Budget): Activation {
  const values = new Map<string, CelOutcome>();
  const activation: Activation = {
    roots,
    budget,
    hides: hidesSome(roots),
    variable(name) {
      const known = values.get(name);
      if (known !== undefined) return known;
      const outcome = evaluateVariable(name);
      values.set(name, outcome);
      return outcome;
    },
  };
  function evaluateVariable(name: string): CelOutcome {
    const found = variables.find((variable) => variable.name === name);
    if (found === undefined) throw new Error(`the variable ${name} was not compiled`);
    const outcome = found.program.evaluate(activation);
    if (outcome.kind !== 'error') return outcome;
    const message = `composited variable "${name}" fails to evaluate: ${outcome.message}`;
    return { ...outcome, message };
  }
  return activation;
}
