// `sekisho cel`: values, types and costs; where a fault stands; what the names hold; and JSON Lines, whatever comes in.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { get, getIn, type JsonValue } from '../../src/base/json.ts';
import { answerLines } from '../../src/cli/cel/lines.ts';
import type { ExitCode } from '../../src/cli/command.ts';
import { golden } from '../golden.ts';
import { type Ran, sekisho } from './harness.ts';

const files = {
  'web.yaml': `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {a.b/c: d}}
spec:
  containers:
    - {name: a, image: nginx, securityContext: {privileged: false}}
    - {name: b, image: nginx, securityContext: {privileged: true}}
`,
  'old.json':
    '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"n": 9007199254740993}}',
  'params.yaml': 'data: {max: 3}\n',
  'shop.yaml':
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: x}, managedFields: []}\n',
  'two.yaml': 'a: 1\n---\nb: 2\n',
  'list.yaml': '[1, 2]\n',
  'broken.yaml': 'a: [\n',
};
type File = keyof typeof files;

async function cel(t: Test, ...args: readonly string[]): Promise<Ran> {
  const folder = t.testdir(files);
  const placed = args.map((arg) => (Object.hasOwn(files, arg) ? join(folder, arg) : arg));
  return sekisho(folder, ['cel', ...placed]);
}

async function json(t: Test, ...args: readonly string[]): Promise<JsonValue> {
  const { stdout } = await cel(t, '-o', 'json', ...args);
  return JSON.parse(stdout);
}

test('the exit code is 0 for any value, 1 for an error, 2 for what does not compile', async (t) => {
  const code = async (expression: string): Promise<ExitCode> => (await cel(t, expression)).code;
  t.equal(await code('true'), 0);
  t.equal(await code('false'), 0);
  t.equal(await code('[1][2]'), 1);
  t.equal(await code('1 +'), 2);
  t.equal(await code('nope'), 2);
  t.equal(await code('"a" + 1'), 2);
  t.equal(await code(''), 2);
});

test('the names hold what the files hold, and the request that would send it', async (t) => {
  const value = async (expression: string, ...args: readonly string[]): Promise<unknown> =>
    get(await json(t, expression, ...args), 'value');
  const both = ['--object', 'web.yaml', '--old', 'old.json'] satisfies (File | string)[];
  t.equal(await value('object.metadata.name', '--object', 'web.yaml'), 'web');
  t.equal(await value('object == null && oldObject == null && namespaceObject == null'), true);
  t.equal(await value('oldObject.spec.n == 9007199254740993', ...both), true);
  t.equal(await value('params.data.max', '--params', 'params.yaml'), 3);
  t.equal(
    await value('namespaceObject.metadata.labels.team', '--namespace-object', 'shop.yaml'),
    'x',
  );
  t.equal(await value('request.operation', '--object', 'web.yaml'), 'CREATE');
  t.equal(await value('request.operation', ...both), 'UPDATE');
  t.equal(await value('request.operation', '--old', 'old.json'), 'DELETE');
  t.equal(await value('request.operation'), 'CREATE');
  t.equal(await value('request.resource.resource + "/" + request.namespace', ...both), 'pods/shop');
  t.match(
    (await cel(t, 'params.x')).stderr,
    /^expression:1:1: cel-unknown: /,
    'only with --params',
  );
});

test('no authorizer is asked: only what hangs on its answer has no value', async (t) => {
  const asked = 'authorizer.group("").resource("pods").check("get").allowed()';
  t.match(await json(t, `true || ${asked}`), { value: true });
  const message = 'it hangs on what is not known here: authorizer';
  t.match(await json(t, asked), { error: { code: 'expression-error', message }, type: 'bool' });
});

