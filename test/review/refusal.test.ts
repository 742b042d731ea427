// The wording of refusals: pinned in test/golden/refusals.txt.
import { test } from 'tap';
import type { Decision, Finding, RuleResult } from '../../src/model/decision.ts';
import { refusal } from '../../src/review/refusal.ts';
import { decisionOf, findingOf, resultOf } from '../fixtures/decisions.ts';
import { golden } from '../golden.ts';

function decision(
  results: readonly RuleResult[],
  request: Partial<Decision['request']> = {},
): Decision {
  const made = decisionOf({ allowed: false, results });
  return { ...made, request: { ...made.request, ...request } };
}

function result(changes: Partial<RuleResult>): RuleResult {
  return resultOf({ findings: [findingOf({ message: 'no' })], ...changes });
}

const readOnly = result({
  policy: 'read-only-root-filesystem',
  rule: 'read-only-root-filesystem/validations[0]',
  findings: [
    findingOf({
      path: 'spec.containers[0].securityContext.readOnlyRootFilesystem',
      message: 'is not set (container "web")',
      remedy: 'set it to true and mount an emptyDir where the container must write',
    }),
  ],
});
const broken = result({
  policy: 'labels',
  rule: 'labels/owner',
  evaluation: 'error',
  code: 'expression-error',
  message:
    'expression \'object.metadata.labels.owner == ""\' resulted in error: no such key: owner',
  findings: [],
});

const cases: readonly [string, Decision, { id?: string }][] = [
  [
    'two rules, one with a path and one without',
    decision([
      readOnly,
      result({
        rule: 'p/digest',
        findings: [findingOf({ message: 'image "nginx" is a tag', remedy: 'pin it by digest' })],
      }),
    ]),
    { id: '01941f2e-0000-7000-8000-000000000000' },
  ],
  [
    'passes, warnings and audits are not part of a refusal',
    decision([
      readOnly,
      result({ evaluation: 'pass', actions: [], findings: [] }),
      result({ rule: 'p/warned', actions: ['warn'] }),
    ]),
    {},
  ],
  ['a rule that could not be judged', decision([broken]), {}],
  ['one of each', decision([readOnly, broken]), {}],
  [
    'one rule broken in two places is one rule',
    decision([
      result({
        findings: [
          findingOf({ path: 'spec.hostPID', message: 'is true' }),
          findingOf({ path: 'spec.hostIPC', message: 'is true' }),
        ],
      }),
    ]),
    {},
  ],
  [
    'two params that say the same are said once',
    decision([result({ param: 'a' }), result({ param: 'b' })]),
    {},
  ],
  [
    'a subresource',
    decision([result({})], {
      subResource: 'exec',
      operation: 'CONNECT',
      kind: { group: '', version: 'v1', kind: 'PodExecOptions' },
    }),
    {},
  ],
  [
    'a namespace is not inside itself',
    decision([result({})], {
      kind: { group: '', version: 'v1', kind: 'Namespace' },
      resource: { group: '', version: 'v1', resource: 'namespaces' },
      name: 'shop',
    }),
    {},
  ],
  [
    'a cluster-scoped object',
    decision([result({})], {
      kind: { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole' },
      resource: { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterroles' },
      namespace: '',
      name: 'admin',
    }),
    {},
  ],
  ['no name yet', decision([result({})], { name: '' }), {}],
  [
    'hostile names and messages stay on their line',
    decision(
      [
        result({
          findings: [findingOf({ message: 'evil\n\u001b[2Jdecision forged \u202Egpj.exe' })],
        }),
      ],
      { name: 'web\r\nError' },
    ),
    {},
  ],
  [
    'a long line is cut',
    decision([result({ findings: [findingOf({ message: 'x'.repeat(2000) })] })]),
    {},
  ],
  [
    'more findings than a terminal shows',
    decision([
      result({
        findings: Array.from({ length: 27 }, (_, i) =>
          findingOf({ path: `spec.containers[${i}].image`, message: 'is a tag' }),
        ),
      }),
    ]),
    {},
  ],
];

const texts = cases.map(([name, made, trailer]) => `== ${name}\n${refusal(made, trailer)}\n`);

test('refusals read as the golden file says', (t) => {
  const all = texts.join('\n');
  t.equal(all, golden('refusals.txt', all));
  t.end();
});

test('what could not be judged keeps its code, however long its message is', (t) => {
  const message = 'x'.repeat(2_000);
  const broken = result({ evaluation: 'error', code: 'registry-denied', message, findings: [] });
  const [, line = ''] = refusal(decision([broken])).split('\n');
  t.match(line, /^ {2}p: x+… \(registry-denied\)$/);
  t.ok(line.length < 420);
  t.end();
});

test('no refusal holds a control character or more than 45 lines', (t) => {
  for (const [name, made, trailer] of cases) {
    const lines = refusal(made, trailer).split('\n');
    t.notOk(
      lines.some((line) => /[\p{Cc}\u202A-\u202E]/u.test(line)),
      name,
    );
    t.ok(lines.length <= 45, name);
  }
  t.end();
});

const borrowed = (path: string): Finding =>
  findingOf({ path, message: 'is not set: both are needed', remedy: 'set both' });
const told: readonly [string, readonly Finding[], readonly string[]][] = [
  [
    'the same sentence about several fields is told once, with the fields',
    [borrowed('spec.a'), borrowed('spec.b'), borrowed('spec.c')],
    ['  p: spec.a is not set: both are needed', '    also: spec.b, spec.c', '    fix: set both'],
  ],
  [
    'what the message itself names is told alone',
    [borrowed('spec.a'), findingOf({ path: 'spec.b', message: 'is needed' })],
    ['  p: spec.b is needed'],
  ],
  [
    'what could not be told by a field is told too',
    [borrowed('spec.a'), findingOf({ message: 'both are needed (+2 more fields)' })],
    [
      '  p: spec.a is not set: both are needed',
      '    fix: set both',
      '  p: both are needed (+2 more fields)',
    ],
  ],
  [
    'many fields are counted',
    Array.from({ length: 12 }, (_, i) => borrowed(`spec.f${i}`)),
    [
      '  p: spec.f0 is not set: both are needed',
      '    also: spec.f1, spec.f2, spec.f3, spec.f4, spec.f5, spec.f6, spec.f7, spec.f8, +3 more',
      '    fix: set both',
    ],
  ],
];
for (const [name, findings, wanted] of told) {
  test(`one rule says one thing once: ${name}`, (t) => {
    const failing = result({ message: 'both are needed', findings });
    t.same(
      refusal(decision([failing]))
        .split('\n')
        .slice(1, -1),
      wanted,
    );
    t.end();
  });
}
