// A fault inside an expression is told at its line and column in the file, whatever scalar the expression stands in.
// § marks the place; it is taken out before the text is read.
import { test } from 'tap';
import { binding, built, join, onPods } from './texts.ts';

function policyWith(expression: string): string {
  return `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: p}
spec:
  matchConstraints: {resourceRules: [${onPods}]}
  validations:
    - message: refused
      expression: ${expression}
    - expression: 'true'
`;
}

type Case = readonly [what: string, expression: string];

const syntax: readonly Case[] = [
  ['plain', 'object.a == §@b'],
  ['plain, at its first character', '§) == b'],
  ['plain, at its end', 'object.a ==§'],
  ['plain over lines', 'object.a\n        == object.b &&\n\n        §@c'],
  ['plain over lines, at its end', 'object.a\n        ==§\n'],
  ['plain, behind characters of two units', 'object["😀é"] == §@b'],
  ['single quotes', "'object.a == §@b'"],
  ['single quotes, behind doubled ones', "'object[''a''] == §@b'"],
  ['single quotes over lines', "'object.a ==\n\n        ''b'' ||\n        §@c'"],
  ['single quotes, at its end', "'object.a ==§'"],
  ['double quotes', '"object.a == §@b"'],
  [
    'double quotes, behind escapes',
    String.raw`"object[\"a\"] == '\\n\u00e9\x41\U0001F600\t' && §@b"`,
  ],
  ['double quotes, an escape itself', String.raw`"object.a\n == §\x40b"`],
  ['double quotes over lines', '"object.a ==\n        object.b &&\n\n        §@c"'],
  ['double quotes, lines joined', '"object.a \\\n        == \\\n        §@b"'],
  ['double quotes, inside a CEL string', String.raw`"object.a == 'x§\\q'"`],
  ['a literal block', '|\n        object.a == §@b'],
  ['a literal block over lines', '|-\n        object.a ==\n          object.b &&\n\n        §@c'],
  ['a literal block with an indent of its own', '|2\n        object.a ==\n        §@b'],
  ['a literal block, at its end', '|\n        object.a ==§\n'],
  ['a literal block behind a comment of CEL', '|\n        // no @\n        object.a == §@b'],
  ['a literal block with CRLF', '|\r\n        object.a ==\r\n        §@b\r\n'],
  ['a folded block', '>\n        object.a == §@b'],
  ['a folded block over lines', '>-\n        object.a ==\n        object.b &&\n\n        §@c'],
  [
    'a folded block with lines that are indented more',
    '>\n        object.a ==\n          object.b &&\n            §@c\n        x',
  ],
  ['a folded block, at its end', '>-\n        object.a\n        ==§\n'],
];

/** Of names and types: they are told at their sub-expression. */
const names: readonly Case[] = [
  ['plain', 'object.a == §nope.b'],
  ['single quotes', "'has(object.a) && ''x'' == §nope'"],
  ['double quotes', String.raw`"object.a == \"x\" && §nope"`],
  ['a literal block', '|\n        object.a.all(x,\n          x == §nope)'],
  ['a folded block', '>\n        object.a.all(x,\n        x == §nope)'],
];

function check(kind: string, code: string, cases: readonly Case[]): void {
  test(`a fault of ${kind} is told where it stands`, (t) => {
    for (const [what, expression] of cases) {
      const marked = policyWith(expression);
      const before = marked.slice(0, marked.indexOf('§')).split('\n');
      const place = `a.yaml:${before.length}:${(before.at(-1)?.length ?? 0) + 1}: ${code}`;
      const result = built(join(marked.replace('§', ''), binding('b')));
      const told = result.ok ? [] : result.error;
      t.strictSame(
        told.map((d) => `${d.file}:${d.line}:${d.column}: ${d.code}`),
        [place],
        what,
      );
    }
    t.end();
  });
}

check('the grammar', 'cel-syntax', syntax);
check('a name', 'cel-unknown', names);
