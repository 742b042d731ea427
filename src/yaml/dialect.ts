// Where the yaml package, which reads YAML 1.2, takes a text that kubectl's YAML 1.1 reads otherwise or refuses.
// Such a text is refused here too: nobody should have to guess which of the two the cluster will see.
// Found with the corpus of test/differential/yaml; what is left is listed in test/yaml/golden.test.ts.
import type { Scalar } from 'yaml';
import { unclosedQuote, type Words } from './faults.ts';

/** Breaks a line for go-yaml and not for the package: what one reads as a comment the other would read as a field. */
export const otherLineBreak = /\r(?!\n)|[\u0085\u2028\u2029]/;

export const anchorName = /^[A-Za-z0-9_-]+$/;

/** What is wrong with a scalar of `text`, where its range points to. */
export function dialectFault(text: string, node: Scalar, inFlow: boolean): Words | undefined {
  const [start = 0, end = start] = node.range ?? [];
  switch (node.type) {
    case 'QUOTE_SINGLE':
      return singleFault(text.slice(start + 1, end - 1));
    case 'QUOTE_DOUBLE':
      return doubleFault(text.slice(start + 1, end - 1));
    case 'PLAIN':
      return inFlow ? flowFault(text, start, end, node.tag !== undefined) : undefined;
    default:
      return undefined;
  }
}

/** The package takes the second half of a doubled or escaped quote for the closing one when the text ends there. */
function singleFault(inside: string): Words | undefined {
  const isClosed = !inside.includes("'") || !inside.replaceAll("''", '').includes("'");
  return isClosed ? undefined : unclosedQuote;
}

const escapes: readonly (readonly [RegExp, Words])[] = [
  [/\\$/, unclosedQuote],
  [
    /\\u[dD][89a-fA-F]/,
    {
      message: 'half of a surrogate pair in double quotes',
      fix: 'write the character itself, or \\U and its eight hexadecimal digits',
    },
  ],
  [/\\\//, { message: 'YAML 1.1 does not know the escape \\/', fix: 'write / alone' }],
  [
    /\\\r?\n[ \t]*\r?\n/,
    { message: 'a blank line after a line break that is escaped', fix: 'write \\n for it' },
  ],
];

function doubleFault(inside: string): Words | undefined {
  if (!inside.includes('\\')) return undefined;
  // What is left begins an escape wherever it has a backslash.
  const single = inside.replaceAll('\\\\', '');
  return escapes.find(([pattern]) => pattern.test(single))?.[1];
}

const quoteIt = 'put the value in quotes';

function flowFault(text: string, start: number, end: number, tagged: boolean): Words | undefined {
  if (start === end) {
    return tagged
      ? { message: 'a tag without a value, inside [] or {}', fix: "write ''" }
      : undefined;
  }
  const source = text.slice(start, end);
  if (source.includes('?')) {
    return { message: 'a question mark without quotes, inside [] or {}', fix: quoteIt };
  }
  if (source.startsWith(':')) {
    return {
      message: 'a value without quotes cannot begin with a colon, inside [] or {}',
      fix: quoteIt,
    };
  }
  if (text[end] === ':' && ',[]{}'.includes(text[end + 1] ?? ' ')) {
    return {
      message: 'a space is missing after the colon',
      fix: 'write a space, or quote the text',
    };
  }
  return undefined;
}
