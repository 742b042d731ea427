// Text to our tree: the whole grammar of cel-go with optional syntax and quoted fields, which is what Kubernetes turns
// on, and its limits. Upstream: parser/parser.go in github.com/google/cel-go, with the options of
// k8s.io/apiserver/pkg/cel/environment.
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { Ast } from './ast.ts';
import { maxSource } from './limits.ts';
import { expression } from './parse/grammar.ts';
import { tokensOf } from './parse/lexer.ts';
import { tooDeepAt } from './parse/nesting.ts';
import { Reader, tooDeep } from './parse/reader.ts';
import { Refused } from './parse/token.ts';
import type { CelFault } from './program.ts';

/** The tree of an expression, or the one fault that comes first in it. */
export function parse(source: string): Result<Ast, CelFault> {
  if (isTooLong(source)) {
    const message = `the expression has more than ${maxSource} characters`;
    return err({ code: 'cel-limit', message, start: 0, end: 0 });
  }
  try {
    const reader = new Reader(tokensOf(source));
    const tree = expression(reader);
    reader.finish();
    const deep = tooDeepAt(tree);
    return deep === undefined ? ok(tree) : err(tooDeep(deep).fault);
  } catch (cause) {
    if (cause instanceof Refused) return err(cause.fault);
    throw cause;
  }
}

/** A code point is one or two units: most texts need no count. */
function isTooLong(source: string): boolean {
  if (source.length <= maxSource) return false;
  return source.length > 2 * maxSource || [...source].length > maxSource;
}
