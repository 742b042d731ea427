// What the bundle's policies say of a field is true: for each case that is refused, changing nothing but the fields that
// a rule's findings name makes that rule pass.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { getIn, isObject, type JsonValue } from '../../src/base/json.ts';
import { decideCase } from '../../src/cli/test/decide.ts';
import type { RuleResult } from '../../src/model/decision.ts';
import type { PolicySet } from '../../src/policy/model.ts';
import type { PolicyCase } from '../../src/policy/policy-test.ts';
import { type Change, mends, removed, type Verdict } from '../cel/mend.ts';
import { turn } from '../fixtures/ports.ts';
import { bundlePath, casesOf, policySetAt } from './load.ts';

const folders = readdirSync(bundlePath).sort();

/** Policies whose verdict is no matter of a field of the object, and why. */
const noField: ReadonlyMap<string, string> = new Map([
  ['default-deny-network-policy', 'it is about its params: a NetworkPolicy of the namespace'],
  ['no-exec-in-production', 'it is about who asks for what'],
]);

const stepsOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** Values to try: of each kind, and what the policy's own texts hold. */
function candidatesOf(folder: string): readonly Change[] {
  const text = readdirSync(join(bundlePath, folder))
    .filter((name) => name.endsWith('.yaml') && name !== 'cases.yaml')
    .map((name) => readFileSync(join(bundlePath, folder, name), 'utf8'))
    .join('\n');
  const quoted = [...text.matchAll(/"([^"\n]*)"|'([^'\n]*)'/g)].map((m) => m[1] ?? m[2] ?? '');
  const words = [...new Set([...quoted, ...text.split(/\s+/).filter((w) => w.endsWith('/'))])];
  const texts = words.filter((word) => word.length < 60);
  const images = texts.filter((word) => word.endsWith('/')).map((word) => `${word}app:1`);
  const digest = `registry.example/app@sha256:${'0'.repeat(64)}`;
  return [removed, false, true, 1, {}, [], digest, ...images, '1', '100Mi', ...texts, texts, 'x'];
}

type Attempted = { readonly made: PolicyCase; readonly set: PolicySet; readonly rule: string };

const failing = (results: readonly RuleResult[]): readonly RuleResult[] =>
  results.filter(({ evaluation }) => evaluation === 'fail' || evaluation === 'error');
const named = (results: readonly RuleResult[]): readonly string[] => [
  ...new Set(failing(results).flatMap(({ findings }) => findings.map(({ pointer }) => pointer))),
];

async function judge({ made, set, rule }: Attempted, object: JsonValue): Promise<Verdict> {
  if (!isObject(object)) return { kind: 'failed', named: [] };
  const attempt = { ...made.attempt, object };
  const { results } = await decideCase(set, { ...made, attempt }, turn);
  const bad = failing(results.filter((result) => result.rule === rule));
  const failed = bad.some(({ evaluation }) => evaluation === 'error');
  return { kind: bad.length === 0 ? 'passes' : failed ? 'failed' : 'refused', named: named(bad) };
}

function mended(
  attempted: Attempted,
  pointers: readonly string[],
  tries: readonly Change[],
): Promise<boolean> {
  const { object, oldObject } = attempted.made.attempt;
  const fields = pointers.map((name) => {
    const before = getIn(oldObject, stepsOf(name));
    return { name, path: stepsOf(name), tries: before === undefined ? tries : [before, ...tries] };
  });
  return mends(object, fields, (next) => judge(attempted, next));
}

/** Others have no expressions: in signed-images there are comments alone. */
const withRules = folders.filter((each) => !['pod-security', 'signed-images'].includes(each));
for (const folder of withRules) {
  test(`${folder}: what its rules name, changed, makes them pass`, async (t) => {
    const set = await policySetAt(join(bundlePath, folder));
    const tries = candidatesOf(folder);
    for (const made of (await casesOf(folder)).filter(({ expect }) => !expect.allowed)) {
      const { results } = await decideCase(set, made, turn);
      for (const rule of new Set(failing(results).map((result) => result.rule))) {
        const attempted = { made, set, rule };
        const own = results.filter(
          (result) => result.rule === rule && result.evaluation === 'fail',
        );
        const pointers = named(own);
        const name = `${made.name}: ${rule}: ${pointers.join(' ')}`;
        if (own.length === 0) continue;
        if (noField.has(folder) || made.attempt.object === null) t.same(pointers, [''], name);
        else if (pointers.includes('')) t.fail(name);
        else t.ok(await mended(attempted, pointers, tries), name);
      }
    }
  });
}
