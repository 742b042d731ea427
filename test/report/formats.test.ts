// Reports for CI: what a denial, a warning and a fault become in JUnit, SARIF and GitHub's annotations; and that none
// of them can lose a denial or be forged by what a name contains.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { test } from 'tap';
import type { Diagnostic } from '../../src/base/diagnostic.ts';
import { get, getIn, isArray, type JsonValue } from '../../src/base/json.ts';
import type { RuleResult } from '../../src/model/decision.ts';
import { createTally, type Entry } from '../../src/report/entry.ts';
import { formats } from '../../src/report/format.ts';
import { caseFormats } from '../../src/report/test/format.ts';
import { baseline, noHostNetwork, sekisho } from '../cli/harness.ts';
import { policySet } from '../fixtures/decisions.ts';
import { golden } from '../golden.ts';
import { xmlFault } from './xml.ts';

const pod = (name: string, spec: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  ${spec}\n`;
const manifests = {
  'bad.yaml': `${pod('web', 'hostNetwork: true\n  containers: []')}---\n${pod('fine', 'containers: []')}`,
  'faulty.yaml': `foo: "{0} [x](http://y) 100%"\n---\n${pod('"a<b>,c:d"', 'hostPID: true')}`,
  'odd.yaml': `${pod('old', 'hostNetwork: true')}`.replace('v1', 'v2'),
};
const warning = noHostNetwork
  .replaceAll('no-host-network', 'warn-host-network')
  .replace('[Deny]', '[Warn]');
const goldens = { junit: 'junit.xml', sarif: 'sarif.json', github: 'github.txt' } as const;

for (const [format, file] of Object.entries(goldens)) {
  test(`check -o ${format} reads as the golden file says, on standard output and in a file alike`, async (t) => {
    const policies = { 'p.yaml': noHostNetwork, 'q.yaml': baseline, 'w.yaml': warning };
    const folder = relative(process.cwd(), t.testdir({ policies, manifests }));
    const out = join(folder, 'out');
    const args = ['check', join(folder, 'manifests'), '-p', join(folder, 'policies')];
    const { code, stdout } = await sekisho(folder, [...args, '-o', format, '-o', `json=${out}`]);
    t.equal(code, 2, 'a fault is among them');
    const pinned = stdout.replaceAll(/sha256:[0-9a-f]{12}/g, 'sha256:…');
    t.equal(pinned, golden(file, pinned));
    const again = await sekisho(folder, [...args, '-o', `${format}=${out}`]);
    t.equal(again.stdout, '');
    t.equal(readFileSync(out, 'utf8').replaceAll(`${folder}/`, ''), stdout);
  });
}

test('the scan of XML finds what is not well formed', (t) => {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  t.equal(xmlFault(`${head}<a b="1&lt;">x &amp; y<c/></a>\n`), undefined);
  const bad = [
    '',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    '<a b="<"/>',
    '<a b="1" b="2"/>',
    '<a>&#0;</a>',
    'x<a/>',
  ];
  const worse = [
    '<a>\u001b</a>',
    '<a>\uFFFE</a>',
    '<a>]]></a>',
    '<a>\uD800</a>',
    '<a b="\n"/>',
    '<!-- -->',
  ];
  for (const xml of [...bad, ...worse]) t.type(xmlFault(head + xml), 'string', xml);
  t.type(xmlFault('<a/>'), 'string');
  t.end();
});

type Made = {
  readonly text: string;
  readonly rule: string;
  readonly file: string;
  readonly actions: RuleResult['actions'];
  readonly evaluation: RuleResult['evaluation'];
  readonly withFinding: boolean;
  readonly allowed: boolean;
};

/** Whatever stands in a manifest stands in every text of its entry. */
function entryOf({ text, rule, file, actions, evaluation, withFinding, allowed }: Made): Entry {
  const finding = { path: text, pointer: '', value: text, allowed: [text], message: text };
  const position = { file, line: 3, column: 7 };
  const result: RuleResult = {
    policy: rule,
    binding: rule,
    param: text,
    kind: 'ValidatingAdmissionPolicy',
    rule,
    mode: null,
    evaluation,
    actions,
    code: 'validation-failed',
    reason: 'Invalid',
    message: text,
    findings: withFinding ? [{ ...finding, remedy: text, patch: [], position }] : [],
    exception: null,
    controls: [text],
  };
  const pod = { group: '', version: 'v1', kind: text };
  return {
    place: { file, line: 2, column: 1 },
    checked: {
      source: { file, document: 0, line: 2, notes: [text] },
      request: {
        uid: '',
        operation: 'CREATE',
        kind: pod,
        resource: { group: '', version: 'v1', resource: text },
        namespace: text,
        name: text,
        userInfo: { username: text, groups: [] },
        dryRun: false,
      },
      allowed,
      policySet,
      results: [result],
      warnings: [text],
      auditAnnotations: {},
      inputs: [],
    },
  };
}

function reportOf(name: string, entries: readonly Entry[], faults: readonly Diagnostic[]): string {
  const report = formats.find((format) => format.name === name)?.create(plain);
  if (report === undefined) throw new Error(`no format ${name}`);
  const tally = createTally();
  for (const { checked } of entries) tally.add(checked);
  const middle = entries.map((entry) => report.decision(entry)).join('');
  const closing = { summary: tally.summary(), faults, rulesRun: 0, notVerified: 0, ran: true };
  return report.begin() + middle + report.end(closing);
}

const plain = { color: false, quiet: false };

/** What ends an XML text, a line, a property, a JSON text or a workflow command, among any other characters. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom('\n', '\r\n', '\u0000', '\u001b[2J', '<', '>', '&', '"', "'", ']]>', '-->'),
      fc.constantFrom('::', '%0A', '%', ',', ':', '::error ::x', '{0}', '](', '\uFFFE', '\uD800'),
      fc.constantFrom('\u2028', '\u202E', '&#0;', '<!DOCTYPE x>', '\t', '\u0085', '/', '__proto__'),
      fc.string({ unit: 'binary', maxLength: 6 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

const made: fc.Arbitrary<Made> = fc.record({
  text: hostile,
  rule: hostile.map((text) => `r${text}`),
  file: hostile.map((text) => `f${text}`),
  actions: fc.constantFrom([], ['deny'], ['warn'], ['deny', 'warn'], ['audit']),
  evaluation: fc.constantFrom('fail', 'error', 'unknown', 'pass'),
  withFinding: fc.boolean(),
  allowed: fc.boolean(),
});
const entries = fc.array(made.map(entryOf), { maxLength: 4 });
const faults = fc.array(
  fc.record({
    code: fc.constant('manifest-kind' as const),
    message: hostile,
    file: hostile.map((text) => `f${text}`),
    line: fc.nat(3),
    column: fc.nat(3),
    fix: hostile,
  }),
  { maxLength: 3 },
);
const runs = { numRuns: 200 };

const denied = (list: readonly Entry[]): number => list.filter((e) => !e.checked.allowed).length;

test('JUnit is well-formed XML with a failure for each denial and an error for each fault, and its counts are right', (t) => {
  fc.assert(
    fc.property(entries, faults, (list, wrong) => {
      const xml = reportOf('junit', list, wrong);
      assert.equal(xmlFault(xml), undefined, xml);
      const many = (tag: string): number => xml.split(tag).length - 1;
      const head = xml.split('\n')[1] ?? '';
      assert.equal(many('<failure '), denied(list));
      assert.equal(many('<testcase '), list.length + wrong.length);
      assert.ok(many('<error ') >= wrong.length);
      assert.ok(head.includes(` tests="${list.length + wrong.length}" failures="${denied(list)}"`));
      assert.ok(head.includes(` errors="${many('<error ')}"`));
    }),
    runs,
  );
  t.end();
});

test('SARIF has the members that are required, a result of level error for each denial, and every rule once', (t) => {
  fc.assert(
    fc.property(entries, faults, (list, wrong) => {
      const log: JsonValue = JSON.parse(reportOf('sarif', list, wrong));
      assert.equal(get(log, 'version'), '2.1.0');
      const run = getIn(log, ['runs', 0]);
      assert.equal(getIn(run, ['tool', 'driver', 'name']), 'sekisho');
      const rules = items(getIn(run, ['tool', 'driver', 'rules']));
      const ids = rules.map((rule) => get(rule, 'id'));
      assert.equal(new Set(ids).size, ids.length);
      for (const rule of rules)
        assert.equal(typeof getIn(rule, ['shortDescription', 'text']), 'string');
      const results = items(get(run, 'results'));
      for (const result of results) {
        assert.equal(ids[Number(get(result, 'ruleIndex'))], get(result, 'ruleId'));
        assert.equal(typeof getIn(result, ['message', 'text']), 'string');
        const at = getIn(result, ['locations', 0, 'physicalLocation']);
        assert.match(String(getIn(at, ['artifactLocation', 'uri'])), /^[\w.!~*'()%/-]+$/);
        assert.ok(Number(getIn(at, ['region', 'startLine'])) >= 1);
        assert.ok(Number(getIn(at, ['region', 'startColumn'])) >= 1);
      }
      assert.ok(results.filter((r) => get(r, 'level') === 'error').length >= denied(list));
      const [invocation] = items(get(run, 'invocations'));
      assert.equal(get(invocation, 'executionSuccessful'), wrong.length === 0);
      const told = items(get(invocation, 'toolExecutionNotifications'));
      assert.deepEqual(
        told.map((each) => get(each, 'level')),
        wrong.map(() => 'error'),
      );
    }),
    runs,
  );
  t.end();
});

function items(value: JsonValue | undefined): readonly JsonValue[] {
  return isArray(value) ? value : [];
}

/** As the runner reads a line: properties end at the first `::` after the command. */
const annotation =
  /^::(error|warning|notice) file=[^:,]*(?:,line=\d+,col=\d+)?,title=[^:,]*::(?!$)/;

test('each of GitHub’s annotations is exactly one line, and there is one of level error for each denial and fault', (t) => {
  fc.assert(
    fc.property(entries, faults, (list, wrong) => {
      for (const [entry, fault] of [[list, []] as const, [[], wrong] as const]) {
        const text = reportOf('github', entry, fault);
        const lines = text.split(/[\n\r\u2028\u2029\u0085]/).slice(0, -1);
        for (const line of lines) assert.match(line, annotation);
        assert.equal(text, lines.map((line) => `${line}\n`).join(''));
        const errors = lines.filter((line) => line.startsWith('::error ')).length;
        assert.ok(errors >= fault.length);
      }
      for (const entry of list) {
        const text = reportOf('github', [entry], []);
        assert.equal(!entry.checked.allowed && !text.includes('::error '), false, text);
      }
    }),
    runs,
  );
  t.end();
});

test('the same holds of the formats of test results: no failed case is lost, none breaks its format', (t) => {
  fc.assert(
    fc.property(fc.array(made, { maxLength: 4 }), fc.boolean(), (list, fails) => {
      const results = list.map((each) => ({
        name: each.text,
        place: { file: each.file, line: 2, column: 3 },
        differences: fails
          ? [{ field: 'denied' as const, expected: each.rule, got: each.text }]
          : [],
        decision: entryOf(each).checked,
      }));
      const failed = fails ? list.length : 0;
      const texts = new Map(
        caseFormats.map((format) => {
          const report = format.create(plain);
          const middle = results.map((entry) => report.decision(entry)).join('');
          const summary = { cases: list.length, passed: list.length - failed, failed };
          return [format.name, report.begin() + middle + report.end({ summary, faults: [] })];
        }),
      );
      const text = (name: string): string => texts.get(name) ?? '';
      assert.equal(xmlFault(text('junit')), undefined);
      assert.equal(text('junit').split('<failure ').length - 1, failed);
      assert.equal(text('github').split('\n').length - 1, failed);
      assert.equal(text('text').split('\n').length - 1, list.length === 0 ? 0 : 2 * failed + 1);
      assert.doesNotMatch(text('text'), /[^\P{Cc}\n]/u);
      assert.equal(items(get(JSON.parse(text('json')), 'cases')).length, list.length);
      assert.equal(text('jsonl').split('\n').length - 1, list.length + 1);
    }),
    runs,
  );
  t.end();
});

test('a denial without any result that denies is told all the same', (t) => {
  const entry = entryOf({
    ...{ text: 'x', rule: 'r', file: 'f', actions: [], evaluation: 'pass', withFinding: false },
    allowed: false,
  });
  t.match(reportOf('github', [entry], []), /^::error file=f,line=2,col=1,title=sekisho\/denied::/);
  t.match(JSON.parse(reportOf('sarif', [entry], [])), {
    runs: [
      {
        results: [
          { ruleId: 'sekisho/denied', level: 'error' },
          { ruleId: 'sekisho/warning', level: 'warning' },
        ],
      },
    ],
  });
  t.match(reportOf('junit', [entry], []), '<failure ');
  t.end();
});

test('braces and links in a name are no placeholders and no links in SARIF', (t) => {
  const entry = entryOf({
    ...{ text: '{0} [a](http://b)', rule: 'r', file: 'f', actions: ['deny'], evaluation: 'fail' },
    ...{ withFinding: true, allowed: false },
  });
  const text = getIn(JSON.parse(reportOf('sarif', [entry], [])), [
    'runs',
    0,
    'results',
    0,
    'message',
    'text',
  ]);
  t.match(text, '{{0}} [a] (http://b)');
  t.notMatch(text, '](');
  t.end();
});
