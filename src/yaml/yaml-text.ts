// YAML text to a source tree. The yaml package lexes and composes; what it is given is bounded while it is lexed.
// Threat: composing recurses, so a few kilobytes of brackets could end the process; and it spends some hundred bytes
// for every byte of a text like `- \n- \n`. Both are stopped at the token that goes too far.
import { Composer, type Document, Lexer, Parser, visit } from 'yaml';
import { buildTree, type Origin } from './build.ts';
import { otherLineBreak } from './dialect.ts';
import { syntaxFault, tooDeep, tooManyNodes } from './faults.ts';
import { type Fault, maxDepth, nodesLeft, type Reading } from './tree.ts';

// go-yaml's reader refuses these, also in comments. They would be tokens of their own to the lexer (U+0002, U+0018, U+001F).
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const refused = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;

/** Reads the text as one document. */
export function readYamlText(origin: Origin): Reading {
  const { text, base } = origin;
  const character = refusedCharacter(text, base);
  if (character !== undefined) return { root: undefined, faults: [character] };
  const { documents, fault } = compose(origin);
  if (fault !== undefined) return { root: undefined, faults: [{ ...fault, at: fault.at + base }] };
  const faults = documents.flatMap((each) => syntaxFaults(each, origin));
  const [document, next] = documents;
  if (faults.length === 0 && next !== undefined) faults.push(unread(next, base));
  if (faults.length > 0 || document === undefined) return { root: undefined, faults };
  return buildTree(document.contents, origin);
}

function refusedCharacter(text: string, base: number): Fault | undefined {
  const control = text.search(refused);
  const found = control >= 0 ? control : text.search(otherLineBreak);
  if (found < 0) return undefined;
  const name = `U+${text.charCodeAt(found).toString(16).padStart(4, '0').toUpperCase()}`;
  return {
    code: 'yaml-syntax',
    at: base + found,
    ...(control >= 0
      ? { message: `the control character ${name} is not allowed in YAML` }
      : {
          message: `${name} breaks a line in YAML 1.1, but hardly anything shows it`,
          fix: 'end lines with LF or CRLF, and write other breaks as escapes in double quotes',
        }),
  };
}

type Composed = { readonly documents: readonly Document.Parsed[]; readonly fault?: Fault };

function compose({ text, budget }: Origin): Composed {
  const parser = new Parser();
  const composer = new Composer({
    schema: 'failsafe',
    version: '1.1',
    uniqueKeys: false,
    merge: false,
    resolveKnownTags: false,
    logLevel: 'silent',
  });
  const documents: Document.Parsed[] = [];
  const limit = budget.nodes + nodesLeft(budget);
  let errors = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++budget.nodes > limit) return { documents: [], fault: tooManyNodes(parser.offset) };
    for (const token of parser.next(lexeme)) {
      if (token.type !== 'error' || ++errors <= maxErrors) documents.push(...composer.next(token));
    }
    const top = parser.stack.at(-1);
    // Below the collections is the document; above them may be a scalar.
    if (top !== undefined && 'items' in top && parser.stack.length > maxDepth + 1) {
      return { documents: [], fault: tooDeep(top.offset) };
    }
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end(true, text.length));
  return { documents };
}

/** What follows the first error of a line, and after some lines, is mostly its consequence. */
const maxSyntaxFaults = 5;
const maxErrors = 100;

function syntaxFaults(document: Document.Parsed, { text, base, lineOf }: Origin): Fault[] {
  const end = text.trimEnd().length;
  const firstOfLine = new Map<number, (typeof document.errors)[number]>();
  for (const error of document.errors.slice(0, maxErrors).sort((a, b) => a.pos[0] - b.pos[0])) {
    const line = lineOf(base + error.pos[0]);
    if (!firstOfLine.has(line)) firstOfLine.set(line, error);
  }
  return [...firstOfLine.values()].slice(0, maxSyntaxFaults).map((error) => {
    const isQuote = error.message.startsWith('Missing closing');
    const at = isQuote ? quoteEndingAt(document, error.pos[0]) : error.pos[0];
    // What is missing at the end is shown after the last that is there.
    return syntaxFault(error, base + Math.min(at, end));
  });
}

/** The start of the quoted scalar that the package says is not closed at `end`. */
function quoteEndingAt(document: Document.Parsed, end: number): number {
  let start = end;
  visit(document, {
    Scalar(_, node) {
      if (node.type?.startsWith('QUOTE') && node.range?.[1] === end) start = node.range[0];
    },
  });
  return start;
}

function unread(next: Document.Parsed, base: number): Fault {
  return {
    code: 'yaml-syntax',
    at: base + (next.contents?.range[0] ?? next.range[0]),
    message: 'kubectl does not read what follows the end of a document (...)',
    fix: 'begin the next document with --- on a line of its own',
  };
}
