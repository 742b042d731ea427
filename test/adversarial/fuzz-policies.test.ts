// The law, given anything: image names against the bundle's allow-list, damaged policies, rules against requests. No
// image is allowed that a strict reader of references would not put under an allowed registry; a damaged policy is
// loaded or refused with a place; and a policy judges exactly what its rules name.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'tap';
import { admit } from '../../src/engine/admit.ts';
import { type Attempt, operations } from '../../src/model/attempt.ts';
import { buildPolicySet } from '../../src/policy/build.ts';
import { readDocuments } from '../../src/yaml/read.ts';
import { attemptOf, now } from '../fixtures/attempts.ts';
import { hasPlace } from '../fixtures/diagnostics.ts';
import { plainPorts } from '../fixtures/ports.ts';
import { root } from '../gate.ts';
import { bundlePath, policySetAt } from '../policies/load.ts';
import { nearly, patient, runsOf, words } from './fuzz-runs.ts';
import { digest, podWith } from './request-harness.ts';

// The grammar of github.com/distribution/reference, read strictly: what it lets stand for something else (a name
// without a host, upper case in a host) counts as not under any registry.
const component = '[a-z0-9]+(?:(?:\\.|__|_|-+)[a-z0-9]+)*';
const label = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const reference = new RegExp(
  `^(?<host>${label}(?:\\.${label})*(?::[0-9]+)?)/${component}(?:/${component})*` +
    '(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$',
);
const allowedHosts = ['registry.example.com', 'registry.k8s.io'];

function isUnderAllowed(image: string): boolean {
  const host = reference.exec(image)?.groups?.['host'];
  return host !== undefined && allowedHosts.includes(host);
}

const hosts = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...allowedHosts) },
  fc.constantFrom(
    'evil.com',
    'REGISTRY.K8S.IO',
    'docker.io',
    'localhost:5000',
    '[::1]',
    '',
    'registry.k8s.io.',
  ),
);
const segment = fc.oneof(
  fc.constantFrom(
    'a',
    'shop',
    'web-1',
    'a__b',
    '..',
    '.',
    'A',
    '',
    '-a',
    'registry.k8s.io',
    ...words,
  ),
  fc.string({ maxLength: 4, unit: 'grapheme' }),
);
const ends = fc.constantFrom(
  '',
  ':v1',
  ':',
  ':latest',
  digest,
  `:v1${digest}`,
  '@sha256:0',
  '@',
  '\n',
  ' ',
  '/',
  '\u0000',
);
const made = fc
  .tuple(hosts, fc.array(segment, { minLength: 1, maxLength: 3 }), ends)
  .map(([host, path, end]) => `${host}/${path.join('/')}${end}`);
const images = fc.oneof(
  made,
  made.chain((image) => nearly([image])),
  fc.string({ unit: 'binary' }),
);

test(
  'no image is allowed that is not, read strictly, under an allowed registry',
  patient,
  async (t) => {
    const policySet = await policySetAt(join(bundlePath, 'allowed-registries'));
    const seen = { allowed: 0, under: 0 };
    const property = fc.asyncProperty(images, async (image) => {
      const { allowed } = await admit(
        policySet,
        attemptOf({ object: podWith({ image }) }),
        plainPorts,
      );
      if (allowed) seen.allowed += 1;
      if (isUnderAllowed(image)) seen.under += 1;
      return allowed === isUnderAllowed(image);
    });
    await t.resolves(fc.assert(property, runsOf(16)));
    t.ok(seen.allowed > 0 && seen.under > 0, 'some are');
  },
);

const texts: readonly string[] = readdirSync(bundlePath)
  .flatMap((name) => ['policy.yaml', 'binding.yaml'].map((file) => join(bundlePath, name, file)))
  .concat(['complete', 'images'].map((name) => join(root, `test/fixtures/policies/${name}.yaml`)))
  .flatMap((file) => {
    try {
      return readFileSync(file, 'utf8').split(/^---$/m);
    } catch {
      return [];
    }
  });

test(
  'a damaged policy is loaded, or refused with faults that stand in its text',
  patient,
  async (t) => {
    t.ok(texts.length > 10);
    const seen = { loaded: 0, refused: 0 };
    const property = fc.property(nearly(texts), (text) => {
      const { documents, faults } = readDocuments(text, 'p.yaml');
      const built = buildPolicySet([documents], { now });
      const all = [...faults, ...(built.ok ? built.value.warnings : built.error)];
      seen[built.ok && faults.length === 0 ? 'loaded' : 'refused'] += 1;
      return (built.ok || built.error.length > 0) && all.every((fault) => hasPlace(text, fault));
    });
    t.doesNotThrow(() => fc.assert(property, runsOf(6)));
    t.ok(seen.loaded > 0 && seen.refused > 0, JSON.stringify(seen));
  },
);

type Rule = {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly operations: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly scope?: string;
};

const oneOrTwo = (...from: readonly string[]): fc.Arbitrary<string[]> =>
  fc.uniqueArray(fc.constantFrom(...from), { minLength: 1, maxLength: 2 });
