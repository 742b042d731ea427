// Regular expressions in linear time: RE2 syntax by re2js. Constant ones are compiled at load.
import { RE2JS, RE2JSException } from 're2js';
import type { Ast } from './ast.ts';
import { type Builder, faulty } from './builder.ts';
import type { Node } from './frame.ts';
import { maxPatterns } from './limits.ts';
import { CelError } from './value.ts';

/** A compiled pattern, or an error value. */
export function compilePattern(source: string): RE2JS | CelError {
  try {
    return RE2JS.compile(source);
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    return new CelError(
      `error parsing regexp: ${cause.message.replace(/^error parsing regexp: /, '')}`,
    );
  }
}

/** A bounded cache, one for each program: the oldest pattern leaves first. */
export function patternCache(): (source: string) => RE2JS | CelError {
  const known = new Map<string, RE2JS | CelError>();
  return (source) => {
    const cached = known.get(source);
    if (cached !== undefined) return cached;
    const made = compilePattern(source);
    const [oldest] = known.keys();
    if (known.size >= maxPatterns && oldest !== undefined) known.delete(oldest);
    known.set(source, made);
    return made;
  };
}

const takesPattern: ReadonlySet<string> = new Set(['matches', 'find', 'findAll']);

/** A fault for a literal that is no RE2; undefined when there is nothing to say. */
export function checkPattern(
  ast: Extract<Ast, { kind: 'call' }>,
  builder: Builder,
): Node | undefined {
  if (!takesPattern.has(ast.name)) return undefined;
  const at = ast.args[ast.target === null ? 1 : 0];
  if (at?.kind !== 'literal' || typeof at.value !== 'string') return undefined;
  const compiled = compilePattern(at.value);
  if (!(compiled instanceof CelError)) return undefined;
  return faulty(builder, at, 'cel-regex', compiled.message);
}
