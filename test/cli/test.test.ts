// `sekisho test` in this process: where objects come from, what the attempt is, what is compared, faults with their
// places, and that nothing that could not be decided passes for a case that holds.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { get, getIn, isArray, type JsonValue } from '../../src/base/json.ts';
import { golden } from '../golden.ts';
import { baseline, noHostNetwork, type Ran, sekisho, type World } from './harness.ts';

type Files = Record<string, NonNullable<Parameters<Test['testdir']>[0]>>;

/** Runs `test` on a folder `cases` of these files. Arguments that name files are put under the folder. */
async function run(
  t: Test,
  files: Files,
  { args = [], law = { 'p.yaml': noHostNetwork }, world = {} }: Options = {},
): Promise<Ran> {
  const folder = t.testdir({ cases: files, policies: law });
  const places = args.some((arg) => !arg.startsWith('-')) ? [] : [join(folder, 'cases')];
  const flags = args.map((arg) => (arg.startsWith('/') ? join(folder, arg) : arg));
  return sekisho(folder, ['test', ...places, '-p', join(folder, 'policies'), ...flags], world);
}

type Options = {
  readonly args?: readonly string[];
  readonly law?: Files;
  readonly world?: World;
};

const base = `apiVersion: v1
    kind: Pod
    metadata: {name: web}
    spec: {hostNetwork: true, containers: [{name: c, image: i}]}`;

const suite = (cases: string, spec = `base:\n    ${base}`): string =>
  `apiVersion: sekisho.dev/v1alpha1
kind: PolicyTest
metadata: {name: t}
spec:
  ${spec}
  cases:
${cases}`;

const one = (fields: string, expect = '{allowed: false}', spec?: string): string =>
  suite(`  - {name: one, expect: ${expect}${fields === '' ? '' : `, ${fields}`}}\n`, spec);

const badPod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostNetwork: true}\n';
const goodPod = badPod.replace('true', 'false');

/** A policy that says what it sees, and denies: an expectation of its message is one of the attempt. */
const seeing = (expression: string, resources: string): string =>
  noHostNetwork
    .replace('resources: [pods]', `resources: [${resources}]`)
    .replace(/ {2}matchConditions:\n.*\n/, '')
    .replace('apiGroups: [""], apiVersions: [v1]', 'apiGroups: ["*"], apiVersions: ["*"]')
    .replace(/\{expression:.*\}/, `{expression: "false", messageExpression: '${expression}'}`);

const sources: readonly [name: string, files: Files, allowed: boolean][] = [
  ['the base', { 'c.yaml': one('') }, false],
  ['the base with changes', { 'c.yaml': one('changes: {/spec/hostNetwork: false}') }, true],
  ['a field taken out of the base', { 'c.yaml': one('changes: {/spec/hostNetwork: null}') }, true],
  ['inline', { 'c.yaml': one('object: {apiVersion: v1, kind: Pod, spec: {}}') }, true],
  [
    'inline with changes, and no base',
    {
      'c.yaml': one(
        'object: {apiVersion: v1, kind: Pod}, changes: {/spec/hostNetwork: true}',
        undefined,
        '',
      ),
    },
    false,
  ],
  ['a file', { 'c.yaml': one('file: good.yaml'), 'good.yaml': goodPod }, true],
  [
    'a file with changes',
    {
      'c.yaml': one('file: good.yaml, changes: {/spec/hostNetwork: true}'),
      'good.yaml': goodPod,
    },
    false,
  ],
  [
    'a file beside the test, wherever that is',
    {
      a: { 'c.yaml': one('file: ../b/good.json') },
      b: { 'good.json': JSON.stringify({ apiVersion: 'v1', kind: 'Pod', spec: {} }) },
    },
    true,
  ],
  ['a file named -', { 'c.yaml': one('file: "-"'), '-': goodPod }, true],
  [
    'an old object by file',
    { 'c.yaml': one('operation: UPDATE, oldFile: good.yaml'), 'good.yaml': goodPod },
    false,
  ],
];

test('an object is written in the case, in a file beside it, or a base, and changed', async (t) => {
  for (const [name, files, allowed] of sources) {
    const right = JSON.parse(
      JSON.stringify(files).replaceAll('{allowed: false}', `{allowed: ${allowed}}`),
    );
    const wrong = JSON.parse(
      JSON.stringify(files).replaceAll('{allowed: false}', `{allowed: ${!allowed}}`),
    );
    const good = await run(t, right);
    t.equal(good.code, 0, `${name}: ${good.stdout}${good.stderr}`);
    t.equal((await run(t, wrong)).code, 1, `${name}, expected otherwise`);
  }
});