const rule: fc.Arbitrary<Rule> = fc.record(
  {
    apiGroups: fc.oneof(fc.constant(['*']), oneOrTwo('', 'apps', 'constructor')),
    apiVersions: fc.oneof(fc.constant(['*']), oneOrTwo('v1', 'v2')),
    operations: fc.oneof(fc.constant(['*']), oneOrTwo('CREATE', 'UPDATE', 'DELETE', 'CONNECT')),
    resources: fc.oneof(
      fc.constantFrom(['*'], ['*/*'], ['pods/*'], ['*/status']),
      oneOrTwo('pods', 'pods/status', 'things', 'things/scale', 'toString'),
    ),
    resourceNames: oneOrTwo('web', '__proto__', 'x'),
    scope: fc.constantFrom('*', 'Namespaced', 'Cluster'),
  },
  { requiredKeys: ['apiGroups', 'apiVersions', 'operations', 'resources'] },
);
const rules = fc.array(rule, { minLength: 1, maxLength: 3 });

const attempts: fc.Arbitrary<Attempt> = fc
  .record({
    group: fc.constantFrom('', 'apps', 'constructor', 'toString'),
    version: fc.constantFrom('v1', 'v2', 'v3'),
    resource: fc.constantFrom('pods', 'things', 'toString', '__proto__'),
    subResource: fc.constantFrom('', 'status', 'scale', '__proto__'),
    operation: fc.constantFrom(...operations),
    name: fc.constantFrom('web', '', '__proto__', 'x'),
    namespace: fc.constantFrom('shop', ''),
  })
  .map(({ group, version, resource, subResource, operation, name, namespace }) =>
    attemptOf({
      ...{ kind: { group, version, kind: 'Thing' }, resource: { group, version, resource } },
      ...{ subResource, operation, name, namespace, object: { metadata: {} } },
    }),
  );

/** As the API server's documentation of resourceRules says; matchPolicy is Exact. */
function names(each: Rule, attempt: Attempt): boolean {
  const { resource, subResource, operation, name, namespace } = attempt;
  const has = (list: readonly string[], value: string): boolean =>
    list.includes('*') || list.includes(value);
  const hasResource = each.resources.some((named) => {
    const [main, sub = ''] = named.split('/');
    const mainFits = main === '*' || main === resource.resource;
    return mainFits && (sub === '*' || sub === subResource);
  });
  const scope = each.scope ?? '*';
  return (
    hasResource &&
    has(each.apiGroups, resource.group) &&
    has(each.apiVersions, resource.version) &&
    has(each.operations, operation) &&
    (each.resourceNames === undefined || each.resourceNames.includes(name)) &&
    (scope === '*' || (scope === 'Namespaced') === (namespace !== ''))
  );
}

/** Policies that refuse all they judge: one for each list of rules. */
function refusing(lists: readonly (readonly [readonly Rule[], readonly Rule[]])[]): string {
  const group = 'admissionregistration.k8s.io/v1';
  const documents = lists.flatMap(([resourceRules, excludeResourceRules], i) => [
    {
      ...{ apiVersion: group, kind: 'ValidatingAdmissionPolicy', metadata: { name: `p${i}` } },
      spec: {
        matchConstraints: { matchPolicy: 'Exact', resourceRules, excludeResourceRules },
        validations: [{ expression: 'false' }],
      },
    },
    {
      ...{
        apiVersion: group,
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name: `p${i}` },
      },
      spec: { policyName: `p${i}`, validationActions: ['Deny'] },
    },
  ]);
  return documents.map((document) => JSON.stringify(document)).join('\n---\n');
}

test(
  'a policy judges what its rules name and its exclusions do not, and nothing else',
  patient,
  async (t) => {
    const law = fc.array(fc.tuple(rules, fc.oneof(fc.constant([]), rules)), {
      minLength: 1,
      maxLength: 3,
    });
    const seen = { matched: 0, passed: 0 };
    const property = fc.asyncProperty(
      law,
      fc.array(attempts, { minLength: 4, maxLength: 12 }),
      async (lists, asked) => {
        const { documents, faults } = readDocuments(refusing(lists), 'p.yaml');
        const built = buildPolicySet([documents], { now });
        if (!built.ok || faults.length > 0) throw new Error(JSON.stringify(built));
        for (const attempt of asked) {
          const wanted = lists.flatMap(([own, excluded], i) => {
            const isNamed = own.some((each) => names(each, attempt));
            return isNamed && !excluded.some((each) => names(each, attempt)) ? [`p${i}`] : [];
          });
          const { allowed, results } = await admit(built.value, attempt, plainPorts);
          const found = [...new Set(results.map(({ policy }) => policy))].sort();
          seen[wanted.length > 0 ? 'matched' : 'passed'] += 1;
          if (allowed !== (wanted.length === 0) || found.join() !== wanted.join()) return false;
        }
        return true;
      },
    );
    await t.resolves(fc.assert(property, runsOf(3)));
    t.ok(seen.matched > 0 && seen.passed > 0, JSON.stringify(seen));
  },
);
