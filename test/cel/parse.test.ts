// The grammar, held as tables of trees and of refusals with their places; then what no text may do to the parser.
// What stands here was compared with cel-go's parser, which gives the same trees and refuses the same texts.
import fc from 'fast-check';
import { test } from 'tap';
import type { Ast } from '../../src/cel/ast.ts';
import { parse } from '../../src/cel/parse.ts';
import { Double, Uint } from '../../src/cel/value.ts';
import { nodesOf, printed, treeText } from './tree.ts';

function text(source: string): string {
  const parsed = parse(source);
  return parsed.ok ? treeText(parsed.value) : `${parsed.error.code} ${parsed.error.start}`;
}

const trees: Readonly<Record<string, readonly (readonly [source: string, tree: string])[]>> = {
  'operators bind as in CEL, and chains lean to the left': [
    ['a + b * c - d', '(_-_ (_+_ a (_*_ b c)) d)'],
    ['a * b / c % d', '(_%_ (_/_ (_*_ a b) c) d)'],
    ['a < b == c in d', '(@in (_==_ (_<_ a b) c) d)'],
    ['a <= 1 != (b >= 2)', '(_!=_ (_<=_ a 1) (_>=_ b 2))'],
    ['a || b && c || d', '(_||_ a (_&&_ b c) d)'],
    ['(a && b) && c', '(_&&_ (_&&_ a b) c)'],
    ['a ? b : c ? d : e', '(_?_:_ a b (_?_:_ c d e))'],
    ['(a ? b : c) ? d : e', '(_?_:_ (_?_:_ a b c) d e)'],
    ['!a.b && -c[0] > -1', '(_&&_ (!_ (. a b)) (_>_ (-_ ([] c 0)) -1))'],
    ['!!a', 'a'],
    ['!!!a', '(!_ a)'],
    ['--a', 'a'],
    ['---1', '(-_ 1)'],
    ['!-1', '(!_ -1)'],
    ['a - -1', '(_-_ a -1)'],
    ['a -1', '(_-_ a 1)'],
  ],
  'members: fields, indexes, calls, optional ones, quoted fields, names from the root': [
    ['a.b[c].d(e, 1)', '(d .([] (. a b) c) e 1)'],
    ['a.?b[?"c"].?d', '(.? ([?] (.? a b) "c") d)'],
    ['a . ? b', '(.? a b)'],
    ['a.`b-c/d.e f`.?`in`', '(.? (. a b-c/d.e f) in)'],
    ['.a.b', '(. .a b)'],
    ['.size(a)', '(.size a)'],
    ['has(a.b)', '(has (. a b))'],
    ['a.all(x, y, x == y)', '(all .a x y (_==_ x y))'],
    ['a.for.while.namespace', '(. (. (. a for) while) namespace)'],
    ['a.for()', '(for .a)'],
    ['-1.abs()', '(abs .-1)'],
    ['1.e3', '(. 1 e3)'],
    ['(a)', 'a'],
    ['f()', '(f)'],
  ],
  'lists and maps, with optional parts and a last comma': [
    ['[]', '[]'],
    ['[,]', '[]'],
    ['{,}', '{}'],
    ['[1, ?a, b,]', '[1 ?a b]'],
    ['{"a": 1, ?b: c, d: e,}', '{"a":1 ?b:c d:e}'],
    ['[[{}]]', '[[{}]]'],
  ],
  numbers: [
    ['.99', '0.99'],
    ['1e3', '1000.0'],
    ['1.5E-2', '0.015'],
    ['-0.0', '-0.0'],
    ['- 1', '-1'],
    ['-(1)', '(-_ 1)'],
    ['-1u', '(-_ 1u)'],
    ['007', '7'],
    ['0x1F', '31'],
    ['-0x1f', '-31'],
    ['0xFFFFFFFFFFFFFFFFu', '18446744073709551615u'],
    ['1U', '1u'],
    ['9223372036854775807', '9223372036854775807'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['1e-999', '0.0'],
  ],
  'strings: raw ones, triple quotes, every escape; line ends become LF': [
    [`"a" + 'b'`, '(_+_ "a" "b")'],
    ['""', '""'],
    [`"'" + '"'`, `(_+_ "'" "\\"")`],
    [
      String.raw`"\a\b\f\n\r\t\v\"\'\\\?\``.concat('`"'),
      String.raw`"\u0007\b\f\n\r\t\u000b\"'\\?`.concat('``"'),
    ],
    [String.raw`"\x41\X41\101\377\u00e9\U0001F600"`, '"AAAÿé😀"'],
    [String.raw`r"\d" + R'\'`, String.raw`(_+_ "\\d" "\\")`],
    ['"""a\r\n"b"\rc"""', '"a\\n\\"b\\"\\nc"'],
    [String.raw`'''a\'''b'''`, `"a'''b"`],
    [String.raw`r"""\"""`, String.raw`"\\"`],
    ['""""""', '""'],
    ['"\ud800"', '"\ufffd"'],
    ['"😀".size()', '(size ."😀")'],
  ],
  'bytes: \\x and octal are bytes, other text is UTF-8': [
    [String.raw`b"a\xff\377\n"`, 'b[61ffff0a]'],
    ['b"é"', 'b[c3a9]'],
    [String.raw`bR'\x'`, 'b[5c78]'],
    [`B"""a"b"""`, 'b[612262]'],
  ],
  'white space and comments': [
    ['\t a\r\n&&\f// no\n b', '(_&&_ a b)'],
    ['a // to the end', 'a'],
    ['a // x \r b', 'a'],
    ['a//\n/b', '(_/_ a b)'],
    ['truex || nullable', '(_||_ truex nullable)'],
    ['in_ in in2', '(@in in_ in2)'],
  ],
};

for (const [title, cases] of Object.entries(trees)) {
  test(title, (t) => {
    for (const [source, tree] of cases) t.equal(text(source), tree, source);
    t.end();
  });
}

/** § marks where the fault begins; the range is what stands from there. */
const refusals: readonly (readonly [source: string, range: string, message: string])[] = [
  ['§', '', 'expected an expression, found the end'],
  ['a +§', '', 'expected an expression, found the end'],
  ['a +§ // b\n', '', 'expected an expression, found the end'],
  ['a §b', 'b', "expected an operator or the end, found 'b'"],
  ['(a§]', ']', "expected ')', found ']'"],
  ['a[1§)', ')', "expected ']', found ')'"],
  ['f(a, §)', ')', "expected an expression, found ')'"],
  ['f(a §b)', 'b', "expected ',' or ')', found 'b'"],
  ['[a §b]', 'b', "expected ',' or ']', found 'b'"],
  ['[1,§,]', ',', "expected an expression, found ','"],
  ['[,§1]', '1', "expected ']', found '1'"],
  ['{a§}', '}', "expected ':', found '}'"],
  ['{a: 1 §: 2}', ':', "expected ',' or '}', found ':'"],
  ['a ? b§', '', "expected ':', found the end"],
  ['a ? b §? c : d : e', '?', "expected ':', found '?'; put the inner conditional in parentheses"],
  ['a.§.b', '.', "expected a field name, found '.'"],
  ['a.§in', 'in', `expected a field name, found 'in'; write ["in"]`],
  ['a.?b§(c)', '(', "expected an operator or the end, found '('"],
  ['a.`b`§(c)', '(', "expected an operator or the end, found '('"],
  [
    '§`a`',
    '`a`',
    "expected an expression, found '`a`'; only a field, behind a dot, may be in backquotes",
  ],
  [
    'a.§``',
    '`',
    'the name in backquotes is empty, is not closed, or has more than letters, digits and "_.-/ "',
  ],
  ['§for', 'for', "'for' is a reserved word: only a field may have this name"],
  [
    '1 + .§namespace',
    'namespace',
    "'namespace' is a reserved word: only a field may have this name",
  ],
  ['§if(a)', 'if', "'if' is a reserved word: only a field may have this name"],
  ['§in', 'in', "expected an expression, found 'in'"],
  ['!§-a', '-', "expected an expression, found '-'; put what it negates in parentheses"],
  ['a §= b', '=', "'=' is no operator; to compare, write '=='"],
  ['a §& b', '&', "'&' is no operator; write '&&'"],
  ['a §| b', '|', "'|' is no operator; write '||'"],
  ['a + §@b', '@', '"@" is no part of CEL here'],
  ['a + §“b”', '“', '"“" is no part of CEL here'],
  ['§"abc', '"', 'the string has no closing "'],
  ["1 + §r'''ab''", "r'''", "the string has no closing '''"],
  ['§"a\nb"', '"', 'the string has no closing "'],
  [String.raw`"a§\q"`, String.raw`\q`, String.raw`"\\q" is no escape`],
  [String.raw`"a§\400"`, String.raw`\4`, String.raw`"\\4" is no escape`],
  [String.raw`"a§\x4"`, String.raw`\x`, String.raw`"\\x" is no escape`],
  [String.raw`"§\ud800"`, String.raw`\ud800`, 'the escape is no Unicode character'],
  [String.raw`"§\U00110000"`, String.raw`\U00110000`, 'the escape is no Unicode character'],
  [
    String.raw`b"a§\u0041"`,
    String.raw`\u0041`,
    String.raw`bytes have no escape "\\u0041"; write \x and two digits for each byte`,
  ],
  [
    '§9223372036854775808',
    '9223372036854775808',
    'the int literal is outside -9223372036854775808 to 9223372036854775807',
  ],
  [
    '--§9223372036854775808',
    '9223372036854775808',
    'the int literal is outside -9223372036854775808 to 9223372036854775807',
  ],
  [
    '§18446744073709551616u',
    '18446744073709551616u',
    'the uint literal is greater than 18446744073709551615',
  ],
  ['§1e999', '1e999', 'the double literal is too large'],
  ['0§X1F', 'X1F', "expected an operator or the end, found 'X1F'"],
  ['1.5§u', 'u', "expected an operator or the end, found 'u'"],
  ['rb§"a"', '"a"', `expected an operator or the end, found '"a"'`],
];

test('a text that is no CEL is refused with one fault: where, what was found, what was expected', (t) => {
  for (const [marked, found, message] of refusals) {
    const start = marked.indexOf('§');
    const source = marked.replace('§', '');
    const end = start + found.length;
    const fault = { code: 'cel-syntax', message, start, end };
    t.same(parse(source), { ok: false, error: fault }, source);
  }
  t.end();
});

test('a message is parsed to its end and refused: there are no message types', (t) => {
  for (const [source, name, start, end] of [
    ['a == T{}', 'T', 5, 6],
    ['x.y.T{f: 1, ?`g`: [2],}.f', 'x.y.T', 0, 5],
    ['.T{,}', '.T', 0, 2],
  ] as const) {
    const message = `there is no message type '${name}' to construct; write a map: {"field": value}`;
    t.same(
      parse(source),
      { ok: false, error: { code: 'cel-unknown', message, start, end } },
      source,
    );
  }
  t.equal(text('T{f: 1} +'), 'cel-syntax 9', 'a fault of the grammar behind it comes first');
  t.equal(text('T{1: 1}'), 'cel-syntax 2');
  t.end();
});

const repeat = (text: string, count: number): string => text.repeat(count);
const nests = (open: string, close: string) => (n: number) =>
  `${repeat(open, n)}1${repeat(close, n)}`;
const follows = (first: string, more: string) => (n: number) => `${first}${repeat(more, n)}`;

/** How often each may be repeated: what cel-go accepts, and refuses one more of. */
const depths: readonly (readonly [title: string, most: number, (n: number) => string])[] = [
  ['parentheses', 249, nests('(', ')')],
  ['lists', 249, nests('[', ']')],
  ['maps', 249, nests('{1: ', '}')],
  ['calls', 249, nests('f(', ')')],
  ['calls of methods', 249, nests('a.f(', ')')],
  ['conditionals', 249, follows('1', ' ? 1 : 1')],
  ['selections', 250, follows('a', '.b')],
  ['indexes', 250, follows('a', '[1]')],
  ['sums', 250, follows('1', ' + 1')],
  ['comparisons', 250, follows('1', ' == 1')],
  ['sums in parentheses', 124, nests('1 + (', ')')],
  ['products in sums in parentheses', 83, nests('1 + 2 * (', ')')],
];

test('nesting ends where cel-go ends it', (t) => {
  for (const [title, most, make] of depths) {
    t.ok(parse(make(most)).ok, `${most} ${title}`);
    const more = parse(make(most + 1));
    t.equal(!more.ok && more.error.code, 'cel-limit', `${most + 1} ${title}`);
  }
  t.end();
});

test('chains of thousands of terms, and of signs, are no nesting', (t) => {
  const all = parse(follows('a', ' && a')(5000));
  t.equal(all.ok && all.value.kind === 'and' && all.value.terms.length, 5001);
  t.ok(parse(follows('a', ' || a && b')(5000)).ok);
  t.equal(text(`${repeat('!', 50_001)}a`), '(!_ a)');
  t.equal(text(`[${repeat('1, ', 20_000)}]`).length, 40_001);
  t.end();
});

test('a text of more than 100,000 code points is refused unread, and one of as many is read', (t) => {
  const long = (char: string, count: number) => parse(`"${repeat(char, count)}"`);
  for (const char of ['x', '😀']) {
    t.ok(long(char, 99_998).ok);
    t.match(long(char, 99_999), { error: { code: 'cel-limit', start: 0, end: 0 } });
  }
  for (const hostile of [
    '(',
    '[',
    '-',
    'a.',
    'a?',
    '"',
    '"""',
    'r"',
    '//',
    '\\',
    '`',
    '{?',
    'a{',
    'a.b{a:',
  ]) {
    t.notOk(parse(repeat(hostile, Math.floor(99_000 / hostile.length))).ok, hostile);
  }
  t.end();
});

test('every node knows where it stands, in UTF-16 units, without its parentheses', (t) => {
  const source = '("😀" + (a).b).?c[d . e(1)] ';
  const parsed = parse(source);
  const shown = parsed.ok ? nodesOf(parsed.value) : [];
  t.strictSame(shown.map(({ start, end }) => source.slice(start, end)).sort(), [
    '"😀"',
    '"😀" + (a).b',
    '("😀" + (a).b).?c',
    '("😀" + (a).b).?c[d . e(1)]',
    '(a).b',
    '1',
    'a',
    'd',
    'd . e(1)',
  ]);
  const named = shown.flatMap((node) => ('at' in node ? [source.slice(node.at, node.at + 1)] : []));
  t.strictSame(named.sort(), ['+', 'b', 'c', 'e']);
  t.end();
});

const place = { start: 0, end: 0, at: 0 };
const word = fc.constantFrom('a', 'b1', '_c', 'size', 'for_', 'r', 'b');
const field = fc.oneof(word, fc.constantFrom('in', 'for', 'a-b', 'x/y.z w', 'null'));
const literal = fc.oneof(
  fc.string({ unit: 'grapheme' }).map((value) => value.toWellFormed()),
  fc.constantFrom(true, false, null, 0, 7, 9223372036854775807n, 1.5, 1e-7),
  fc.constantFrom(new Double(0), new Double(1e300), new Uint(0n), new Uint(18446744073709551615n)),
  fc.uint8Array({ maxLength: 4 }),
);
const binary = fc.constantFrom(
  '_+_',
  '_-_',
  '_*_',
  '_/_',
  '_%_',
  '_<_',
  '_>=_',
  '_==_',
  '_!=_',
  '@in',
);

const { tree } = fc.letrec<{ tree: Ast }>((tie) => {
  const list = fc.array(tie('tree'), { maxLength: 3 });
  const pair = fc.tuple(tie('tree'), tie('tree'));
  const leaf: fc.Arbitrary<Ast> = fc.oneof(
    literal.map((value): Ast => ({ kind: 'literal', value, ...place })),
    word.map((name): Ast => ({ kind: 'name', name, ...place })),
  );
  const inner: fc.Arbitrary<Ast>[] = [
    fc.tuple(tie('tree'), field, fc.boolean()).map(([operand, name, optional]) => ({
      kind: 'select',
      operand,
      field: name,
      optional,
      ...place,
    })),
    fc.tuple(pair, fc.boolean()).map(([[operand, index], optional]) => ({
      kind: 'index',
      operand,
      index,
      optional,
      ...place,
    })),
    fc
      .tuple(word, fc.option(tie('tree')), list)
      .map(([name, target, args]) => ({ kind: 'call', name, target, args, ...place })),
    fc
      .tuple(binary, pair)
      .map(([name, args]) => ({ kind: 'call', name, target: null, args, ...place })),
    // Two signs would be none.
    leaf.map((part) => ({ kind: 'call', name: '!_', target: null, args: [part], ...place })),
    fc.tuple(list, fc.boolean()).map(([items, optional]) => ({
      kind: 'list',
      items,
      optionals: optional ? items.map((_, i) => i) : [],
      ...place,
    })),
    fc
      .array(fc.record({ key: tie('tree'), value: tie('tree'), optional: fc.boolean() }), {
        maxLength: 2,
      })
      .map((entries) => ({ kind: 'map', entries, ...place })),
    fc.tuple(pair, tie('tree')).map(([[condition, whenTrue], whenFalse]) => ({
      kind: 'conditional',
      condition,
      whenTrue,
      whenFalse,
      ...place,
    })),
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('tree'), { minLength: 2, maxLength: 4 }))
      .map(([kind, terms]) => ({ kind, terms, ...place })),
  ];
  return {
    tree: fc.oneof({ maxDepth: 4, depthSize: 'small', withCrossShrink: true }, leaf, ...inner),
  };
});

