// Generated policies and requests, in-tree and in ours: the same policies match, with the same result and texts.
// SEKISHO_RUNS batches of policies, each held against every request; SEKISHO_SEED repeats a run.
import { readFileSync, statSync } from 'node:fs';
import { test } from 'tap';
import { getIn, isObject, type JsonObject } from '../../src/base/json.ts';
import { type Captured, capture } from '../differential/matching/capture.ts';
import { type Annotations, differences } from '../differential/matching/compare.ts';
import { install, probing, uninstall, untilActive } from '../differential/matching/install.ts';
import { decisionOf, load, portsOf } from '../differential/matching/ours.ts';
import { type Generated, policies } from '../differential/matching/policies.ts';
import { requests } from '../differential/matching/requests.ts';
import { apiVersionOf, makeWorld, paramKinds, readWorld } from '../differential/matching/world.ts';
import { type Cluster, startCluster, whyNot } from './cluster.ts';
import { until } from './processes.ts';

const long = process.env['SEKISHO_RUNS'] !== undefined;
const batches = Number(process.env['SEKISHO_RUNS'] ?? 3);
const seed = Number(process.env['SEKISHO_SEED'] ?? (long ? Date.now() % 1_000_000 : 5));
const perBatch = 20;
/** Policies that are installed with no other beside them. */
const alone = long ? 40 : 8;
const asked = long ? 250 : 120;

test('the policies that match in-tree match here, with the same result and texts', {
  skip: whyNot(),
  timeout: 60_000 * (10 + batches),
}, async (t) => {
  const cluster = await startCluster();
  t.teardown(() => cluster.stop());
  await makeWorld(cluster.api);
  const captured = await capture(cluster, requests(asked, seed));
  t.ok(captured.length > asked / 2, `${captured.length} requests reach webhooks`);
  const operations = captured.map(({ review }) => getIn(review, ['request', 'operation']));
  t.same([...new Set(operations)].sort(), ['CONNECT', 'CREATE', 'DELETE', 'UPDATE']);
  const kinds = paramKinds.map((of) => ({ apiVersion: apiVersionOf(of), kind: of.kind }));
  await untilActive(
    cluster.api,
    kinds.map((kind, i) => probing(`warm-${i}`, kind)),
  );
  const counts = { pairs: 0, warnings: 0, refusals: 0 };
  for (let batch = 0; batch < batches; batch++) {
    const generated = policies(perBatch, seed + batch, `b${batch}`);
    const held = { name: `b${batch}`, generated, captured, counts };
    t.same(await heldAgainst(cluster, held), [], `batch ${batch}`);
  }
  for (let one = 0; one < alone; one++) {
    const generated = policies(1, seed + batches + one, `a${one}`).map(denying);
    const held = { name: `a${one}`, generated, captured, counts };
    t.same(await heldAgainst(cluster, held), [], `policy ${one} alone`);
  }
  t.comment(`seed ${seed}: ${JSON.stringify(counts)}`);
  t.ok(counts.warnings > counts.pairs / 50 && counts.refusals > 0, 'policies match often enough');
});

type Counts = { pairs: number; warnings: number; refusals: number };

type Held = {
  readonly name: string;
  readonly generated: readonly Generated[];
  readonly captured: readonly Captured[];
  readonly counts: Counts;
};

/** In-tree answers with the refusal of one policy: which one is certain only when there is no other. */
function denying({ policy, bindings }: Generated): Generated {
  const spec = (binding: JsonObject): JsonObject => {
    const written = getIn(binding, ['spec']);
    return { ...(isObject(written) ? written : {}), validationActions: ['Deny'] };
  };
  return { policy, bindings: bindings.map((each) => ({ ...each, spec: spec(each) })) };
}

async function heldAgainst(
  { api, auditLog }: Cluster,
  { name, generated, captured, counts }: Held,
): Promise<readonly string[]> {
  await uninstall(api);
  const { accepted, refused } = await install(api, generated, name);
  const told = [
    ...refused
      .filter((each) => load([each.generated]).ok)
      .map((each) => `only they refuse ${JSON.stringify(each.generated)}: ${each.why}`),
    ...accepted.flatMap((each) => {
      const loaded = load([each]);
      return loaded.ok ? [] : [`only we refuse ${JSON.stringify(each)}: ${loaded.error}`];
    }),
  ];
  const both = accepted.filter((each) => load([each]).ok);
  if (both.length === 0) return told;
  const policySet = load(both);
  if (!policySet.ok) return [...told, policySet.error];
  const ports = portsOf(await readWorld(api));
  const from = statSync(auditLog).size;
  const answers = [];
  for (const [i, { sent }] of captured.entries()) {
    const path = `${sent.path}${sent.path.includes('?') ? '&' : '?'}matching=${name}-${i}-`;
    answers.push(await api.send(sent.method, path, sent.body, sent.contentType));
  }
  const audited = await annotationsOf({ auditLog, from }, name, captured.filter(isAudited).length);
  for (const [i, { sent, review }] of captured.entries()) {
    const answer = answers[i];
    if (answer === undefined) continue;
    const decision = await decisionOf(policySet.value, review, ports);
    counts.pairs += both.length;
    counts.warnings += decision.warnings.length;
    counts.refusals += decision.allowed ? 0 : 1;
    const found = differences({ answer, annotations: audited.get(i) }, decision);
    told.push(
      ...found.map((text) => `${sent.method} ${sent.path} ${JSON.stringify(sent.body)}: ${text}`),
    );
  }
  return told.map((text) => `${text}${policyOfText(text, both)}`);
}

/** The policy that a difference is about, to repeat it by hand. */
function policyOfText(text: string, all: readonly { readonly policy: object }[]): string {
  const name = /[ab]\d+-\d+/.exec(text)?.[0];
  const found = all.find((each) => JSON.stringify(each.policy).includes(`"name":"${name}"`));
  return found === undefined || text.startsWith('only ') ? '' : `\n  ${JSON.stringify(found)}`;
}

/** As the audit policy of the control plane has it. */
function isAudited({ sent }: Captured): boolean {
  return sent.method !== 'GET' && !sent.path.includes('/events');
}

/** By the number that a request carries in its query. */
async function annotationsOf(
  { auditLog, from }: { readonly auditLog: string; readonly from: number },
  batch: string,
  count: number,
): Promise<ReadonlyMap<number, Annotations>> {
  const found = new Map<number, Annotations>();
  await until('the audit log', 10, async () => {
    for (const line of readFileSync(auditLog).subarray(from).toString().split('\n')) {
      const [, number] = line.match(new RegExp(`matching=${batch}-(\\d+)-`)) ?? [];
      if (number === undefined || !line.endsWith('}')) continue;
      found.set(Number(number), JSON.parse(line).annotations ?? {});
    }
    return found.size >= count;
  });
  return found;
}
