// Held-out manifests get one verdict: from `sekisho check` on a laptop, from the gate behind the API server, and from the
// API server's own ValidatingAdmissionPolicy with the same policies and bindings, one after the other.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { get, type JsonObject, type JsonValue } from '../../src/base/json.ts';
import { sekisho } from '../cli/harness.ts';
import { root } from '../gate.ts';
import { collect, type Manifest } from './agreement/manifests.ts';
import { decidedBy, denials, failuresOf, inTree } from './agreement/verdicts.ts';
import { type Cluster, guard, service, startCluster, untilAccounts, whyNot } from './cluster.ts';
import { until } from './processes.ts';
import { manifest, pod } from './scene.ts';

const user = ['--user', 'admin', '--group', 'system:masters', '--group', 'system:authenticated'];
const policies = ['-p', join(root, 'policies')];

test('check, the gate and the API server agree', {
  skip: whyNot(),
  timeout: 900_000,
}, async (t) => {
  const cluster = await startCluster();
  t.teardown(() => cluster.stop());
  const { manifests, surroundings } = collect();
  const spaces = surroundings.map(manifest).join('---\n');
  await cluster.apply(`${service}---\n${spaces}`);
  await untilAccounts(cluster, namesOf(surroundings));
  const objects = await exported(cluster);
  const ledger = join(cluster.folder, 'ledger');
  await guard(t, cluster, {
    policies,
    serve: ['--ledger', ledger, '--cluster-objects', objects],
    refuses: pod('probe', { hostPID: true }, 'default'),
  });
  const live = new Map<Manifest, readonly string[]>();
  const unfit: string[] = [];
  for (const each of manifests) {
    const answer = await cluster.api.send('POST', `${each.path}?dryRun=All`, each.object);
    const rules = decidedBy(answer);
    if (rules === undefined)
      unfit.push(`${each.name}: ${String(get(answer.body as JsonObject, 'message'))}`);
    else live.set(each, rules);
  }
  const comparable = [...live.keys()];
  const checked = denials(await check(cluster, comparable, objects));

  t.test('check denies by the same rules as the gate behind the API server', (t) => {
    t.ok(comparable.length >= 250, `${comparable.length} manifests; ${unfit.length} are not valid`);
    t.ok([...live.values()].filter((rules) => rules.length > 0).length >= 150);
    comparable.forEach((each, i) => {
      const [here, there] = [checked[i]?.rules ?? ['no decision'], live.get(each) ?? []];
      // Pod Security in the API server answers before any webhook is asked.
      if (there[0] === 'PodSecurity')
        t.ok(
          here.some((rule) => rule.startsWith('pod-security/')),
          each.name,
        );
      else t.strictSame(here, there, each.name);
    });
    t.end();
  });

  await t.test('the same policies in the API server deny by the same messages', async (t) => {
    await cluster.kubectl(['delete', 'validatingwebhookconfigurations', '--all']);
    await cluster.apply(inTree(join(root, 'policies')));
    // What these say is not ours to compare: templates are judged by our annotation alone.
    const direct = comparable.filter(({ object }) => !workloads.has(String(object['kind'])));
    const expected = (each: Manifest): readonly string[] =>
      checked[comparable.indexOf(each)]?.messages ?? [];
    const told = async (each: Manifest): Promise<readonly string[]> =>
      failuresOf(await cluster.api.send('POST', `${each.path}?dryRun=All`, each.object));
    const policyNames = new Set(direct.flatMap(expected).map((text) => text.split("'")[1]));
    for (const name of policyNames) {
      const probe = direct.find((each) =>
        expected(each).some((text) => text.split("'")[1] === name),
      );
      if (probe === undefined) continue;
      await until(`in-tree policy ${name}`, 60, async () =>
        (await told(probe)).some((text) => text.split("'")[1] === name),
      );
    }
    t.ok(policyNames.size >= 10, [...policyNames].join(', '));
    for (const each of direct) {
      if (live.get(each)?.[0] === 'PodSecurity') continue;
      t.strictSame(await told(each), expected(each), each.name);
    }
  });
});

/** The kinds that hold pod templates. */
const workloads = new Set(
  ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'].concat(
    'ReplicationController',
    'PodTemplate',
  ),
);

function namesOf(objects: readonly JsonObject[]): readonly string[] {
  return objects
    .filter(({ kind }) => kind === 'Namespace')
    .map(({ metadata }) => String(get(metadata, 'name')));
}

/** What people would give to `--cluster-objects`. */
async function exported({ kubectl, folder }: Cluster): Promise<string> {
  const ran = await kubectl(['get', 'namespaces,networkpolicies,configmaps', '-A', '-o', 'yaml']);
  if (ran.code !== 0) throw new Error(ran.stderr);
  const file = join(folder, 'objects.yaml');
  writeFileSync(file, ran.stdout);
  return file;
}

async function check(
  { folder }: Cluster,
  manifests: readonly Manifest[],
  objects: string,
): Promise<JsonValue> {
  const files = join(folder, 'checked');
  mkdirSync(files);
  manifests.forEach(({ object }, i) => {
    writeFileSync(join(files, `${String(i).padStart(4, '0')}.yaml`), manifest(object));
  });
  const flags = [...policies, '--cluster-objects', objects, ...user, '-o', 'json'];
  const ran = await sekisho('', ['check', files, ...flags]);
  return JSON.parse(ran.stdout);
}
