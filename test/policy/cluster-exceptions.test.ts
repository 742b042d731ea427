// PolicyException objects of a cluster: those that fit are law, those that do not are told, and none can stop the law.
import { readFileSync } from 'node:fs';
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { exceptionDocuments } from '../../src/cluster/live/exception-documents.ts';
import { buildPolicySet } from '../../src/policy/build.ts';
import { buildWithExceptions } from '../../src/policy/cluster-exceptions.ts';
import { exceptionDefinition } from '../../src/policy/schema/exception-crd.ts';
import { readDocuments } from '../../src/yaml/read.ts';
import { definitionFile, renderDefinition } from '../docs/definition.ts';

const now = '2026-11-21T00:00:00Z';
const law = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: p}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
  validations: [{expression: 'true'}]
---
apiVersion: sekisho.dev/v1alpha1
kind: PolicyException
metadata: {name: in-file}
spec: {rules: [p], match: {namespaces: [files]}, reason: r, owner: o, ticket: t, approvedBy: a, expires: "2026-12-01"}
`;

type Changes = { readonly created?: string; readonly spec?: JsonObject; readonly place?: string };

function exception(name: string, { created = now, spec = {}, place = 'gate' }: Changes = {}) {
  return {
    ...{ apiVersion: 'sekisho.dev/v1alpha1', kind: 'PolicyException' },
    metadata: {
      name,
      namespace: place,
      creationTimestamp: created,
      uid: 'u',
      resourceVersion: '7',
    },
    spec: {
      ...{ rules: ['p'], match: { namespaces: [name] }, reason: 'r', owner: 'o', ticket: 't' },
      ...{ approvedBy: 'a', expires: '2026-12-01' },
      ...spec,
    },
  };
}

const layers = [readDocuments(law, 'law.yaml').documents];

function built(objects: readonly JsonObject[]) {
  const result = buildWithExceptions(layers, exceptionDocuments(objects), { now });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  const { value } = result;
  const warnings = value.warnings.filter(({ file }) => file.startsWith('cluster:'));
  return {
    hash: value.hash,
    names: value.exceptions.map(({ name }) => name),
    warnings: warnings.map(({ file, code }) => `${file} ${code}`),
  };
}

const alone = { names: ['in-file'] };
const older = '2026-11-20T00:00:00Z';
const rows: readonly (readonly [string, readonly JsonObject[], object])[] = [
  ['none', [], { ...alone, warnings: [] }],
  ['one that fits', [exception('a')], { names: ['a', 'in-file'], warnings: [] }],
  [
    'a rule that is not there, beside one that fits',
    [exception('a'), exception('b', { spec: { rules: ['nothing'] } })],
    { names: ['a', 'in-file'], warnings: ['cluster:gate/b policy-reference'] },
  ],
  [
    'a field of the wrong type',
    [exception('a', { spec: { rules: 7 } })],
    { ...alone, warnings: ['cluster:gate/a policy-field'] },
  ],
  [
    'an end too far away',
    [exception('a', { spec: { expires: '2036-01-01' } })],
    { ...alone, warnings: ['cluster:gate/a exception-expiry'] },
  ],
  [
    'the name of one in a file: the file counts',
    [exception('in-file')],
    { ...alone, warnings: ['cluster:gate/in-file policy-duplicate'] },
  ],
  [
    'one that meets one in a file: the file counts',
    [exception('a', { spec: { match: { namespaces: ['files'] } } })],
    { ...alone, warnings: ['cluster:gate/a exception-overlap'] },
  ],
  [
    'two that meet: the older counts',
    [exception('a'), exception('z', { created: older, spec: { match: { namespaces: ['a'] } } })],
    { names: ['in-file', 'z'], warnings: ['cluster:gate/a exception-overlap'] },
  ],
  [
    'one name in two namespaces: the older counts',
    [exception('a'), exception('a', { created: older, place: 'other' })],
    { names: ['a', 'in-file'], warnings: ['cluster:gate/a policy-duplicate'] },
  ],
  [
    'another kind',
    [{ ...exception('a'), kind: 'PolicySettings', spec: { mode: 'AuditOnly' } }],
    { ...alone, warnings: ['cluster:gate/a policy-kind'] },
  ],
];

for (const [what, objects, wanted] of rows) {
  test(`exceptions of a cluster: ${what}`, (t) => {
    t.match(built(objects), wanted);
    t.equal(built(objects).hash, built([...objects].reverse()).hash, 'in whatever order');
    t.end();
  });
}

test('each change makes another law; what only a server writes makes none', (t) => {
  const one = exception('a');
  const hash = built([one]).hash;
  t.not(hash, built([]).hash);
  t.not(hash, built([exception('a', { spec: { reason: 'another' } })]).hash);
  const touched = { ...one, metadata: { ...one.metadata, resourceVersion: '8', uid: 'v' } };
  t.equal(hash, built([touched]).hash);
  const without = buildPolicySet(layers, { now });
  t.equal(built([]).hash, without.ok ? without.value.hash : '');
  t.end();
});

test('a law with a fault of its own is not mended by leaving exceptions out', (t) => {
  const broken = [readDocuments(law.replace("'true'", "'1'"), 'law.yaml').documents];
  const result = buildWithExceptions(broken, exceptionDocuments([exception('a')]), { now });
  t.match(result, { ok: false, error: [{ file: 'law.yaml', code: 'cel-type' }] });
  t.end();
});

test('the definition in the chart is the schema of the files: make docs', (t) => {
  t.equal(readFileSync(definitionFile, 'utf8'), renderDefinition());
  t.match(exceptionDefinition(), {
    spec: { versions: [{ schema: { openAPIV3Schema: { required: ['spec'] } } }] },
  });
  t.notMatch(renderDefinition(), /additionalProperties|\$schema/, 'structural');
  t.end();
});
