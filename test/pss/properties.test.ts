// What holds of every generated pod, whatever was changed in it: its patch mends it, and nothing that a level requires can
// be taken away for an acceptance. SEKISHO_RUNS runs of each; SEKISHO_SEED repeats a run.
import fc from 'fast-check';
import { test } from 'tap';
import { isArray, isObject, type JsonObject, type JsonValue } from '../../src/base/json.ts';
import { applyPatch } from '../../src/base/json-patch.ts';
import { workloadKinds } from '../../src/k8s/pod-template.ts';
import { judgePodSecurity, registry } from '../../src/pss/admission.ts';
import type { PodSecurityConfig } from '../../src/pss/types.ts';
import { attemptOf } from '../fixtures/attempts.ts';
import { type Case, cases } from './generated/pods.ts';

const parameters = {
  numRuns: Number(process.env['SEKISHO_RUNS'] ?? 1500),
  ...(process.env['SEKISHO_SEED'] === undefined
    ? {}
    : { seed: Number(process.env['SEKISHO_SEED']) }),
};
const privileged = { level: 'privileged', version: 'latest' } as const;
const generated = cases({ newest: registry.newest, ephemeral: true });

function findingsOf({ level, version, pod }: Case, as: 'Pod' | 'Deployment') {
  const enforce = { level, version };
  const config: PodSecurityConfig = {
    defaults: { enforce, audit: privileged, warn: privileged },
    exemptions: { usernames: [], namespaces: [], runtimeClasses: [] },
    ...{ templates: 'Enforce', floor: null, workloads: workloadKinds },
  };
  const [group, resource] = as === 'Pod' ? ['', 'pods'] : ['apps', 'deployments'];
  const attempt = attemptOf({
    kind: { group, version: 'v1', kind: as },
    resource: { group, version: 'v1', resource },
    object: pod,
  });
  const judgement = judgePodSecurity(attempt, config, {});
  if (judgement.kind !== 'judged') throw new Error(judgement.kind);
  return judgement.results.flatMap(({ id, evaluation }) =>
    evaluation.kind === 'fail' ? evaluation.findings.map((finding) => ({ ...finding, id })) : [],
  );
}

const isRefused = (one: Case): boolean => findingsOf(one, 'Pod').length > 0;
/** There is no other volume that could be named instead. */
const noMechanicalRemedy = new Set(['hostPathVolumes', 'restrictedVolumes']);

for (const as of ['Pod', 'Deployment'] as const) {
  test(`a ${as} that is refused has a patch, and is accepted once it is patched`, (t) => {
    let mended = 0;
    const holds = (one: Case): void => {
      const object: JsonObject = as === 'Pod' ? one.pod : { spec: { template: one.pod } };
      const findings = findingsOf({ ...one, pod: object }, as);
      const patch = findings.flatMap((finding) => finding.patch);
      const mendable = !findings.some(({ id }) => noMechanicalRemedy.has(id));
      if (mendable !== findings.every((each) => each.patch.length > 0)) throw new Error('patch');
      if (!mendable || findings.length === 0) return;
      const done = applyPatch(object, patch);
      if (!done.ok || !isObject(done.value)) throw new Error('the patch does not fit');
      const left = findingsOf({ ...one, pod: done.value }, as);
      if (left.length > 0) throw new Error(JSON.stringify(left));
      mended += 1;
    };
    t.doesNotThrow(() => fc.assert(fc.property(generated, holds), parameters));
    t.ok(mended > parameters.numRuns / 5, `${mended} of ${parameters.numRuns} mended`);
    t.end();
  });
}

/** What restricted requires, wherever it stands, is taken away. */
const required: Readonly<Record<string, (value: JsonValue) => boolean>> = {
  runAsNonRoot: (value) => value === true,
  allowPrivilegeEscalation: (value) => value === false,
  seccompProfile: (value) => isObject(value) && value['type'] !== 'Unconfined',
  drop: (value) => isArray(value) && value.includes('ALL'),
};

function places(value: JsonValue, at: readonly (string | number)[] = []): readonly Place[] {
  if (isArray(value)) return value.flatMap((item, i) => places(item, [...at, i]));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(required[key]?.(inner) === true ? [[...at, key]] : []),
    ...places(inner, [...at, key]),
  ]);
}

type Place = readonly (string | number)[];

function without(value: JsonValue, [step, ...rest]: Place): JsonValue {
  if (isArray(value)) return value.map((item, i) => (i === step ? without(item, rest) : item));
  if (!isObject(value) || step === undefined) return value;
  const { [step]: inner = null, ...others } = value;
  return rest.length === 0 ? others : { ...others, [step]: without(inner, rest) };
}

test('taking away a field that a level requires never adds an acceptance', (t) => {
  let [taken, lost] = [0, 0];
  const holds = (one: Case): void => {
    const before = isRefused(one);
    for (const place of places(one.pod)) {
      const less = without(one.pod, place);
      const after = isRefused({ ...one, pod: isObject(less) ? less : {} });
      if (before && !after) throw new Error(`accepted without ${place.join('.')}`);
      taken += 1;
      if (after && !before) lost += 1;
    }
  };
  t.doesNotThrow(() => fc.assert(fc.property(generated, holds), parameters));
  t.ok(taken > parameters.numRuns && lost > 0, `${taken} taken away, ${lost} refused for it`);
  t.end();
});