const request =
  '"(" + request.operation + " " + request.resource.group + "/" + request.resource.resource + "/" + (has(request.subResource) ? request.subResource : "") + " " + (has(request.namespace) ? request.namespace : "") + "/" + request.name + ")"';
const requests: readonly [fields: string, sees: string][] = [
  ['', '(CREATE /pods/ default/web)'],
  ['namespace: {name: shop}', '(CREATE /pods/ shop/web)'],
  [
    'object: {apiVersion: v1, kind: Pod, metadata: {generateName: a-, namespace: b}}',
    '(CREATE /pods/ b/a-xxxxx)',
  ],
  ['operation: UPDATE, subResource: status', '(UPDATE /pods/status default/web)'],
  ['operation: DELETE', '(DELETE /pods/ default/web)'],
  [
    'object: {apiVersion: v1, kind: PodExecOptions}, objectName: x',
    '(CONNECT /pods/exec default/x)',
  ],
  [
    'object: {apiVersion: v1, kind: PodExecOptions, metadata: {name: yy}}, subResource: exec',
    '(CONNECT /pods/exec default/yy)',
  ],
  [
    'object: {apiVersion: policy/v1, kind: Eviction, metadata: {name: z}}',
    '(CREATE /pods/eviction default/z)',
  ],
  [
    'object: {apiVersion: v1, kind: Namespace, metadata: {name: nn}}',
    '(CREATE /namespaces/ nn/nn)',
  ],
  [
    'operation: UPDATE, subResource: finalize, oldObject: {apiVersion: v1, kind: Namespace, metadata: {name: nn}}, object: {apiVersion: v1, kind: Namespace, metadata: {name: nn}}',
    '(UPDATE /namespaces/finalize nn/nn)',
  ],
  [
    'object: {apiVersion: a.b/v1, kind: Box, metadata: {name: x}}, resource: {group: a.b, version: v1, resource: boxen}',
    '(CREATE a.b/boxen/ default/x)',
  ],
  [
    'object: {apiVersion: a.b/v1, kind: Box, metadata: {name: x}}, resource: {group: a.b, version: v1, resource: boxen, scope: Cluster}',
    '(CREATE a.b/boxen/ /x)',
  ],
  [
    'object: {apiVersion: autoscaling/v1, kind: Scale, metadata: {name: x}}, operation: UPDATE, oldObject: {apiVersion: autoscaling/v1, kind: Scale, metadata: {name: x}}, subResource: scale, resource: {group: apps, version: v1, resource: deployments}',
    '(UPDATE apps/deployments/scale default/x)',
  ],
];

