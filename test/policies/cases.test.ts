// The bundle proves itself: the cases beside each policy, and that no policy, rule or place goes without one.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { differences } from '../../src/cli/test/compare.ts';
import { decideCase } from '../../src/cli/test/decide.ts';
import { containerPlaces } from '../../src/k8s/containers.ts';
import type { Decision } from '../../src/model/decision.ts';
import type { Policy } from '../../src/policy/model.ts';
import { differenceText } from '../../src/report/test/entry.ts';
import { turn } from '../fixtures/ports.ts';
import { bundlePath, casesOf, policySetAt } from './load.ts';

/** Comments alone until somebody fills it in: see signed-images.test.ts. */
const off = 'signed-images';
const folders = readdirSync(bundlePath)
  .filter((name) => name !== off)
  .sort();

const deniedBy = (decision: Decision): readonly string[] =>
  [
    ...new Set(decision.results.filter((r) => r.actions.includes('deny')).map((r) => r.rule)),
  ].sort();

const wholeBundle = policySetAt(bundlePath);
const seen = { denied: new Set<string>(), loaded: new Set<string>() };

for (const folder of folders) {
  test(`${folder}: its cases hold, by its policy alone, and the whole bundle refuses no less`, async (t) => {
    const cases = await casesOf(folder);
    const alone = await policySetAt(join(bundlePath, folder));
    const bundle = await wholeBundle;
    t.ok(cases.length >= 2);
    for (const rule of alone.policies.flatMap((p) => p.validations.map((v) => v.rule)))
      seen.loaded.add(rule);
    for (const made of cases) {
      const name = `cases.yaml:${made.line}: ${made.name}`;
      const decision = await decideCase(alone, made, turn);
      t.same(differences(decision, made.expect).map(differenceText), [], name);
      for (const rule of deniedBy(decision)) seen.denied.add(rule);
      const among = await decideCase(bundle, { ...made, policies: [folder] }, turn);
      t.same(differences(among, made.expect).map(differenceText), [], `${name}: in the bundle`);
      if (made.expect.allowed) continue;
      const whole = await decideCase(bundle, { ...made, policies: null }, turn);
      t.equal(whole.allowed, false, `${name}: the whole bundle refuses it too`);
    }
  });
}

test('every rule of the bundle is broken by a case', (t) => {
  t.ok(seen.loaded.size >= 10);
  for (const rule of seen.loaded) t.ok(seen.denied.has(rule), rule);
  t.end();
});

test('every policy that looks at ephemeral containers is tried in each place, and in templates', async (t) => {
  const about = folders.filter((each) => {
    const text = readFileSync(join(bundlePath, each, 'policy.yaml'), 'utf8');
    return text.includes('ephemeralContainers') && text.includes('pod-templates: "true"');
  });
  t.ok(about.length >= 4, about.join());
  for (const folder of about) {
    const names = (await casesOf(folder))
      .filter((c) => !c.expect.allowed)
      .map((c) => c.name)
      .join('\n');
    for (const place of [...containerPlaces, 'a Deployment', 'a CronJob'])
      t.ok(names.includes(place), `${folder}: ${place}`);
  }
});

test('every policy says what it is about: title, description, remedy, severity, named rules', async (t) => {
  const { policies } = await wholeBundle;
  t.equal(policies.length, folders.length - 1, 'all folders but that of Pod Security');
  for (const policy of policies) {
    for (const key of ['title', 'description', 'remedy', 'severity'] as const)
      t.ok(policy[key], `${policy.name}: ${key}`);
    t.notOk(
      policy.validations.some((v) => v.rule.endsWith(']')),
      `${policy.name}: rules have names`,
    );
    t.equal(policy.failurePolicy, 'Fail');
    t.equal(policy.podTemplates, judgesNewPods(policy), `${policy.name}: templates as pods`);
    t.equal(policy.bindings.length, 1);
  }
});

function judgesNewPods({ matchConstraints }: Policy): boolean {
  return matchConstraints.resourceRules.some(
    ({ resources, operations }) => resources.includes('pods') && operations.includes('CREATE'),
  );
}

test('without its params the allow-list refuses everything', async (t) => {
  const files = ['policy.yaml', 'binding.yaml'].map((name) =>
    join(bundlePath, 'allowed-registries', name),
  );
  const [good] = await casesOf('allowed-registries');
  if (good === undefined) throw new Error('no case');
  const decision = await decideCase(await policySetAt(...files), good, turn);
  t.match(decision, { allowed: false, results: [{ code: 'params-not-found' }] });
});
