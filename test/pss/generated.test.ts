// Generated pods, over every field that a control reads, judged in every version as Kubernetes' own library judges them;
// and that they do try every one of those fields.
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { readPod } from '../../src/k8s/pod.ts';
import { registry } from '../../src/pss/admission.ts';
import type { LevelVersion } from '../../src/pss/types.ts';
import { whyNotGo } from '../differential/go.ts';
import { writesGoldens } from '../golden.ts';
import { past } from './generated/past.ts';
import { minimalPod, sample, singles } from './generated/pods.ts';
import { covers, leavesOf, readsOf, without } from './generated/reads.ts';
import { isSame, type Judged, judgedByGo, judgedByUs, readGolden, writeGolden } from './golden.ts';

type Line = { readonly pod: JsonObject } & Judged;

/** The file holds the pods too: another fast-check may generate others. */
function made(): readonly string[] {
  const pods = [
    ...past,
    ...singles({ level: 'restricted', version: registry.newest }),
    ...sample({ newest: registry.newest, ephemeral: false }, 600, 11),
    ...sample({ newest: registry.newest, ephemeral: true }, 400, 12),
  ].map(({ pod }) => pod);
  return judgedByGo(pods).map((line, i) =>
    JSON.stringify({ pod: pods[i], ...(JSON.parse(line) as Judged) }),
  );
}

if (writesGoldens) writeGolden('generated', made());
const golden = readGolden('generated').map((line) => JSON.parse(line) as Line);

test('every generated pod is judged as Kubernetes judges it, on every level and version, word for word', (t) => {
  t.ok(golden.length > 1400, `${golden.length} pods`);
  const wrong = golden.filter((line) => !isSame(judgedByUs(line.pod), line));
  t.same(wrong.slice(0, 3), []);
  t.end();
});

test('Go judges generated pods as the golden file says, and new ones as we do', {
  skip: whyNotGo,
}, (t) => {
  const seed = Number(process.env['SEKISHO_SEED'] ?? Date.now() % 1_000_000);
  t.comment(`seed ${seed}`);
  const fresh = sample({ newest: registry.newest, ephemeral: true }, 5000, seed);
  const pods = [...golden, ...fresh].map(({ pod }) => pod);
  const told = judgedByGo(pods).map((line) => JSON.parse(line) as Judged);
  t.equal(told.length, pods.length);
  const wrong = told.flatMap((theirs, i) => {
    const pod = pods[i] ?? {};
    return isSame(judgedByUs(pod), theirs) ? [] : [{ pod, theirs }];
  });
  t.same(wrong.slice(0, 3), []);
  t.end();
});

const minimal = (['baseline', 'restricted'] as const).flatMap((level) =>
  Array.from({ length: registry.newest + 1 }, (_, version) => ({ level, version })),
);

test('a minimal pod passes its level in its version, and no restricted one that requires more', (t) => {
  const wrong = minimal.filter((held) => !passes(minimalPod(held, true), held));
  t.same(wrong, []);
  for (const since of [8, 19, 22]) {
    const before = minimalPod({ level: 'restricted', version: since - 1 });
    t.notOk(passes(before, { level: 'restricted', version: since }), `restricted ${since}`);
  }
  t.end();
});

function passes(pod: JsonObject, held: LevelVersion): boolean {
  const read = readPod(pod);
  return (
    read.ok && registry.evaluate(held, read.value).every(({ result }) => result.kind === 'pass')
  );
}

const reads = readsOf(golden.map(({ pod }) => pod));

test('every field that a control reads is one that is generated', (t) => {
  const written = new Set(golden.flatMap(({ pod }) => leavesOf(pod)));
  const never = [...reads].filter((read) => ![...written].some((leaf) => covers(read, leaf)));
  t.same(never, []);
  t.ok(reads.size > 100, `${reads.size} fields`);
  t.end();
});

/** All annotations are looked through for those of containers. */
const annotationsOfNobody = [
  '/metadata/annotations/container.seccomp.security.alpha.kubernetes.io~1gone',
  '/metadata/annotations/example.com~1privileged',
];

test('every field that a control reads decides somewhere: without it a verdict or its text is another', (t) => {
  const undecided = new Set(reads);
  for (const line of golden) {
    for (const field of undecided) {
      const less = without(line.pod, field);
      if (less !== undefined && !isSame(judgedByUs(less), line)) undecided.delete(field);
    }
  }
  t.same([...undecided].sort(), annotationsOfNobody);
  t.end();
});

test('a field that none reads changes no verdict', (t) => {
  const idle = (leaf: string): boolean => ![...reads].some((read) => covers(read, leaf));
  const tried = new Set<string>();
  const wrong: string[] = [];
  for (const line of golden) {
    for (const field of leavesOf(line.pod).filter((leaf) => idle(leaf) && !tried.has(leaf))) {
      const less = without(line.pod, field);
      tried.add(field);
      if (less !== undefined && !isSame(judgedByUs(less), line)) wrong.push(field);
    }
  }
  t.same(wrong, []);
  t.ok(tried.size > 20, [...tried].join(' '));
  t.end();
});
