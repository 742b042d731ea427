// What Pod Security costs: one decision at level restricted for a pod with three containers, ours beside the in-tree plugin
// (where Go is present) and beside JSON.parse of the same review. CPU time, in turns, medians. `node bench/pod-security.ts`
// prints a Markdown table; `--write` puts it into docs/bench.md.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { workloadKinds } from '../src/k8s/pod-template.ts';
import type { Attempt } from '../src/model/attempt.ts';
import { judgePodSecurity } from '../src/pss/admission.ts';
import type { PodSecurityConfig } from '../src/pss/types.ts';
import { decodeReview } from '../src/review/decode.ts';
import { makeBody } from './body.ts';
import { median } from './figures.ts';
import { machine, tableRow, writeSection } from './page.ts';

const perRound = 2_000;
const rounds = 7;

const privileged = { level: 'privileged', version: 'latest' } as const;
const config: PodSecurityConfig = {
  defaults: { enforce: privileged, audit: privileged, warn: privileged },
  exemptions: { usernames: [], namespaces: [], runtimeClasses: [] },
  ...{ templates: 'Enforce', floor: null, workloads: workloadKinds },
};
const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };

type Pod = { readonly name: string; readonly allowed: boolean; readonly review: string };

const good = makeBody();
const pods: readonly Pod[] = [
  { name: 'that passes', allowed: true, review: good },
  {
    name: 'that is refused, in each container',
    allowed: false,
    review: good.replaceAll('"allowPrivilegeEscalation":false', '"allowPrivilegeEscalation":true'),
  },
];

/** Another object for each decision, as each request has: nothing that was found of one helps the next. */
function attemptsOf(review: string): readonly Attempt[] {
  return Array.from({ length: perRound }, () => {
    const decoded = decodeReview(JSON.parse(review), {
      now: '2026-11-21T10:00:00Z',
      deadline: null,
    });
    if (!decoded.ok) throw new Error(decoded.error.message);
    return decoded.value;
  });
}

/** Microseconds of this thread for each. */
function cost<T>(items: readonly T[], act: (item: T) => void): number {
  const before = process.threadCpuUsage();
  for (const item of items) act(item);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / items.length;
}

function ours({ review, allowed }: Pod): number {
  let refused = 0;
  const spent = cost(attemptsOf(review), (attempt) => {
    const judgement = judgePodSecurity(attempt, config, labels);
    const results = judgement.kind === 'judged' ? judgement.results : [];
    refused += results.some(({ evaluation }) => evaluation.kind !== 'pass') ? 1 : 0;
  });
  if (refused !== (allowed ? 0 : perRound)) throw new Error('judged otherwise');
  return spent;
}

function parsing({ review }: Pod): number {
  return cost(new Array<string>(perRound).fill(review), (text) => void JSON.parse(text));
}

type InTree = (pod: Pod) => number;

function buildInTree(folder: string): InTree | undefined {
  const program = join(folder, 'in-tree');
  const cwd = new URL('pod-security', import.meta.url).pathname;
  if (spawnSync('go', ['build', '-o', program, '.'], { cwd }).status !== 0) return undefined;
  return ({ review, allowed }) => {
    const input = JSON.stringify(JSON.parse(review).request.object);
    const ran = spawnSync(program, [String(perRound * 5)], { input, encoding: 'utf8' });
    const told = JSON.parse(ran.stdout) as { nanoseconds: number; allowed: boolean };
    if (told.allowed !== allowed) throw new Error('judged otherwise in-tree');
    return told.nanoseconds / 1000;
  };
}

function row(pod: Pod, inTree: InTree | undefined): string {
  const spent = { ours: [] as number[], inTree: [] as number[], parsing: [] as number[] };
  // The first two warm the compiler up.
  for (let round = -2; round < rounds; round++) {
    const [own, parsed] = [ours(pod), parsing(pod)];
    if (round < 0) continue;
    spent.ours.push(own);
    spent.parsing.push(parsed);
    if (inTree !== undefined) spent.inTree.push(inTree(pod));
  }
  const [own, go, parsed] = [spent.ours, spent.inTree, spent.parsing].map(median);
  const told = (value = Number.NaN): string => (Number.isNaN(value) ? '-' : value.toFixed(1));
  const ratio = (other = Number.NaN): string => told((own ?? Number.NaN) / other);
  const cells = [told(own), told(go), told(parsed), ratio(go), ratio(parsed)];
  return tableRow([pod.name, ...cells]);
}

const { values } = parseArgs({ options: { write: { type: 'boolean' } } });
const folder = mkdtempSync(join(tmpdir(), 'sekisho-bench-'));
const inTree = buildInTree(folder);
const page = `\`node bench/pod-security.ts\`: one decision at level restricted for a pod with three containers (a review of ${good.length.toLocaleString('en')} bytes),
as CPU time: ours (\`judgePodSecurity\` of a review that is read already), the in-tree plugin (\`Validate\` of
k8s.io/pod-security-admission v0.37.2 of a pod that is read already), and \`JSON.parse\` of the review. Microseconds, the median
of ${rounds} rounds of ${perRound.toLocaleString('en')} in turns. The aim for a pod that passes is 40 (what the metrics of a
real API server say of its plugin) and no more than \`JSON.parse\`. A pod that is refused costs more: each finding has its field,
its remedy and a patch, and the patched pod is judged again.

${machine}

| a pod | ours | in-tree | JSON.parse | ours / in-tree | ours / JSON.parse |
| --- | ---: | ---: | ---: | ---: | ---: |
${pods.map((pod) => row(pod, inTree)).join('\n')}`;
rmSync(folder, { recursive: true });
process.stdout.write(`${page}\n`);
if (values.write) writeSection('Pod Security', page);
