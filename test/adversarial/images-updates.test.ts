// No update lets in what creation would not: whatever labels and images change, a policy that would refuse the object as it
// becomes either refuses the update, or would have refused the very same image in the object as it was.
import fc from 'fast-check';
import { test } from 'tap';
import { getIn, type JsonObject } from '../../src/base/json.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import { authority, judge, policies, policy, signed } from '../engine/image-scene.ts';

const onPods = (labels: string): string =>
  `match: [{group: "", version: v1, resource: pods, selector: {matchLabels: {${labels}}}}]`;
const law = policies(
  policy({ name: 'a-signed', glob: 'registry.example.com/**', spec: onPods('tier: web') }),
  policy({
    name: 'b-listed',
    glob: 'nginx:*',
    authorities: '{static: {action: pass}}',
    spec: onPods('app: proxy'),
  }),
  policy({ name: 'c-banned', glob: 'banned:*', authorities: '{static: {action: fail}}' }),
  policy({
    name: 'd-conditional',
    glob: 'registry.example.com/**',
    authorities: `${authority('other')}, {name: any, static: {action: pass}}`,
    spec: `policy: {type: cel, data: "object.metadata.?labels.?app.orValue('') != 'proxy'"}`,
  }),
);

const digest = `@sha256:${'a'.repeat(64)}`;
const images = ['nginx:1', 'banned:1', 'sha256:e3b0', `registry.example.com/shop/web${digest}`];
const containers = fc.uniqueArray(
  fc.record({ name: fc.constantFrom('a', 'b'), image: fc.constantFrom(...images) }),
  { selector: ({ name }) => name, minLength: 1 },
);
const labels = fc.record(
  { app: fc.constantFrom('proxy', 'shop'), tier: fc.constantFrom('web', 'data') },
  { requiredKeys: [] },
);
const pods: fc.Arbitrary<JsonObject> = fc
  .record({ labels, containers, initContainers: fc.oneof(fc.constant([]), containers) })
  .map(({ labels: own, ...spec }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', labels: own },
    spec,
  }));

/** Each as rule, list, container and image. */
async function refusals(attempt: Partial<Attempt>): Promise<ReadonlySet<string>> {
  const { decision } = await judge({ policySet: law, attempt, world: { other: signed } });
  const found = decision.results
    .filter(({ actions }) => actions.includes('deny'))
    .flatMap(({ rule, findings }) =>
      findings.map(({ pointer, value }) => {
        const [, list, index] = pointer.split('/').slice(1);
        const at = ['spec', list ?? '', Number(index), 'name'];
        return [rule, list, getIn(attempt.object ?? null, at), value].join(' ');
      }),
    );
  return new Set(found);
}

test('no update lets in what creation would not', async (t) => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(pods, pods, async (oldObject, object) => {
      const [before, after] = [await refusals({ object: oldObject }), await refusals({ object })];
      const update = await refusals({ operation: 'UPDATE', object, oldObject });
      refused += update.size;
      const letIn = [...after].filter((each) => !update.has(each));
      t.strictSame(
        letIn.filter((each) => !before.has(each)),
        [],
        'let in by the update',
      );
      t.strictSame(
        [...update].filter((each) => !after.has(each)),
        [],
        'refused for no reason',
      );
    }),
    { numRuns: 300 },
  );
  t.ok(refused > 100);
});
