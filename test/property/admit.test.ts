// The whole engine with the whole bundle, over generated objects: it never throws, and a pod that asks for the node is
// never let in, whatever stands beside it.
import fc from 'fast-check';
import { test } from 'tap';
import { isArray, isObject, type JsonObject, type JsonValue } from '../../src/base/json.ts';
import { admit } from '../../src/engine/admit.ts';
import { containerPlaces } from '../../src/k8s/containers.ts';
import { workloadKinds } from '../../src/k8s/pod-template.ts';
import { entryBody } from '../../src/ledger/record.ts';
import type { Attempt, Operation } from '../../src/model/attempt.ts';
import { encodeReview } from '../../src/review/encode.ts';
import { attemptOf } from '../fixtures/attempts.ts';
import { plainPorts } from '../fixtures/ports.ts';
import { bundlePath, policySetAt } from '../policies/load.ts';

const context = {
  replica: 'r',
  cluster: 'c',
  digest: null,
  moment: () => ({ at: '', stepped: false }),
};

const bundle = await policySetAt(bundlePath);
const runs = Number(process.env['SEKISHO_RUNS'] ?? 400);

const key = fc.oneof(
  fc.constantFrom(
    'name',
    'image',
    'securityContext',
    'privileged',
    'capabilities',
    'add',
    'drop',
    'resources',
    'limits',
    'memory',
    'volumes',
    'hostPath',
    'env',
    'value',
    '__proto__',
    'constructor',
    'hostNetwork',
    'os',
  ),
  fc.string({ maxLength: 8 }),
);
const { value: anything } = fc.letrec<{ value: JsonValue; list: JsonValue; map: JsonValue }>(
  (tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom<JsonValue[]>(
        null,
        true,
        false,
        0,
        -1,
        1.5,
        '',
        'a',
        'ALL',
        'nginx',
        2n ** 63n - 1n,
      ),
      tie('list'),
      tie('map'),
    ),
    list: fc.array(tie('value'), { maxLength: 4 }),
    map: fc
      .array(fc.tuple(key, tie('value')), { maxLength: 5 })
      .map((entries) => Object.fromEntries(entries)),
  }),
);
const object = fc.oneof(
  fc.constant(null),
  fc.record({ metadata: anything, spec: anything }),
  fc.record({
    spec: fc.record({
      containers: fc.array(anything, { maxLength: 3 }),
      volumes: anything,
      initContainers: anything,
    }),
  }),
) as fc.Arbitrary<JsonObject | null>;

const kinds = [
  { group: '', kind: 'Pod', resource: 'pods' },
  ...workloadKinds,
  { group: '', kind: 'Secret', resource: 'secrets' },
];

function attempt(
  index: number,
  operation: Operation,
  value: JsonObject | null,
  old: JsonObject | null,
): Attempt {
  const { group, kind, resource } = kinds[index % kinds.length] ?? {
    group: '',
    kind: 'Pod',
    resource: 'pods',
  };
  return attemptOf({
    kind: { group, version: 'v1', kind },
    resource: { group, version: 'v1', resource },
    operation,
    object: value,
    oldObject: old,
  });
}

test('no object makes the engine, the answer or the record throw', async (t) => {
  const operations = fc.constantFrom<Operation[]>('CREATE', 'UPDATE', 'DELETE', 'CONNECT');
  await fc.assert(
    fc.asyncProperty(fc.nat(), operations, object, object, async (index, operation, value, old) => {
      const made = attempt(index, operation, value, old);
      const decision = await admit(bundle, made, plainPorts);
      encodeReview('u', decision, { id: 'd' });
      JSON.parse(
        String(
          entryBody(
            {
              kind: 'decision',
              id: 'd',
              attempt: made,
              decision,
              engineVersion: '0',
              durationMs: 1,
            },
            context,
          ),
        ),
      );
      return decision.allowed === !decision.results.some((r) => r.actions.includes('deny'));
    }),
    { numRuns: runs },
  );
  t.end();
});

type Spec = Record<string, JsonValue>;

const askForTheNode: readonly ((spec: Spec) => Spec)[] = [
  (spec) => ({ ...spec, hostNetwork: true }),
  (spec) => ({ ...spec, hostPID: true }),
  (spec) => ({ ...spec, volumes: [{ name: 'v', hostPath: { path: '/' } }] }),
  ...containerPlaces.map((place) => (spec: Spec): Spec => {
    const evil = { name: 'evil', image: 'a', securityContext: { privileged: true } };
    const others = spec[place];
    return { ...spec, [place]: isArray(others) ? [...others, evil] : [evil] };
  }),
];

test('a pod or a template that asks for the node is refused, whatever stands beside it', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), anything, async (index, evil, spec) => {
      const ask = askForTheNode[evil % askForTheNode.length];
      const hostile = ask?.(isObject(spec) ? spec : {}) ?? {};
      const workload = kinds[index % (kinds.length - 1)];
      const path = workload !== undefined && 'path' in workload ? workload.path : [];
      let value: JsonObject = { metadata: {}, spec: hostile };
      for (const step of [...path].reverse()) value = { [step]: value };
      const decision = await admit(
        bundle,
        attempt(index % (kinds.length - 1), 'CREATE', value, null),
        plainPorts,
      );
      return !decision.allowed;
    }),
    { numRuns: runs },
  );
  t.end();
});
