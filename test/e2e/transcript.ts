// What kubectl prints, as a transcript: each command after a `$`, both outputs below it as a terminal shows them.
// Pinned in test/golden/e2e (SEKISHO_GOLDEN=write); what differs from run to run stands there as ID, HASH, PORT and so on.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../gate.ts';
import { golden as goldenFile } from '../golden.ts';
import type { Cluster } from './cluster.ts';

export type Said = { readonly code: number; readonly text: string };

export type Transcript = {
  /** Begins a section. */
  title(title: string): void;
  /** `kubectl` and its arguments as one would type them. */
  kubectl(line: string): Promise<Said>;
  /** A file in the folder where kubectl runs. */
  file(name: string, text: string): void;
  /** All of it, pinned. */
  text(): string;
};

export type TranscriptOptions = {
  /** Another user than alice. */
  readonly kubeconfig?: string;
  /** Names that the cluster makes up. */
  readonly pins?: Pins;
};

export function startTranscript(
  cluster: Cluster,
  { kubeconfig = cluster.kubeconfigOf('alice'), pins = [] }: TranscriptOptions = {},
): Transcript {
  const folder = join(cluster.folder, 'manifests');
  mkdirSync(folder, { recursive: true });
  const lines: string[] = [];
  return {
    title: (title) => void lines.push(...(lines.length > 0 ? [''] : []), `== ${title}`),
    async kubectl(line) {
      const options = { kubeconfig, folder, terminal: join(cluster.folder, 'terminal.txt') };
      const { code, stdout: text } = await cluster.kubectl(wordsOf(line), options);
      lines.push(`$ kubectl ${line}`, ...text.trimEnd().split('\n'));
      return { code, text };
    },
    file: (name, text) => writeFileSync(join(folder, name), text),
    text: () => pin(lines.join('\n'), pins),
  };
}

/** As a shell would split it: blanks, and single quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
}

/** Ids, hashes and ports are other ones each time. */
export function pin(text: string, pins: Pins = []): string {
  const pinned = text
    .replace(/\bdecision [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'decision ID')
    .replace(/\bpolicies sha256:[0-9a-f]{12}\b/g, 'policies HASH')
    .replace(/(sekisho\.svc|127\.0\.0\.1):\d+/g, '$1:PORT')
    .replace(/\[::1\]:\d+/g, '127.0.0.1:PORT');
  return pins.reduce((made, [what, by]) => made.replace(what, by), pinned);
}

export type Pins = readonly (readonly [what: RegExp, pinned: string])[];

/** Names that controllers give to ReplicaSets and pods. */
export const podNames: Pins = [
  [/\b(\w+)-[bcdf0-9]{8,10}-[a-z0-9]{5}\b/g, '$1-HASH-xxxxx'],
  [/\b(\w+)-[bcdf0-9]{8,10}\b/g, '$1-HASH'],
];

export const goldens = join(root, 'test/golden/e2e');

/** The golden text. */
export function golden(name: string, text: string): string {
  return goldenFile(`e2e/${name}.txt`, `${text}\n`).trimEnd();
}

/** Title to text of each section of a golden file. */
export function sectionsOf(text: string): ReadonlyMap<string, string> {
  const parts = text.split(/^== /m).slice(1);
  return new Map(
    parts.map((part) => {
      const end = part.indexOf('\n');
      return [part.slice(0, end), part.slice(end + 1).trimEnd()];
    }),
  );
}