test('values are JSON where JSON can hold them, and else a type and a text', async (t) => {
  for (const [expression, wanted, type] of [
    ['9223372036854775807', '9223372036854775807', 'int'],
    ['18446744073709551615u', '18446744073709551615', 'uint'],
    ['1.5', '1.5', 'double'],
    ['1.0 / 0.0', '{"type":"double","text":"Infinity"}', 'double'],
    ['b"\\xff\\x00"', '"/wA="', 'bytes'],
    ['duration("90m")', '"5400s"', 'google.protobuf.Duration'],
    [
      'timestamp("2026-01-02T03:04:05.5Z")',
      '"2026-01-02T03:04:05.5Z"',
      'google.protobuf.Timestamp',
    ],
    ['{"__proto__": [false, true]}', '{"__proto__":[false,true]}', 'map(string, list(bool))'],
    ['{1: "a"}', '{"type":"map","text":"{1: \\"a\\"}"}', 'map(int, string)'],
    ['optional.of(1)', '{"type":"optional_type","text":"optional.of(1)"}', 'optional_type(int)'],
    ['optional.none()', '{"type":"optional_type","text":"optional.none()"}', undefined],
    ['type(1)', '{"type":"type","text":"int"}', undefined],
    ['ip("::1")', '{"type":"net.IP","text":"::1"}', 'net.IP'],
    ['cidr("10.0.0.0/8")', '{"type":"net.CIDR","text":"10.0.0.0/8"}', 'net.CIDR'],
    [
      'semver("1.2.3-a.4+b")',
      '{"type":"kubernetes.Semver","text":"1.2.3-a.4"}',
      'kubernetes.Semver',
    ],
    [
      'url("https://a.b/c?d=e")',
      '{"type":"kubernetes.URL","text":"https://a.b/c?d=e"}',
      'kubernetes.URL',
    ],
    ['format.dns1123Label()', '{"type":"kubernetes.NamedFormat","text":"DNS1123Label"}', undefined],
    ['quantity("1500m")', '{"type":"kubernetes.Quantity","text":"1.5"}', 'kubernetes.Quantity'],
    ['quantity("-2Ki")', '{"type":"kubernetes.Quantity","text":"-2048"}', 'kubernetes.Quantity'],
  ] as const) {
    const { stdout, code } = await cel(t, '-o', 'json', '--', expression);
    t.equal(code, 0, expression);
    t.equal(
      /"value": ([\s\S]*?),\n {2}"type"/
        .exec(stdout)?.[1]
        ?.replace(/\n\s*/g, '')
        .replaceAll('": ', '":'),
      wanted.replaceAll('": ', '":'),
      expression,
    );
    if (type !== undefined) t.equal(get(JSON.parse(stdout), 'type'), type, expression);
  }
});

test('a fault stands on standard error under a caret, and in JSON with its offsets', async (t) => {
  const expression = 'object.a ==\n  nope';
  const { stdout, stderr, code } = await cel(t, expression, '-o', 'json');
  t.equal(code, 2);
  t.match(stderr, /^expression:2:3: cel-unknown: .*\n {6}nope\n {6}\^\n$/);
  const fault = getIn(JSON.parse(stdout), ['error', 'faults', 0]);
  t.match(fault, { code: 'cel-unknown', start: 14, end: 18, line: 2, column: 3 });
});

test('the paths are those of the fields that made the value', async (t) => {
  const expression = 'object.spec.containers.all(c, !c.securityContext.privileged)';
  const answer = await json(t, expression, '--object', 'web.yaml');
  t.match(answer, {
    value: false,
    type: 'bool',
    complete: true,
    paths: [
      {
        root: 'object',
        path: 'spec.containers[1].securityContext.privileged',
        pointer: '/spec/containers/1/securityContext/privileged',
        value: true,
        exact: true,
      },
    ],
  });
});

test('files and flags that cannot be used are faults, all of them, and nothing is printed', async (t) => {
  for (const [args, told] of [
    [['true', '--object', 'none.yaml'], /^none.yaml: file-unreadable: /],
    [
      ['true', '--object', 'two.yaml', '--old', 'list.yaml'],
      /^two.yaml: manifest-malformed: .*\nlist.yaml: manifest-malformed: /,
    ],
    [['true', '--params', 'broken.yaml'], /^broken.yaml:1:5: yaml-syntax: /],
    [
      ['true', '--object', '-', '--old', '-'],
      /^-: flag-invalid: standard input is named more than once/,
    ],
    [['a', '==', 'b'], /^EXPRESSION: flag-invalid: there must be one expression\n {4}fix: /],
    [['true', '-o', 'xml'], /^sekisho cel: flag-invalid: /],
    [
      ['-', '--object', 'web.yaml', '-o', 'json'],
      /^--object: flag-invalid: .*\n--output: flag-invalid: /,
    ],
    [[], /^sekisho cel: flag-invalid: /],
  ] as const) {
    const ran = await cel(t, ...args);
    t.match(ran, { code: 2, stdout: '' }, args.join(' '));
    t.match(ran.stderr, told, args.join(' '));
  }
});

async function lines(
  ...chunks: readonly (string | Uint8Array)[]
): Promise<{ code: ExitCode; answers: readonly JsonValue[]; text: string }> {
  async function* input(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  let text = '';
  const stdout = {
    isTerminal: false,
    async write(more: string) {
      text += more;
    },
  };
  const code = await answerLines(input(), { stdout });
  return {
    code,
    text,
    answers: text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line)),
  };
}