test('a printed tree is parsed to that tree, and the place of each node holds its own text', (t) => {
  fc.assert(
    fc.property(tree, (made) => {
      const source = printed(made);
      const parsed = parse(source);
      if (!parsed.ok || treeText(parsed.value) !== treeText(made)) return false;
      return nodesOf(parsed.value).every(
        (node) => text(source.slice(node.start, node.end)) === treeText(node),
      );
    }),
    { numRuns: 2000 },
  );
  t.end();
});

const piece = fc.constantFrom(
  ...'a b.c f( ( ) [ ] { } . , ? : - ! + * / % < == in && || 1 2u 1.5 .5 0x1F "s" \'t\' b"b" r"\\" true null for `a-b` // """ T{ \\ = & @ é 😀'.split(
    ' ',
  ),
  ' ',
  '\n',
  '"',
);

test('no text makes the parser throw: it gives a tree, or a fault within the text', (t) => {
  const fine = (source: string): boolean => {
    const parsed = parse(source);
    const { start, end } = parsed.ok ? parsed.value : parsed.error;
    return 0 <= start && start <= end && end <= source.length;
  };
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fine), { numRuns: 5000 });
  const pieces = fc.array(piece, { maxLength: 20 }).map((parts) => parts.join(''));
  fc.assert(fc.property(pieces, fine), { numRuns: 5000 });
  t.end();
});
