// Patches that a policy's own annotation gives its findings: of the field that it names, and only when they make the
// validation pass.
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { admit } from '../../src/engine/admit.ts';
import type { Decision } from '../../src/model/decision.ts';
import { attemptOf } from '../fixtures/attempts.ts';
import { plainPorts } from '../fixtures/ports.ts';
import { binding, built, onPods } from '../policy/texts.ts';

function patched(expression: string, patch: string) {
  return built(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: p
  annotations:
    sekisho.dev/pod-templates: "true"
    sekisho.dev/patch: ${JSON.stringify(patch)}
spec:
  matchConstraints: {resourceRules: [${onPods}]}
  validations: [{expression: ${JSON.stringify(expression)}}]
---
${binding('b')}`);
}

async function patchesOf(expression: string, patch: string, object: JsonObject, owned = false) {
  const set = patched(expression, patch);
  if (!set.ok) throw new Error(JSON.stringify(set.error));
  const of = owned
    ? {
        kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
        resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      }
    : {};
  const decision: Decision = await admit(set.value, attemptOf({ ...of, object }), plainPorts);
  return decision.results.flatMap(({ policy, findings }) =>
    policy === 'p' ? findings.map((finding) => [finding.path, ...finding.patch]) : [],
  );
}

const everyReadOnly =
  'object.spec.containers.all(c, c.?securityContext.?readOnlyRootFilesystem.orValue(false))';
const readOnly = 'securityContext.readOnlyRootFilesystem=true';
const two: JsonObject = {
  metadata: { name: 'web' },
  spec: { containers: [{ name: 'a' }, { name: 'b', securityContext: { privileged: false } }] },
};

test('a finding at the field that the policy names has the patch that sets it', async (t) => {
  t.same(await patchesOf(everyReadOnly, readOnly, two), [
    [
      'spec.containers[0].securityContext.readOnlyRootFilesystem',
      {
        op: 'add',
        path: '/spec/containers/0/securityContext',
        value: { readOnlyRootFilesystem: true },
      },
    ],
    [
      'spec.containers[1].securityContext.readOnlyRootFilesystem',
      {
        op: 'add',
        path: '/spec/containers/1/securityContext/readOnlyRootFilesystem',
        value: true,
      },
    ],
  ]);
});

test('in a template it stands below the template', async (t) => {
  const spec = { containers: [{ name: 'a', securityContext: {} }] };
  const object = { metadata: { name: 'web' }, spec: { template: { spec } } };
  const [[path, patch] = []] = await patchesOf(everyReadOnly, readOnly, object, true);
  t.equal(path, 'spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem');
  t.match(patch, {
    path: '/spec/template/spec/containers/0/securityContext/readOnlyRootFilesystem',
  });
});

test('what the policy does not name is not changed, though that would make it pass too', async (t) => {
  const expression = `object.metadata.?labels.?exempt.orValue("") == "yes" || ${everyReadOnly}`;
  const found = await patchesOf(expression, readOnly, two);
  t.same(
    found.map(([path, ...patch]) => [path, patch.length]),
    [
      ['metadata.labels.exempt', 0],
      ['spec.containers[0].securityContext.readOnlyRootFilesystem', 1],
      ['spec.containers[1].securityContext.readOnlyRootFilesystem', 1],
    ],
  );
});

const unproven: readonly (readonly [string, string, string])[] = [
  [
    'the value does not make it pass',
    everyReadOnly,
    'securityContext.readOnlyRootFilesystem=false',
  ],
  ['another field is wrong as well', `${everyReadOnly} && has(object.spec.nodeName)`, readOnly],
  ['it would then be an error', `${everyReadOnly} ? bool(object.spec.absent) : false`, readOnly],
];

for (const [rule, expression, patch] of unproven) {
  test(`no finding has a patch where ${rule}`, async (t) => {
    const found = await patchesOf(expression, patch, two);
    t.ok(found.length > 0);
    t.same(
      found.filter((each) => each.length > 1),
      [],
    );
  });
}

test('the annotation is FIELD=VALUE, or the policy is refused at the annotation', (t) => {
  for (const wrong of ['a', 'a.b', '=x', 'a[0]=x', 'a=', 'a=x y']) {
    const set = patched('true', wrong);
    t.match(set, { ok: false, error: [{ code: 'policy-annotation', line: 8 }] }, wrong);
  }
  for (const right of ['a=x', 'a.b=false, c=3', 'a=registry.example.com/web']) {
    t.ok(patched('true', right).ok, right);
  }
  t.end();
});
