// The bundle proves itself: the cases beside each policy, and that no policy, rule or place goes without one.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { formatDiagnostic } from '../../src/base/diagnostic.ts';
import { get, type JsonObject } from '../../src/base/json.ts';
import { ok } from '../../src/base/result.ts';
import { admit } from '../../src/engine/admit.ts';
import type { Ports } from '../../src/engine/ports.ts';
import { containerPlaces } from '../../src/k8s/containers.ts';
import { parseApiVersion } from '../../src/k8s/gvk.ts';
import { resourceFor } from '../../src/k8s/resources.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import type { Decision } from '../../src/model/decision.ts';
import { loadPolicySet } from '../../src/policy/load.ts';
import type { PolicySet } from '../../src/policy/model.ts';
import { type PolicyCase, readPolicyTests } from '../../src/policy/policy-test.ts';
import { readDocuments } from '../../src/yaml/read.ts';
import { attemptOf } from '../fixtures/attempts.ts';

const root = new URL('../../policies/', import.meta.url).pathname;
const folders = readdirSync(root).sort();

function casesOf(folder: string): readonly PolicyCase[] {
  const file = join(root, folder, 'cases.yaml');
  const read = readDocuments(readFileSync(file, 'utf8'), `policies/${folder}/cases.yaml`);
  const cases = readPolicyTests(read.documents);
  if (read.faults.length > 0) throw new Error(read.faults.map(formatDiagnostic).join('\n'));
  if (!cases.ok) throw new Error(cases.error.map(formatDiagnostic).join('\n'));
  return cases.value;
}

async function setOf(...paths: readonly string[]): Promise<PolicySet> {
  const loaded = await loadPolicySet(paths, { now: '2026-11-21T10:00:00Z' });
  if (!loaded.ok) throw new Error(loaded.error.map(formatDiagnostic).join('\n'));
  return loaded.value;
}

function attemptFor(made: PolicyCase): Attempt {
  const object = made.object ?? made.oldObject ?? {};
  const kind = String(get(object, 'kind'));
  const gv = parseApiVersion(String(get(object, 'apiVersion')));
  if (!gv.ok) throw new Error(`${made.name}: ${gv.error}`);
  const resource = resourceFor(gv.value.group, kind);
  if (resource === undefined) throw new Error(`${made.name}: no resource for ${kind}`);
  return attemptOf({
    origin: 'case',
    operation: made.operation,
    kind: { ...gv.value, kind },
    resource: { ...gv.value, resource: resource.resource },
    subResource: made.subResource,
    namespace: made.namespace.name,
    userInfo: { ...made.user, uid: '', extra: {} },
    object: made.object,
    oldObject: made.oldObject,
  });
}

const at = '2026-11-21T10:00:00Z';

function portsFor({ namespace: { name, labels } }: PolicyCase): Ports {
  const object: JsonObject = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { ...labels, 'kubernetes.io/metadata.name': name } },
  };
  return {
    namespace: async () => ok({ value: object, at }),
    params: async () => ok({ value: [], at }),
    turn: { elapsed: () => 0, yield: async () => undefined },
  };
}

const deniedBy = (decision: Decision): readonly string[] =>
  [
    ...new Set(decision.results.filter((r) => r.actions.includes('deny')).map((r) => r.rule)),
  ].sort();

const seen = { denied: new Set<string>(), loaded: new Set<string>() };

for (const folder of folders) {
  const cases = casesOf(folder);
  test(`${folder}: ${cases.length} cases`, async (t) => {
    const alone = await setOf(join(root, folder));
    const bundle = await setOf(root);
    for (const rule of alone.policies.flatMap((p) => p.validations.map((v) => v.rule)))
      seen.loaded.add(rule);
    for (const made of cases) {
      const name = `${made.file}:${made.line}: ${made.name}`;
      const decision = await admit(alone, attemptFor(made), portsFor(made));
      const denied = deniedBy(decision);
      t.equal(decision.allowed, made.expect.allowed, `${name}: ${denied.join()}`);
      if (made.expect.denied !== undefined) t.same(denied, [...made.expect.denied].sort(), name);
      const paths = decision.results.flatMap((r) => r.findings.map((f) => f.path));
      for (const path of made.expect.findings)
        t.ok(paths.includes(path), `${name}: ${path} of ${paths.join()}`);
      if (made.expect.warnings !== undefined)
        t.equal(decision.warnings.length, made.expect.warnings, name);
      t.same(
        decision.results.filter((r) => r.evaluation === 'error'),
        [],
        `${name}: nothing errs`,
      );
      for (const rule of denied) seen.denied.add(rule);
      if (made.expect.allowed) continue;
      const whole = await admit(bundle, attemptFor(made), portsFor(made));
      t.equal(whole.allowed, false, `${name}: the whole bundle refuses it too`);
    }
  });
}

test('every rule of the bundle is broken by a case', (t) => {
  t.ok(seen.loaded.size >= 10);
  for (const rule of seen.loaded) t.ok(seen.denied.has(rule), rule);
  t.end();
});

test('every policy about containers is tried in each place, and in templates', (t) => {
  for (const folder of folders.filter(
    (each) => !['pod-security', 'no-host-namespaces', 'resource-limits'].includes(each),
  )) {
    const names = casesOf(folder)
      .filter((c) => !c.expect.allowed)
      .map((c) => c.name)
      .join('\n');
    for (const place of [...containerPlaces, 'a Deployment', 'a CronJob'])
      t.ok(names.includes(place), `${folder}: ${place}`);
  }
  t.end();
});

test('every policy says what it is about: title, description, remedy, severity, named rules', async (t) => {
  const { policies } = await setOf(root);
  t.equal(policies.length, folders.length - 1, 'all folders but that of Pod Security');
  for (const policy of policies) {
    for (const key of ['title', 'description', 'remedy', 'severity'] as const)
      t.ok(policy[key], `${policy.name}: ${key}`);
    t.notOk(
      policy.validations.some((v) => v.rule.endsWith(']')),
      `${policy.name}: rules have names`,
    );
    t.equal(policy.failurePolicy, 'Fail');
    t.ok(policy.podTemplates);
    t.equal(policy.bindings.length, 1);
  }
});

test('without its params the allow-list refuses everything', async (t) => {
  const files = ['policy.yaml', 'binding.yaml'].map((name) =>
    join(root, 'allowed-registries', name),
  );
  const [good] = casesOf('allowed-registries');
  if (good === undefined) throw new Error('no case');
  const decision = await admit(await setOf(...files), attemptFor(good), portsFor(good));
  t.match(decision, { allowed: false, results: [{ code: 'params-not-found' }] });
});
