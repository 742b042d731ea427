// Manifests decided, file by file: memory holds a few files at a time, however many there are.
import { byPlace, type Diagnostic } from '../../base/diagnostic.ts';
import type { Result } from '../../base/result.ts';
import { type ClusterObjects, objectsOf, portsOf, withManifests } from '../../cluster/objects.ts';
import { admit } from '../../engine/admit.ts';
import type { Ports } from '../../engine/ports.ts';
import type { Decision } from '../../model/decision.ts';
import type { PolicySet } from '../../policy/model.ts';
import type { Entry } from '../../report/entry.ts';
import { locate } from '../../report/locate.ts';
import {
  attemptsOf,
  type ManifestAttempt,
  type ManifestObject,
  type ManifestOptions,
} from '../../review/manifest.ts';
import { turnSince } from '../../server/turn.ts';
import type { SourceFile } from '../../yaml/files.ts';
import { readFile } from '../../yaml/files.ts';
import { readDocuments } from '../../yaml/read.ts';
import { inOrder } from '../in-order.ts';

/** Files that are read before their turn. */
const ahead = 8;

export type Manifest = Result<SourceFile, Diagnostic>;

export type ManifestFiles = {
  readonly files: readonly string[];
  read(file: string): Promise<Manifest>;
};

/** Files that can be read twice: standard input is kept. */
export function manifestFiles(files: readonly string[]): ManifestFiles {
  let stdin: Promise<Manifest> | undefined;
  return {
    files,
    read(file) {
      if (file !== '-') return readFile(file);
      stdin ??= readFile(file);
      return stdin;
    },
  };
}

/** The cluster with what the manifests themselves bring: namespaces and custom kinds count wherever they stand. */
export async function clusterWith(
  cluster: ClusterObjects,
  manifests: ManifestFiles,
): Promise<ClusterObjects> {
  const found: ManifestObject[] = [];
  for await (const source of inOrder(manifests.files, ahead, manifests.read)) {
    // What is wrong with it is told when it is decided.
    if (!source.ok || !mayDefine(source.value.text)) continue;
    const { documents } = readDocuments(source.value.text, source.value.file);
    // One by one: a spread call takes only so many arguments, and a file can hold more.
    for (const object of objectsOf(documents).objects) if (defines(object)) found.push(object);
  }
  return withManifests(cluster, found);
}

/** Quick, and never wrong to the bad: only an escape or a tag can spell these words otherwise. */
function mayDefine(text: string): boolean {
  return /Namespace|CustomResourceDefinition|\\|!/.test(text);
}

function defines({ kind }: ManifestObject): boolean {
  return (
    (kind.group === '' && kind.kind === 'Namespace') ||
    (kind.group === 'apiextensions.k8s.io' && kind.kind === 'CustomResourceDefinition')
  );
}

export type Law = {
  readonly policySet: PolicySet;
  readonly cluster: ClusterObjects;
  readonly options: ManifestOptions;
  /** Absent: images are not verified. */
  readonly images?: NonNullable<Ports['images']>;
};

/** What comes of the manifests, in order; `file` after each of them. */
export type Checked =
  | { readonly kind: 'entry'; readonly entry: Entry }
  | { readonly kind: 'file'; readonly faults: readonly Diagnostic[] };

/** Decides one object after the other: of their decisions none is kept. */
export async function* checkFiles(manifests: ManifestFiles, law: Law): AsyncGenerator<Checked> {
  for await (const source of inOrder(manifests.files, ahead, manifests.read)) {
    if (source.ok) yield* checkText(source.value, law);
    else yield { kind: 'file', faults: [source.error] };
  }
}

async function* checkText({ file, text }: SourceFile, law: Law): AsyncGenerator<Checked> {
  const read = readDocuments(text, file);
  const { attempts, faults } = attemptsOf(read.documents, law.options);
  for (const manifest of attempts) {
    const decision = await decideManifest(manifest, law);
    yield { kind: 'entry', entry: locate(decision, manifest) };
  }
  yield { kind: 'file', faults: [...read.faults, ...faults].sort(byPlace) };
}

export function decideManifest(
  { attempt }: ManifestAttempt,
  { policySet, cluster, options, images }: Law,
): Promise<Decision> {
  const facts = portsOf(cluster, options.now, 'synthesise');
  const turn = turnSince(performance.now());
  return admit(policySet, attempt, { ...facts, ...(images === undefined ? {} : { images }), turn });
}
