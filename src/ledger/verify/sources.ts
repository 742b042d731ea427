// What the paths name: folders, or single segments (those of one folder together), with what lies beside the segments.
import { realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode, messageOf } from '../../base/cause.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { readRegular } from '../read/regular.ts';
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
  const seen = new Set<string>();
  for (const path of paths) {
    const real = await realpath(path).catch((cause: unknown) => cause);
    if (typeof real !== 'string') faults.push(unreadable(path, messageOf(real)));
    else if (seen.has(real)) continue;
    else if (await isFolder(path)) await addFolder(path, sources, faults);
    else single.set(dirname(path), [...(single.get(dirname(path)) ?? []), path]);
    if (typeof real === 'string') seen.add(real);
  }
  for (const [folder, files] of single) {
    const segments = files.sort().map((path) => ({ file: segmentFile(path), shown: path }));
    const { epochs, keys } = await beside(folder, faults);
    sources.push({ path: folder, segments, partial: true, checkpoint: undefined, epochs, keys });
  }
  return { sources, faults };
}

async function addFolder(path: string, sources: Source[], faults: Diagnostic[]): Promise<void> {
  // Before the segments are listed: what it covers is then in them, also while the ledger is written.
  const files = await beside(path, faults);
  const segments = (await listSegments(path)).map((file) => shownSegment(path, file));
  if (segments.length === 0) faults.push(unreadable(path, 'there is no segment of a ledger in it'));
  else sources.push({ path, segments, partial: false, ...files });
}

/** The most bytes that each can honestly have: epochs of a hundred thousand segments, the roots of as many replicas. */
const mostBytes = {
  checkpoint: 64 * 1024,
  'epochs.jsonl': 64 * 1024 ** 2,
  'keys.json': 32 * 1024 ** 2,
};

async function beside(
  folder: string,
  faults: Diagnostic[],
): Promise<Pick<Source, 'checkpoint' | 'epochs' | 'keys'>> {
  const textOf = async (name: keyof typeof mostBytes): Promise<Beside | undefined> => {
    const file = join(folder, name);
    try {
      return { file, text: (await readRegular(file, mostBytes[name])).toString('utf8') };
    } catch (cause) {
      // Threat: what is there and cannot be read is not what is not there.
      if (errorCode(cause) !== 'ENOENT') faults.push(unreadable(file, messageOf(cause)));
      return undefined;
    }
  };
  return {
    checkpoint: await textOf('checkpoint'),
    epochs: await textOf('epochs.jsonl'),
    keys: await textOf('keys.json'),
  };
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path)).isDirectory();
}

function unreadable(file: string, message: string): Diagnostic {
  return { code: 'file-unreadable', message, file, line: 0, column: 0 };
}
