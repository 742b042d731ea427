// What can be wrong with a text, in words: the faults that more than one reader notes, and the yaml package's error codes.
// The words are ours; where the package names what it met, its own message is shortened and passed on.
import type { ErrorCode } from 'yaml';
import type { Code } from '../base/codes.ts';
import { cut, printable, quote } from '../base/text.ts';
import { type Fault, maxDepth, maxNodes, maxNodesOfFile } from './tree.ts';

export function tooDeep(at: number): Fault {
  return {
    code: 'yaml-too-deep',
    at,
    message: `the document is nested more than ${maxDepth} levels deep`,
  };
}

export function tooManyNodes(at: number): Fault {
  return {
    code: 'yaml-too-large',
    at,
    message: `the document has more than ${maxNodes} parts, or its file more than ${maxNodesOfFile}`,
    fix: 'split it',
  };
}

export function outOfRange(at: number): Fault {
  return { code: 'yaml-syntax', at, message: 'the number is too large for a double' };
}

export function duplicateKey(key: string, at: number, firstLine: number): Fault {
  return {
    code: 'yaml-duplicate-key',
    at,
    message: `the key ${quote(key)} is already there in line ${firstLine}`,
    fix: 'keep one of them',
  };
}

export type Words = { readonly message: string; readonly fix?: string };

export const unclosedQuote: Words = {
  message: 'the quote that is opened here is not closed',
  fix: 'close it, and indent every line up to there',
};

const lookAround =
  'look for wrong indentation, or a missing quote, bracket or colon, here or in the line before';

/** The first row whose code and pattern fit the package's error. */
const syntax: readonly (readonly [ErrorCode, RegExp, Words])[] = [
  ['TAB_AS_INDENT', /./, { message: 'a tab is used as indentation', fix: 'indent with spaces' }],
  ['MISSING_CHAR', /^Missing closing/, unclosedQuote],
  [
    'MISSING_CHAR',
    /^Comments/,
    { message: 'a comment begins without a space before it', fix: 'write a space before #' },
  ],
  [
    'MISSING_CHAR',
    /followed by map values/,
    { message: 'a colon is missing after this key', fix: lookAround },
  ],
  [
    'MISSING_CHAR',
    /^Sequence item without/,
    { message: 'a dash is missing before this list item', fix: lookAround },
  ],
  ['MISSING_CHAR', /^Missing , /, { message: 'a comma is missing before this' }],
  ['MISSING_CHAR', /^Missing space after :/, { message: 'a space is missing after the colon' }],
  ['MISSING_CHAR', /^Tags and anchors/, { message: 'a space is missing after the tag or anchor' }],
  [
    'MISSING_CHAR',
    /^Flow .* end with a/,
    {
      message: 'the bracket that is open here is not closed, or this line is not indented',
      fix: 'close it, and indent every line up to there',
    },
  ],
  [
    'BAD_INDENT',
    /^Flow .* end with a/,
    {
      message: 'the bracket that is open here is not closed, or this line is not indented',
      fix: 'close it, and indent every line up to there',
    },
  ],
  [
    'BAD_INDENT',
    /same column/,
    {
      message: 'this does not begin in the same column as its siblings',
      fix: 'indent them all alike',
    },
  ],
  [
    'BAD_INDENT',
    /./,
    {
      message: 'this line is not indented far enough',
      fix: 'indent it further than what it belongs to',
    },
  ],
  [
    'MULTILINE_IMPLICIT_KEY',
    /./,
    { message: 'a key goes over more than one line', fix: lookAround },
  ],
  [
    'BLOCK_AS_IMPLICIT_KEY',
    /./,
    {
      message: 'a mapping or list cannot begin on the line of its key',
      fix: 'put it on a line of its own; if the colon or dash belongs to a text, quote the text',
    },
  ],
  [
    'BAD_SCALAR_START',
    /./,
    {
      message: 'a value without quotes cannot begin with this character',
      fix: 'put the value in quotes',
    },
  ],
  [
    'BAD_DQ_ESCAPE',
    /./,
    {
      message: 'an escape that YAML does not know, in double quotes',
      fix: 'double the backslash, or use single quotes',
    },
  ],
  ['BLOCK_IN_FLOW', /./, { message: 'a block collection cannot stand inside [] or {}' }],
  ['KEY_OVER_1024_CHARS', /./, { message: 'the key is longer than 1024 characters' }],
  ['MULTIPLE_ANCHORS', /./, { message: 'a value can have only one anchor' }],
  ['MULTIPLE_TAGS', /./, { message: 'a value can have only one tag' }],
  ['ALIAS_PROPS', /./, { message: 'an alias can have no anchor or tag of its own' }],
  [
    'TAG_RESOLVE_FAILED',
    /./,
    { message: 'the tag has a prefix that is not declared', fix: 'leave the tag out' },
  ],
  ['UNEXPECTED_TOKEN', /./, { message: 'this cannot stand here', fix: lookAround }],
];

/** An error of the yaml package in our words; a rare one that the table does not have, in its own. */
export function syntaxFault(error: { code: ErrorCode; message: string }, at: number): Fault {
  const code: Code = error.code === 'TAG_RESOLVE_FAILED' ? 'yaml-tag' : 'yaml-syntax';
  const row = syntax.find(([each, pattern]) => each === error.code && pattern.test(error.message));
  return { code, at, ...(row?.[2] ?? { message: shortened(error.message) }) };
}

function shortened(message: string): string {
  const [first = ''] = message.split('\n');
  return printable(cut(first.charAt(0).toLowerCase() + first.slice(1), 160));
}
