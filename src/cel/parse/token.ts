// The tokens of an expression, and the one fault that ends a parse.
import type { Code } from '../../base/codes.ts';
import type { CelFault } from '../program.ts';

export type TokenKind =
  /** Operators, brackets and the words `in`, `true`, `false`, `null`: known by their text. */
  | 'symbol'
  | 'identifier'
  /** A field name in backquotes. */
  | 'quoted'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  /** What is no token: the parse ends with `fault` when it gets there. */
  | 'bad'
  | 'end';

export type Token = {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly fault?: CelFault;
};

/** Thrown inside this room's parser only: parse() gives it as a result. */
export class Refused extends Error {
  readonly fault: CelFault;
  constructor(fault: CelFault) {
    super(fault.message);
    this.fault = fault;
  }
}

export function refusal(
  { start, end }: { readonly start: number; readonly end: number },
  message: string,
  code: Code = 'cel-syntax',
): Refused {
  return new Refused({ code, message, start, end });
}