test('the attempt is what the API server would send for the object', async (t) => {
  const cases = requests.map(([fields, sees]) =>
    one(fields, `{allowed: false, message: "${sees}"}`),
  );
  const law = { 'p.yaml': seeing(request, '"*/*"') };
  const ran = await run(t, { 'c.yaml': cases.join('---\n') }, { law });
  t.match(ran, { code: 0, stdout: `${requests.length} cases: ${requests.length} passed\n` });
  const wrong = cases.join('---\n').replaceAll(/message: "\((\w)/g, 'message: "(x$1');
  t.match((await run(t, { 'c.yaml': wrong }, { law })).stdout, `${requests.length} failed`);
});

const surroundings: readonly [fields: string, expression: string, sees: string][] = [
  ['', 'request.userInfo.username + request.userInfo.groups[0]', 'alicesystem:authenticated'],
  [
    'user: {username: bob, groups: [a, b], uid: u, extra: {k: [v]}}',
    'request.userInfo.username + request.userInfo.groups[1] + request.userInfo.uid + request.userInfo.extra.k[0]',
    'bobbuv',
  ],
  ['dryRun: true', 'string(request.dryRun)', 'true'],
  [
    'namespace: {name: shop, labels: {a: x}, annotations: {b: z}}',
    'namespaceObject.metadata.labels.a + namespaceObject.metadata.annotations.b + namespaceObject.metadata.labels["kubernetes.io/metadata.name"]',
    'xzshop',
  ],
  [
    'operation: UPDATE, oldChanges: {/metadata/labels: {a: before}}',
    'string(oldObject.metadata.labels.a)',
    'before',
  ],
  ['', 'string(object.metadata.namespace)', 'default'],
];

test('user, namespace, old object and dry run are those of the case', async (t) => {
  for (const [fields, expression, sees] of surroundings) {
    const law = { 'p.yaml': seeing(expression, 'pods') };
    const ran = await run(
      t,
      { 'c.yaml': one(fields, `{allowed: false, message: "${sees}"}`) },
      { law },
    );
    t.equal(ran.code, 0, `${fields}: ${ran.stdout}${ran.stderr}`);
  }
});

const limited = noHostNetwork
  .replace('spec:\n', 'spec:\n  paramKind: {apiVersion: v1, kind: ConfigMap}\n')
  .replace(
    '!has(object.spec.hostNetwork) || object.spec.hostNetwork == false',
    'params.data.open == "yes"',
  )
  .replace('expression: "params', "expression: 'params")
  .replace('"yes""', `"yes"'`)
  .replace(
    'policyName:',
    'paramRef: {name: door, namespace: ops, parameterNotFoundAction: Deny}, policyName:',
  );
const door = (open: string): string =>
  `{apiVersion: v1, kind: ConfigMap, metadata: {name: door, namespace: ops}, data: {open: "${open}"}}`;
const noParams = '{allowed: false, denied: [no-host-network]}';

test('params are those that the case says the cluster has; without them there are none', async (t) => {
  const cases: readonly [fields: string, expect: string, file: string | null, code: number][] = [
    [`params: [${door('yes')}]`, '{allowed: true}', null, 0],
    [
      `params: [${door('no')}]`,
      '{allowed: false, denied: [no-host-network/host-network]}',
      null,
      0,
    ],
    ['params: []', noParams, null, 0],
    ['', noParams, null, 0],
    ['', '{allowed: false}', null, 1],
    ['', '{allowed: true}', door('yes'), 0],
    [`params: [${door('no')}]`, '{allowed: true}', door('yes'), 0],
  ];
  for (const [fields, expect, file, code] of cases) {
    const law = { 'p.yaml': file === null ? limited : `${limited}---\n${file}\n` };
    const ran = await run(t, { 'c.yaml': one(fields, expect) }, { law });
    t.equal(ran.code, code, `${fields} ${expect} ${file}: ${ran.stdout}${ran.stderr}`);
  }
});

const excepted = `${noHostNetwork}---
apiVersion: sekisho.dev/v1alpha1
kind: PolicyException
metadata: {name: e}
spec:
  {rules: [no-host-network], match: {namespaces: [default]}, expires: 2026-12-31, reason: r, owner: o, ticket: T-1, approvedBy: c}
`;
const rule = 'no-host-network/host-network';
const warning = noHostNetwork.replace('[Deny]', '[Warn]');
const erring = noHostNetwork
  .replace('spec:\n', 'spec:\n  failurePolicy: Ignore\n')
  .replace('!has(object.spec.hostNetwork) || ', 'object.spec.nope || ');
/** Nobody can be asked for permissions here. */
const unknowing = noHostNetwork.replace(
  '"!has(object.spec.hostNetwork) || object.spec.hostNetwork == false"',
  `'authorizer.path("/x").check("get").allowed()'`,
);
const auditOnly = `${noHostNetwork}---
apiVersion: sekisho.dev/v1alpha1
kind: PolicySettings
metadata: {name: s}
spec: {mode: AuditOnly}
`;

type Told = readonly [name: string, law: string, expect: string, holds: boolean, fields?: string];
const expectations: readonly Told[] = [
  ['denied by all rules that deny', noHostNetwork, `{allowed: false, denied: [${rule}]}`, true],
  ['denied by another rule', noHostNetwork, '{allowed: false, denied: [other/rule]}', false],
  ['denied by one rule of two', noHostNetwork, `{allowed: false, denied: [${rule}, other]}`, false],
  [
    'denied by more rules than expected',
    `${noHostNetwork}---\n${baseline}`,
    `{allowed: false, denied: [${rule}]}`,
    false,
  ],
  ['a finding', baseline, '{allowed: false, findings: [spec.hostNetwork]}', true],
  ['a finding elsewhere', baseline, '{allowed: false, findings: [spec.hostPID]}', false],
  ['a message', noHostNetwork, '{allowed: false, message: not for you}', true],
  ['another message', noHostNetwork, '{allowed: false, message: not for me}', false],
  ['warned', warning, `{allowed: true, warned: [${rule}], warnings: 1}`, true],
  ['warned by another rule', warning, '{allowed: true, warned: [other]}', false],
  ['not warned', warning, '{allowed: true, warned: []}', false],
  ['a part of each warning', warning, '{allowed: true, warnings: [not for you]}', true],
  ['a warning that is not there', warning, '{allowed: true, warnings: [not for you, else]}', false],
  ['a warning left over', warning, '{allowed: true, warnings: []}', false],
  ['fewer warnings', warning, '{allowed: true, warnings: 0}', false],
  ['excused', excepted, `{allowed: true, excused: [${rule}]}`, true],
  ['not excused', excepted, '{allowed: true, excused: []}', false],
  ['excused until its end', excepted, '{allowed: true}', true, 'time: "2026-12-30T23:59:59.9Z"'],
  [
    'not from then on',
    excepted,
    '{allowed: false, excused: []}',
    true,
    'time: 2027-01-01T00:00:00+00:00',
  ],
  ['an error that nobody expects', erring, '{allowed: true}', false],
  ['an error that is expected', erring, `{allowed: true, errors: [${rule}]}`, true],
  ['no error where one is expected', warning, `{allowed: true, errors: [${rule}]}`, false],
  ['what is unknown, allowed', unknowing, '{allowed: true}', false],
  ['what is unknown, denied', unknowing, '{allowed: false}', false],
  ['what is unknown, as an error', unknowing, '{allowed: true, errors: [no-host-network]}', false],
  ['mode AuditOnly refuses nothing', auditOnly, '{allowed: false}', false],
];

test('a case holds when everything comes as it expects, and only then', async (t) => {
  for (const [name, law, expect, holds, fields = ''] of expectations) {
    const ran = await run(t, { 'c.yaml': one(fields, expect) }, { law: { 'p.yaml': law } });
    t.equal(ran.code, holds ? 0 : 1, `${name}: ${ran.stdout}${ran.stderr}`);
    t.match(ran.stderr, name.includes('AuditOnly') ? /audit-only: warning/ : /^$/, name);
  }
});

const two = `${noHostNetwork}---\n${noHostNetwork.replaceAll('no-host-network', 'other')}---\n${baseline}`;

test('spec.policies leaves all other policies out, and names none that is not there', async (t) => {
  const cases: readonly [names: string, expect: string, code: number][] = [
    ['[no-host-network]', `{allowed: false, denied: [${rule}]}`, 0],
    ['[other, no-host-network]', `{allowed: false, denied: [other/host-network, ${rule}]}`, 0],
    ['[pod-security]', '{allowed: false, denied: [pod-security/hostNamespaces]}', 0],
    ['[other]', `{allowed: false, denied: [${rule}]}`, 1],
    ['[no-hots-network]', '{allowed: true}', 2],
  ];
  for (const [names, expect, code] of cases) {
    const file = one('', expect, `policies: ${names}\n  base:\n    ${base}`);
    const ran = await run(t, { 'c.yaml': file }, { law: { 'p.yaml': two } });
    t.equal(ran.code, code, `${names}: ${ran.stdout}${ran.stderr}`);
    if (code !== 2) continue;
    t.match(
      ran.stderr,
      /^cases\/c\.yaml:5:14: policy-reference: there is no policy "no-hots-network"/,
    );
    t.match(ran.stderr, 'fix: did you mean "no-host-network"?');
  }
});

/** `at`: a text of the file that the fault stands at. */
type Broken = readonly [text: string, at: string, says: string];
const exec = 'object: {apiVersion: v1, kind: PodExecOptions}';
const box = 'object: {apiVersion: a.b/v1, kind: Box, metadata: {name: x}}';
const namespace = 'object: {apiVersion: v1, kind: Namespace, metadata: {name: nn}}';
const broken: readonly Broken[] = [
  [one('', '{allowed: true, denied: [a]}'), '[a]', 'what is allowed is denied by no rule'],
  [one('', '{allowed: true, message: a}'), 'a}', 'so none says why'],
  [one('', '{allowed: false, denied: []}'), '[]', 'name the rules that deny'],
  [one('', '{denied: [a]}'), '{denied', 'expect.allowed is missing'],
  [one('', '{allowed: true, warnings: many}'), 'many', 'expect.warnings must be integer'],
  [one('', '{allowed: true, warnings: [1]}'), '1]', 'expect.warnings[0] must be a string'],
  [one('', '{allowed: true, denies: [a]}'), 'denies:', 'did you mean "denied"?'],
  [one('oldObjects: {}'), 'oldObjects', 'did you mean "oldObject"?'],
  [one('', undefined, 'base:'), '{name: one', 'spec.base is not there to be changed'],
  [one('file: nowhere.yaml'), 'nowhere', 'it does not exist'],
  [one('file: /etc/hostname'), '/etc', 'must be relative'],
  [one('file: two.yaml'), 'two.yaml', 'it holds 2 documents, not one'],
  [one('file: list.yaml'), 'list.yaml', 'it is no mapping'],
  [one('file: two.yaml, object: {}'), 'two.yaml', 'object or file, not both'],
  [one('oldChanges: {/a: b}'), '{/a', 'set operation: UPDATE'],
  [one('changes: {/spec/hostNetwrk: null}'), 'null', 'there is no "hostNetwrk" to be taken out'],
  [one('changes: {/spec/containers/9/image: far}'), 'far', 'the list has only 1 items'],
  [one('changes: {/spec/containers/first/image: far}'), 'far', '"first" is no index of a list'],
  [one('changes: {/kind/a: far}'), 'far', 'neither a mapping nor a list'],
  [one(`changes: {"${'/a'.repeat(300)}": far}`), 'far', 'it leads too deep'],
  [one('changes: {spec: far}'), '{spec', 'must match pattern'],
  [one('object: {kind: Pod}'), '{kind: Pod', 'needs apiVersion and kind'],
  [one('object: {apiVersion: a/b/c, kind: Pod}'), '{apiVersion: a/', 'GROUP/VERSION'],
  [
    one('changes: {/metadata/labels: {a: 1}}'),
    '{/metadata',
    'metadata.labels.a of the object must be a string',
  ],
  [
    one(box),
    '{apiVersion: a.b',
    'fix: name it, if this is it: resource: {group: "a.b", version: v1, resource: boxs}',
  ],
  [one(`${exec}, subResource: attach`), 'attach', 'is sent to pods/exec'],
  [one(`${exec}, operation: CREATE`), 'CREATE', 'comes with CONNECT'],
  [one('operation: CONNECT'), 'CONNECT', 'CONNECT comes with an object such as PodExecOptions'],
  [
    one('operation: UPDATE, oldObject: {apiVersion: v1, kind: Node}'),
    '{name: one',
    'the API server would never send this',
  ],
  [
    one('namespace: {name: b}, object: {apiVersion: v1, kind: Pod, metadata: {namespace: a}}'),
    '{apiVersion: v1, kind: Pod, m',
    'is in the namespace "a", but the case in "b"',
  ],
  [one(`${namespace}, namespace: {labels: {}}`), '{labels', 'Namespace is in no namespace'],
  [one('time: yesterday'), 'yesterday', 'for example 2027-01-31T18:00:00Z'],
  [one('time: "2026-02-30T00:00:00Z"'), '"2026', 'must be an RFC 3339 time'],
  [
    one('params: [{kind: ConfigMap, metadata: {name: a}}]'),
    '{kind: ConfigMap',
    'a param object needs apiVersion',
  ],
  [one('').replace('kind: PolicyTest', 'kind: PolicyTset'), 'PolicyTset', 'is not read under'],
];
const beside = { 'two.yaml': `${badPod}---\n${goodPod}`, 'list.yaml': '[]\n' };

test('a broken case is a fault at its place, with what to do; all are told at once, and nothing is run', async (t) => {
  const texts = broken.map(([text], i) => [`${i + 10}.yaml`, text]);
  const ran = await run(t, { ...Object.fromEntries(texts), ...beside });
  t.match(ran, { code: 2, stdout: '' });
  const told = ran.stderr.split(/^(?=cases\/)/m);
  t.equal(told.length, broken.length);
  for (const [i, [text, at, says]] of broken.entries()) {
    const before = text.slice(0, text.indexOf(at)).split('\n');
    const place = `cases/${i + 10}.yaml:${before.length}:${(before.at(-1) ?? '').length + 1}: `;
    const fault = told[i] ?? '';
    t.ok(fault.startsWith(place), `${place} ${fault}`);
    t.ok(fault.includes(says), `${says}: ${fault}`);
  }
});

test('faults of policies, cases and the files that they name are told all at once, each once', async (t) => {
  const files = {
    'a.yaml': one('file: broken.yaml'),
    'b.yaml': suite('  - {name: x, expect: {allowed: true, denys: [a]}}\n  - {nam: y}\n'),
    'broken.yaml': 'a: [\n',
  };
  const law = { 'p.yaml': noHostNetwork.replace('message:', 'massage:') };
  const folder = t.testdir({ cases: files, policies: law });
  const args = ['test', join(folder, 'cases'), '-p', join(folder, 'policies'), '-o', 'json'];
  const { code, stdout, stderr } = await sekisho(folder, args);
  t.equal(code, 2);
  const told = items(get(JSON.parse(stdout), 'faults'));
  t.same(
    told.map((fault) => [get(fault, 'file'), get(fault, 'code')]),
    [
      ['cases/b.yaml', 'policy-field'],
      ['cases/b.yaml', 'policy-field'],
      ['cases/b.yaml', 'policy-field'],
      ['cases/b.yaml', 'policy-field'],
      ['cases/broken.yaml', 'yaml-syntax'],
      ['policies/p.yaml', 'policy-field'],
    ],
  );
  t.equal(stderr.match(/^\S+:\d+:\d+: /gm)?.length, told.length);
  t.match(get(JSON.parse(stdout), 'summary'), { cases: 0, passed: 0, failed: 0 });
});

function items(value: JsonValue | undefined): readonly JsonValue[] {
  return isArray(value) ? value : [];
}

const many = suite(
  ['a pod', 'another pod', 'a node']
    .map((name) => `  - {name: ${name}, expect: {allowed: ${name === 'a node'}}}\n`)
    .join(''),
);

test('--filter runs the cases that have the text in their name; none is exit code 2, as no case at all is', async (t) => {
  const cases: readonly [files: Files, args: readonly string[], code: number, says: string][] = [
    [{ 'c.yaml': many }, [], 1, '3 cases: 2 passed, 1 failed'],
    [{ 'c.yaml': many }, ['--filter=pod'], 0, '2 cases: 2 passed'],
    [{ 'c.yaml': many }, ['--filter=another'], 0, '1 case: 1 passed'],
    [{ 'c.yaml': many }, ['--filter=Pod'], 2, 'none of the 3 cases has "Pod" in its name'],
    [{ 'p.yaml': goodPod }, [], 2, 'cases-none: no case of a PolicyTest is here'],
    [{ 'p.yaml': goodPod }, ['--filter=Pod'], 2, 'cases-none: no case of a PolicyTest is here'],
    [{ 'c.yaml': many }, ['--output=sarif'], 2, '"sarif" is no output format'],
    [{ 'c.yaml': many }, ['--policies=-', '-p-'], 2, 'standard input is named more than once'],
    [{ 'c.yaml': many }, ['--output=json=/nowhere/x'], 2, 'file-unwritable'],
    [{}, ['/nowhere'], 2, 'nowhere: file-unreadable: it does not exist'],
  ];
  for (const [files, args, code, says] of cases) {
    const ran = await run(t, files, { args });
    t.equal(ran.code, code, `${args}: ${ran.stdout}${ran.stderr}`);
    t.ok((ran.stdout + ran.stderr).includes(says), `${says}: ${ran.stdout}${ran.stderr}`);
    t.equal(ran.stderr !== '', code === 2);
  }
});

test('a PolicyTest comes from standard input too, and files are then beside the caller', (t) => {
  const folder = t.testdir({ 'p.yaml': noHostNetwork, 'good.yaml': goodPod });
  const args = [join(import.meta.dirname, '../../src/main.ts'), 'test', '-', '-p', 'p.yaml'];
  const input = `${one('file: good.yaml', '{allowed: true}')}---\n${one('file: good.yaml')}`;
  const ran = spawnSync(process.execPath, args, { cwd: folder, input });
  t.equal(ran.status, 1, String(ran.stderr));
  t.match(String(ran.stdout), /^<stdin>:23:5: failed: "one"\n/);
  t.match(String(ran.stdout), '2 cases: 1 passed, 1 failed\n');
  t.end();
});

test('items of a List are PolicyTests like others, and their faults have their own places', async (t) => {
  const item = one('').trimEnd().replaceAll('\n', '\n    ');
  const list = `apiVersion: v1\nkind: List\nitems:\n  - ${item}\n`;
  t.equal((await run(t, { 'c.yaml': list })).code, 0);
  const wrong = await run(t, { 'c.yaml': list.replace('allowed: false', 'alowed: false') });
  t.match(wrong.stderr, /^cases\/c\.yaml:14:\d+: policy-field: /);
});

const hostile = '"a\\e[2J\\n::error ::b"';
const everything =
  '{allowed: true, warned: [a], excused: [b], errors: [c], findings: [d], warnings: 2}';
const texts: readonly [name: string, cases: string, law: string, args: readonly string[]][] = [
  ['all hold', one(''), noHostNetwork, []],
  ['some fail', many, two, []],
  ['quiet', many, two, ['-q']],
  ['every kind of difference', one('', everything), `${warning}---\n${baseline}`, []],
  [
    'another denial, another message, no warning',
    one('', '{allowed: false, denied: [a], message: m, warnings: [w], findings: [spec]}'),
    noHostNetwork,
    [],
  ],
  [
    'unknown, and an error',
    one('', '{allowed: true}'),
    `${unknowing}---\n${erring.replaceAll('no-host-network', 'errs')}`,
    [],
  ],
  ['AuditOnly', one(''), auditOnly, []],
  [
    'a hostile name',
    one('', '{allowed: true}').replace('name: one', `name: ${hostile}`),
    noHostNetwork,
    [],
  ],
  ['github', many.replace('a node', '"100%, a: node"'), noHostNetwork, ['--output=github']],
  ['junit', many, noHostNetwork, ['--output=junit']],
  ['a fault', one('', '{allowed: true, deny: [a]}'), noHostNetwork, ['--output=github']],
];

test('texts read as the golden file says', async (t) => {
  const told: string[] = [];
  for (const [name, cases, law, args] of texts) {
    const options = { law: { 'p.yaml': law }, args };
    const { code, stdout, stderr } = await run(t, { 'c.yaml': cases }, options);
    const errors = stderr === '' ? '' : `-- standard error\n${stderr}`;
    told.push(`== ${name} (exit code ${code})\n${stdout}${errors}`);
  }
  const all = told.join('\n');
  t.equal(all, golden('test.txt', all));
});

test('-o json has every case with its decision; -o jsonl the same line by line; several reports at once', async (t) => {
  const folder = t.testdir({ cases: { 'c.yaml': many }, policies: { 'p.yaml': noHostNetwork } });
  const out = join(folder, 'out.xml');
  const paths = [join(folder, 'cases'), '-p', join(folder, 'policies'), '-o', `junit=${out}`];
  const json = JSON.parse((await sekisho('', ['test', ...paths, '-o', 'json'])).stdout);
  t.match(json, {
    cases: [
      { name: 'a pod', line: 11, column: 5, passed: true, differences: [] },
      { name: 'another pod', passed: true, decision: { allowed: false } },
      { name: 'a node', passed: false, differences: [{ field: 'allowed', expected: 'allowed' }] },
    ],
    faults: [],
    summary: { cases: 3, passed: 2, failed: 1 },
  });
  const xml = readFileSync(out, 'utf8');
  t.match(xml, '<testsuites name="sekisho test" tests="3" failures="1" errors="0"');
  const lines = (await sekisho('', ['test', ...paths, '-o', 'jsonl'])).stdout.trimEnd().split('\n');
  const parsed = lines.map((line) => JSON.parse(line));
  t.same(parsed, [...json.cases, { summary: json.summary }]);
  t.equal(getIn(json, ['cases', 0, 'decision', 'request', 'operation']), 'CREATE');
});

test('colour only on a terminal, and a long run says there how far it is', async (t) => {
  let clock = 0;
  const elapsed = (): number => {
    clock += 600;
    return clock;
  };
  const bad = await run(t, { 'c.yaml': many }, { world: { terminal: true, elapsed } });
  t.match(bad.stdout, '\u001b[31mfailed\u001b[0m');
  t.match(bad.stderr, 'checked 2 of 3 ');
  t.ok(bad.stderr.endsWith('\r\u001b[K'));
  const piped = await run(t, { 'c.yaml': many }, { world: { elapsed } });
  t.notMatch(piped.stdout, '\u001b');
  t.equal(piped.stderr, '');
});
