// The tokens under a cursor, how deep the rules are nested in each other, and the faults that come of both.
// Upstream: the recursion listener of parser/parser.go in github.com/google/cel-go.
import { cut, printable } from '../../base/text.ts';
import { maxNesting } from '../limits.ts';
import type { CelFault } from '../program.ts';
import { Refused, refusal, type Token, type TokenKind } from './token.ts';

/** The rules that can be open within themselves more often than any other; cel-go counts each apart. */
export type Rule = 'expression' | 'relation' | 'calculation';

export class Reader {
  readonly #tokens: readonly Token[];
  readonly #open: Record<Rule, number> = { expression: 0, relation: 0, calculation: 0 };
  #at = 0;
  #later: CelFault | undefined;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The token `ahead` places on; behind the last one, the last one. */
  peek(ahead = 0): Token {
    const token = this.#tokens[this.#at + ahead] ?? this.#tokens.at(-1);
    if (token === undefined) throw new Error('no token ends the text');
    return token;
  }

  /** Where the token before the cursor ends. */
  get end(): number {
    return this.#tokens[this.#at - 1]?.end ?? 0;
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end' && token.kind !== 'bad') this.#at++;
    return token;
  }

  isNext(symbol: string, ahead = 0): boolean {
    const { kind, text } = this.peek(ahead);
    return kind === 'symbol' && text === symbol;
  }

  /** Steps over the symbol when it is next. */
  takes(symbol: string): boolean {
    const next = this.isNext(symbol);
    if (next) this.#at++;
    return next;
  }

  takeKind(kind: TokenKind): Token | undefined {
    return this.peek().kind === kind ? this.take() : undefined;
  }

  expect(symbol: string, expected = `'${symbol}'`): void {
    if (!this.takes(symbol)) throw this.unexpected(expected);
  }

  /** What stands under the cursor is a fault, or the text stopped being CEL there. */
  unexpected(expected: string, advice = ''): Refused {
    const token = this.peek();
    if (token.fault !== undefined) return new Refused(token.fault);
    return refusal(token, `expected ${expected}, found ${shown(token)}${advice}`);
  }

  nested<T>(rule: Rule, read: () => T): T {
    if (this.#open[rule] >= maxNesting) throw tooDeep(this.peek());
    this.#open[rule]++;
    const made = read();
    this.#open[rule]--;
    return made;
  }

  /** A fault of what the grammar allows: it counts when the rest has none. */
  refuseLater(fault: CelFault): void {
    this.#later ??= fault;
  }

  finish(): void {
    if (this.peek().kind !== 'end') throw this.unexpected('an operator or the end');
    if (this.#later !== undefined) throw new Refused(this.#later);
  }
}

export function tooDeep(at: { readonly start: number; readonly end: number }): Refused {
  return refusal(at, `the expression is nested more than ${maxNesting} levels deep`, 'cel-limit');
}

const maxShown = 40;

function shown({ kind, text }: Token): string {
  return kind === 'end' ? 'the end' : `'${printable(cut(text, maxShown))}'`;
}
