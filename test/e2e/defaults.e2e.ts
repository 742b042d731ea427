// Held against a real API server: what `check` shows to policies is what the server shows to its webhooks.
// SEKISHO_DEFAULTS=N: so many combinations of fields beside the cases and the systematic corpus.
// SEKISHO_GOLDEN=write: the goldens are made anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { mapKind } from '../../src/k8s/resources.ts';
import { typeFiles, typesFolder } from '../differential/types/write.ts';
import { writesGoldens } from '../golden.ts';
import { type Cluster, startCluster, whyNot } from './cluster.ts';
import { cases } from './defaults/cases.ts';
import { differences, ours, theirs } from './defaults/compare.ts';
import { type CorpusObject, combinations, corpus, seeded } from './defaults/corpus.ts';
import { changesBetween, type GoldenLine, goldenFile, goldenText } from './defaults/golden.ts';
import { startWitness, type Witness } from './defaults/witness.ts';

const few = 300;
/** Of the corpus one in so many is a golden; of the cases, all. */
const goldenStep = 40;

test('policies see in check what a real API server shows them', {
  skip: whyNot(),
  timeout: 3_600_000,
}, async (t) => {
  const cluster = await startCluster();
  t.teardown(() => cluster.stop());
  const witness = await startWitness(cluster);
  t.teardown(() => witness.stop());
  const ask = asker(cluster, witness);

  const goldens: GoldenLine[] = [];
  const runs = Number(process.env['SEKISHO_DEFAULTS'] ?? few);
  const parts = { cases: cases(), corpus: [...corpus()], combinations: [...mixed(runs)] };
  for (const [part, objects] of Object.entries(parts)) {
    const seen = await ask(objects);
    const told = seen.flatMap(({ name, object, server }) =>
      differences(server, ours(object)).map((difference) => `${name}: ${difference}`),
    );
    t.strictSame(told, [], `${part}: nothing differs`);
    t.comment(`${part}: ${objects.length} sent, ${seen.length} taken and compared`);
    const some = seen.filter(
      (_, i) => part === 'cases' || (part === 'corpus' && i % goldenStep === 0),
    );
    for (const { name, object, server } of some) {
      goldens.push([name, object, changesBetween(object, server)]);
    }
    t.ok(seen.length > objects.length / 4, `${part}: the server takes enough of them`);
  }
  const text = goldenText(goldens);
  if (writesGoldens) writeFileSync(goldenFile, text);
  t.ok(readFileSync(goldenFile, 'utf8') === text, 'the goldens are what the server says today');
});

test('the tables of types are those of the Go types', { skip: whyNot() }, (t) => {
  for (const [file, text] of typeFiles()) {
    t.ok(readFileSync(`${typesFolder}${file}.ts`, 'utf8') === text, `src/k8s/types/${file}.ts`);
  }
  t.end();
});

type Seen = CorpusObject & { readonly server: JsonObject };

/** What the server showed to its webhook, of the objects that it takes. Kinds go side by side, one object at a time. */
function asker(
  { api }: Cluster,
  witness: Witness,
): (all: readonly CorpusObject[]) => Promise<Seen[]> {
  const one = async (each: CorpusObject): Promise<Seen | undefined> => {
    const answer = await api.send('POST', `${pathOf(each.object)}?dryRun=All`, each.object);
    const shown = witness.taken(String(each.object['kind']));
    if (answer.status !== 201 || shown === undefined) return undefined;
    return { ...each, server: theirs(shown, each.object) };
  };
  return async (all) => {
    const seen = new Map<CorpusObject, Seen>();
    const kinds = Map.groupBy(all, ({ object }) => object['kind']);
    const queue = async (objects: readonly CorpusObject[]): Promise<void> => {
      for (const each of objects) {
        const found = await one(each);
        if (found !== undefined) seen.set(each, found);
      }
    };
    await Promise.all([...kinds.values()].map(queue));
    return all.flatMap((each) => seen.get(each) ?? []);
  };
}

function* mixed(count: number): Generator<CorpusObject> {
  yield* combinations(count, seeded(count));
}

function pathOf(object: JsonObject): string {
  const apiVersion = String(object['apiVersion']);
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  const kind = { group, version, kind: String(object['kind']) };
  const { resource, namespaced } = mapKind(kind, new Map());
  const place = namespaced ? '/namespaces/default' : '';
  return `${group === '' ? '/api/v1' : `/apis/${apiVersion}`}${place}/${resource.resource}`;
}
