// What the paths name: folders, or single segments (those of one folder together), with what lies beside the segments.
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { listSegments, segmentFile } from '../read/segments.ts';
import { type Segment, shownSegment } from './scan.ts';

export type Beside = { readonly file: string; readonly text: string };

export type Source = {
  /** As it was given; of single segments their folder. */
  readonly path: string;
  readonly segments: readonly Segment[];
  /** Single segments were given. */
  readonly partial: boolean;
  /** `undefined`: it is not there. */
  readonly checkpoint: Beside | undefined;
  readonly epochs: Beside | undefined;
  readonly keys: Beside | undefined;
};

export type Sources = {
  readonly sources: readonly Source[];
  readonly faults: readonly Diagnostic[];
};

export async function findSources(paths: readonly string[]): Promise<Sources> {
  const sources: Source[] = [];
  const faults: Diagnostic[] = [];
  const single = new Map<string, string[]>();
  for (const path of paths) {
    const found = await stat(path).catch((cause: unknown) => cause);
    if (found instanceof Error) faults.push(unreadable(path, found.message));
    else if (await isFolder(path)) await addFolder(path, sources, faults);
    else single.set(dirname(path), [...(single.get(dirname(path)) ?? []), path]);
  }
  for (const [folder, files] of single) {
    const segments = [...new Set(files)]
      .sort()
      .map((path) => ({ file: segmentFile(path), shown: path }));
    const { epochs, keys } = await beside(folder);
    sources.push({ path: folder, segments, partial: true, checkpoint: undefined, epochs, keys });
  }
  return { sources, faults };
}

async function addFolder(path: string, sources: Source[], faults: Diagnostic[]): Promise<void> {
  // Before the segments are listed: what it covers is then in them, also while the ledger is written.
  const files = await beside(path);
  const segments = (await listSegments(path)).map((file) => shownSegment(path, file));
  if (segments.length === 0) faults.push(unreadable(path, 'there is no segment of a ledger in it'));
  else sources.push({ path, segments, partial: false, ...files });
}

async function beside(folder: string): Promise<Pick<Source, 'checkpoint' | 'epochs' | 'keys'>> {
  return {
    checkpoint: await textOf(join(folder, 'checkpoint')),
    epochs: await textOf(join(folder, 'epochs.jsonl')),
    keys: await textOf(join(folder, 'keys.json')),
  };
}

async function textOf(file: string): Promise<Beside | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : { file, text };
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path)).isDirectory();
}

function unreadable(file: string, message: string): Diagnostic {
  return { code: 'file-unreadable', message, file, line: 0, column: 0 };
}