test('every line is answered in order, with its id, over chunks as they come', async (t) => {
  const { code, answers } = await lines(
    '{"id": 1, "expression": "object.a + 1", "variables": {"object": {"a": 2}}}\n{"id": "tw',
    'o", "expression": "params.x == 1 && request.operation == \\"DELETE\\"",',
    ' "variables": {"params": {"x": 1}, "request": {"operation": "DELETE"}}}\r\n\n{"expression": "[1][5]"}\n',
    '{"id": [null], "expression": "1 +"}',
  );
  t.equal(code, 2);
  t.match(answers, [
    { id: 1, value: 3, type: 'int', cost: Number },
    { id: 'two', value: true, type: 'bool', paths: Array },
    { error: { code: 'expression-error', message: 'index out of bounds: 5' }, cost: Number },
    {
      id: [null],
      error: { code: 'cel-syntax', faults: [{ start: 3, end: 3, line: 1, column: 4 }] },
    },
  ]);
  t.equal(answers.length, 4);
});

test('integers are exact on both ways', async (t) => {
  const { text, code } = await lines(
    '{"expression": "object.n - 1", "variables": {"object": {"n": 9223372036854775807}}}\n',
  );
  t.equal(code, 0);
  t.match(text, /^\{"value":9223372036854775806,/);
});

test('a line that cannot be read is answered by its number, and the next ones are read', async (t) => {
  const deep = '['.repeat(600) + ']'.repeat(600);
  const { code, answers } = await lines(
    'no\n',
    Buffer.from([0x22, 0xff, 0x22, 0x0a]),
    '{"id": 3}\n',
    '{"id": 4, "expression": 1}\n[]\n',
    '{"id": 6, "expression": "1", "variables": []}\n',
    '{"id": 7, "expression": "1", "variables": {"nope": 1, "__proto__": 2}}\n',
    `{"id": 8, "expression": "1", "variables": {"object": ${deep}}}\n`,
    '{"id": 9, "expression": "1", "id": 9}\n',
    '"',
    'x'.repeat(9_000_000),
    'x'.repeat(9_000_000),
    '"\n',
    '{"id": 11, "expression": "1"}\n',
  );
  const message = (text: string) => ({ error: { code: 'line-malformed', message: text } });
  t.equal(code, 2);
  t.strictSame(answers.slice(0, -1), [
    { line: 1, ...message('line 1 is not JSON in UTF-8') },
    { line: 2, ...message('line 2 is not JSON in UTF-8') },
    { id: 3, line: 3, ...message('line 3 has no "expression", a string') },
    { id: 4, line: 4, ...message('line 4 has no "expression", a string') },
    { line: 5, ...message('line 5 has no "expression", a string') },
    { id: 6, line: 6, ...message('line 6 has "variables" that are no object') },
    {
      id: 7,
      line: 7,
      ...message(
        'line 7 has variables "nope", "__proto__"; known are "object", "oldObject", "params", "request", "namespaceObject"',
      ),
    },
    { line: 8, ...message('line 8 is nested more than 512 levels deep') },
    { line: 9, ...message('line 9 has an object with the same key twice') },
    { line: 10, ...message('line 10 has more than 16777216 bytes') },
  ]);
  t.match(answers.at(-1), { id: 11, value: 1 });
});

test('a process answers a line before the next one is there', async (t) => {
  const main = join(import.meta.dirname, '../../src/main.ts');
  const child = spawn(process.execPath, [main, 'cel', '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answer = () =>
    new Promise<string>((resolve) => child.stdout.once('data', (d) => resolve(String(d))));
  for (const id of [1, 2]) {
    child.stdin.write(`{"id": ${id}, "expression": "${id}"}\n`);
    t.match(JSON.parse(await answer()), { id, value: id });
  }
  child.stdin.end();
  t.equal(await new Promise((resolve) => child.on('close', resolve)), 0);
});

const shown: readonly (readonly string[])[] = [
  ['object.spec.containers.all(c, !c.securityContext.privileged)', '--object', 'web.yaml'],
  ['object.spec.containers.map(c, c.image)', '--object', 'web.yaml'],
  ['object', '--object', 'web.yaml'],
  ['object.metadata.labels["a.b/c"] == "d" && has(object.spec.nope)', '--object', 'web.yaml'],
  ['object.spec.\n  nope > 1', '--object', 'web.yaml'],
  ['"a\\u202eb"'],
  ['optional.of(quantity("1Ki"))'],
  ['1 + + 2'],
  ['nope + object.x && "a"'],
];

test('texts read as the golden file says', async (t) => {
  const parts: string[] = [];
  for (const args of shown) {
    const { code, stdout, stderr } = await cel(t, ...args);
    parts.push(`$ sekisho cel ${args.join(' ')}\n${stdout}${stderr}exit ${code}\n`);
  }
  const all = parts.join('\n');
  t.equal(all, golden('cel.txt', all));
});
