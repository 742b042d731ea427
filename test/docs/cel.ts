// docs/cel.md out of the tables of src/cel/library, with the phrases of test/docs/cel-words.ts.
// `make docs` writes the page; test/docs.test.ts fails when the page is another.
import type { CelFunction } from '../../src/cel/function.ts';
import { libraries } from '../../src/cel/library/index.ts';
import {
  expressionLimit,
  matchConditionsBudget,
  maxDataDepth,
  maxNesting,
  maxPatterns,
  maxSource,
  maxWork,
  policyBudget,
} from '../../src/cel/limits.ts';
import { showType, type Type } from '../../src/cel/type.ts';
import { formatWords, functionWords, macroWords } from './cel-words.ts';

export const celPage = new URL('../../docs/cel.md', import.meta.url);

const number = (n: number): string => n.toLocaleString('en-US');
const cell = (text: string): string => text.replaceAll('|', '\\|');
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

/** The page as Markdown. Throws when a function has no phrase, or a phrase no function. */
export function renderCel(): string {
  const sections = Object.entries(libraries).map(([name, functions]) => section(name, functions));
  const used = new Set(sections.flatMap(({ phrases }) => phrases));
  const unused = Object.keys(functionWords).filter((key) => !used.has(key));
  if (unused.length > 0) throw new Error(`phrases without a function: ${unused.join(', ')}`);
  return `${[...intro(), ...macros(), ...sections.flatMap(({ lines }) => lines)].join('\n')}\n`;
}

function intro(): readonly string[] {
  return [
    '# CEL',
    '',
    'Expressions of policies run here as the API server of Kubernetes 1.37 runs them: the same names, types, values,',
    'texts of errors and costs. This page is made from the tables of `src/cel/library` by `make docs`; what differs',
    'from Kubernetes is in [differences.md](differences.md).',
    '',
    '`since` is the Kubernetes version whose API server first has a function; `CEL`: every CEL has it.',
    '',
    '## Limits',
    '',
    'Cost is counted in the units of the API server: 1 for a name, a field, a call or a step of a macro; more where the',
    'tables say so. Sizes are characters of texts, bytes, items of lists and maps; fractions are rounded up.',
    '',
    '| what | limit |',
    '| --- | --- |',
    row('cost of one expression', number(expressionLimit)),
    row(
      'cost of all validations of a policy for one binding and param object',
      number(policyBudget),
    ),
    row('cost of all match conditions of a policy', number(matchConditionsBudget)),
    row('characters of an expression', number(maxSource)),
    row('nesting of an expression', number(maxNesting)),
    row('nesting of data that `==` and `format` look at', number(maxDataDepth)),
    row('dynamic regular expressions kept compiled for an expression', number(maxPatterns)),
    row('work of one evaluation that cost does not show, in comparisons', number(maxWork)),
    '',
    'Past a limit of cost, work or regular expressions the evaluation ends with the code `cost-exceeded`, which nothing',
    'absorbs. The last row keeps calls short that are cheap in units and long in time, such as `==` of large objects',
    'again and again.',
    '',
    '## Numbers, texts and times',
    '',
    'An `int` has 64 bits and does not overflow silently; so has a `uint`. A number of JSON without a fraction is an',
    '`int`. Texts are counted in code points. Regular expressions are RE2: linear time, no look-around, no references',
    'back. Timestamps and durations have nanoseconds. `==` and `<` compare numbers of all three kinds.',
  ];
}

function macros(): readonly string[] {
  return [
    '',
    '## Macros and syntax',
    '',
    '| form | since | what it does |',
    '| --- | --- | --- |',
    ...macroWords.map(([form, since, words]) => row(`\`${form}\``, sinceText(since), words)),
    '',
    'Also `&&`, `||`, `? :`, `==`, `!=`, `a.b`, `a[b]`, and literals of lists and maps. `&&`, `||`, `all` and `exists`',
    'absorb an error of one side when the other side decides.',
  ];
}

function sinceText(since: string): string {
  return since === 'core' ? 'CEL' : since;
}

type Section = { readonly lines: readonly string[]; readonly phrases: readonly string[] };

function section(library: string, functions: readonly CelFunction[]): Section {
  const groups = new Map<string, CelFunction[]>();
  // What macros call has a name that nobody can write.
  for (const each of functions.filter(({ name }) => !/^@(?!in$)/.test(name))) {
    const key = `${each.name} ${each.since} ${each.costWords}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  const phrases: string[] = [];
  const rows = [...groups.values()].map((group) => {
    const [first] = group;
    if (first === undefined) throw new Error('an empty group');
    const key = phraseOf(library, first.name);
    phrases.push(key);
    const forms = group.map((each) => `\`${form(each)}\``).join('<br>');
    const words = functionWords[key] ?? formatWords;
    return row(forms, sinceText(first.since), words, first.costWords);
  });
  const head = ['| function | since | what it does | cost |', '| --- | --- | --- | --- |'];
  return { lines: ['', `## ${library}`, '', ...head, ...rows], phrases };
}

function phraseOf(library: string, name: string): string {
  const key = [`${library}:${name}`, name].find((each) => Object.hasOwn(functionWords, each));
  if (key !== undefined) return key;
  if (library === 'Named formats') return name;
  throw new Error(`no phrase for ${library}: ${name}`);
}

/** As it is written in an expression: `int + int: int`. */
function form({ name, member, params, result }: CelFunction): string {
  const [first = '', second = ''] = params.map(shown);
  const operator = /^_(.+)_$/.exec(name)?.[1] ?? (name === '@in' ? 'in' : undefined);
  if (operator !== undefined) return `${first} ${operator} ${second}: ${shown(result)}`;
  if (name.endsWith('_')) return `${name.slice(0, -1)}${first}: ${shown(result)}`;
  const args = params.slice(member ? 1 : 0).map(shown);
  return `${member ? `${first}.` : ''}${name}(${args.join(', ')}): ${shown(result)}`;
}

function shown(type: Type): string {
  return showType(type)
    .replaceAll('google.protobuf.Timestamp', 'timestamp')
    .replaceAll('google.protobuf.Duration', 'duration')
    .replaceAll('optional_type', 'optional')
    .replaceAll(/\b(?:kubernetes\.authorization|kubernetes|net)\./g, '');
}
