// The engines that `node bench/cel.ts` measures: each takes an expression and gives what evaluates it, ready and warm or not.

import { celEnv, parse as parseBuf, plan } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { Environment } from '@marcbachmann/cel-js';
import { evaluate as evaluateCelJs, parse as parseCelJs } from 'cel-js';
import { activate } from '../src/cel/activation.ts';
import { compile } from '../src/cel/compile.ts';
import { type Measured, pod } from './cel-expressions.ts';

export type Engine = {
  readonly name: string;
  /** Throws when the engine does not take the expression. */
  readonly prepare: (measured: Measured) => () => unknown;
};

export const ours: Engine = {
  name: 'Sekisho',
  prepare({ expression, wanted }) {
    const kind = typeof wanted === 'string' ? 'string' : 'bool';
    const program = compile(expression, { params: true, authorizer: false, variables: [] }, kind);
    if (!program.ok) throw new Error(program.error[0]?.message);
    const roots = { object: pod, oldObject: null, request: {}, namespaceObject: null };
    // One activation for all evaluations, as one request has for all expressions of a policy.
    const activation = activate(roots, [], { total: Number.MAX_SAFE_INTEGER });
    return () => {
      const outcome = program.value.evaluate(activation);
      return outcome.kind === 'value' ? outcome.value : outcome;
    };
  },
};

export const marc: Engine = {
  name: '@marcbachmann/cel-js',
  prepare({ expression }) {
    const options = { unlistedVariablesAreDyn: true, enableOptionalTypes: true };
    const program = new Environment(options).parse(expression);
    const context = { object: pod };
    return () => program(context);
  },
};

const celJs: Engine = {
  name: 'cel-js',
  prepare({ expression }) {
    const parsed = parseCelJs(expression);
    if (!parsed.isSuccess) throw new Error(parsed.errors.join());
    const context = { object: pod };
    return () => evaluateCelJs(parsed.cst, context);
  },
};

const bufbuild: Engine = {
  name: '@bufbuild/cel',
  prepare({ expression }) {
    const program = plan(celEnv({ funcs: strings }), parseBuf(expression));
    const context = { object: pod };
    return () => program(context);
  },
};

export const byHand: Engine = {
  name: 'by hand',
  prepare:
    ({ byHand: run }) =>
    () =>
      run(pod),
};

export const engines: readonly Engine[] = [byHand, ours, marc, celJs, bufbuild];
