// What the API server fills in before any policy looks, as far as `check` does it now.
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { withVolumeSources } from '../../src/k8s/defaults.ts';

const pod = { group: '', kind: 'Pod' };
const deployment = { group: 'apps', kind: 'Deployment' };
const spec = (...volumes: readonly (JsonObject | null)[]): JsonObject => ({
  spec: { volumes, containers: [] },
});

const rows: readonly [string, { group: string; kind: string }, JsonObject, JsonObject][] = [
  [
    'a volume without a source is an emptyDir',
    pod,
    spec({ name: 'a' }, { name: 'b', secret: {} }),
    spec({ name: 'a', emptyDir: {} }, { name: 'b', secret: {} }),
  ],
  [
    'null is no source',
    pod,
    spec({ name: 'a', hostPath: null }),
    spec({ name: 'a', hostPath: null, emptyDir: {} }),
  ],
  [
    'one with a source that nobody knows is left as it is',
    pod,
    spec({ name: 'a', magic: {} }),
    spec({ name: 'a', magic: {} }),
  ],
  [
    'in templates too',
    deployment,
    { spec: { template: spec({ name: 'a' }) } },
    { spec: { template: spec({ name: 'a', emptyDir: {} }) } },
  ],
  ['not in another kind', { group: 'x', kind: 'Pod' }, spec({ name: 'a' }), spec({ name: 'a' })],
  ['what is no list of objects is left to those who judge it', pod, spec(null), spec(null)],
];

for (const [name, kind, object, wanted] of rows) {
  test(name, (t) => {
    const before = JSON.stringify(object);
    t.same(withVolumeSources(kind, object), wanted);
    t.equal(JSON.stringify(object), before, 'the manifest itself is not changed');
    t.end();
  });
}
