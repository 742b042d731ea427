// `check --fix`: every manifest fixed as far as it can be, written or shown as a diff; the check itself then reads what was
// fixed.
import type { Diagnostic } from '../../../base/diagnostic.ts';
import { ok } from '../../../base/result.ts';
import { count, cut, printable } from '../../../base/text.ts';
import { unifiedDiff } from '../../../report/unified-diff.ts';
import type { SourceFile } from '../../../yaml/files.ts';
import type { Io } from '../../command.ts';
import { tellFaults } from '../../faults.ts';
import { inOrder } from '../../in-order.ts';
import type { Law, Manifest, ManifestFiles } from '../files.ts';
import type { FixMode } from './mode.ts';
import { type FixedObject, fixText } from './text.ts';
import { rewriteFile } from './write.ts';

export type Fixing = {
  readonly mode: FixMode;
  readonly law: Law;
  readonly color: boolean;
  readonly quiet: boolean;
  readonly io: Io;
};

const ahead = 8;

/** The manifests as they are after fixing; a file that could not be written is as it was, and a fault. */
export async function fixManifests(
  manifests: ManifestFiles,
  fixing: Fixing,
): Promise<{ readonly manifests: ManifestFiles; readonly faults: readonly Diagnostic[] }> {
  const changed = new Map<string, SourceFile>();
  const faults: Diagnostic[] = [];
  for await (const { file, source } of inOrder(manifests.files, ahead, readAs(manifests))) {
    if (!source.ok) continue;
    const text = await fixFile(file, source.value, fixing);
    if (text === undefined) continue;
    const fault =
      fixing.mode === 'write' ? await rewriteFile(file, source.value.text, text) : undefined;
    if (fault === undefined) changed.set(file, { file: source.value.file, text });
    else faults.push(fault);
  }
  const read = async (file: string): Promise<Manifest> => {
    const own = changed.get(file);
    return own === undefined ? manifests.read(file) : ok(own);
  };
  return { manifests: { files: manifests.files, read }, faults };
}

function readAs(manifests: ManifestFiles) {
  return async (file: string) => ({ file, source: await manifests.read(file) });
}

/** Undefined where nothing changes. */
async function fixFile(
  file: string,
  source: SourceFile,
  { mode, law, color, quiet, io }: Fixing,
): Promise<string | undefined> {
  const { text, objects, refused } = await fixText(source, law);
  if (!quiet) await tellFaults(refused, io);
  if (text === source.text) return undefined;
  if (mode === 'diff') await io.stdout.write(unifiedDiff(source.file, source.text, text, color));
  if (!quiet) await io.stderr.write(objects.map((each) => told(file, each, mode)).join(''));
  return text;
}

const maxFields = 20;
const maxLine = 1000;

function told(file: string, { kind, name, fields }: FixedObject, mode: FixMode): string {
  const shown = [...new Set(fields)];
  const more = shown.length - maxFields;
  const rest = more > 0 ? `, and ${count(more, 'more field')}` : '';
  const verb = mode === 'write' ? 'fixed' : 'would fix';
  const text = `${file}: ${verb} ${kind} ${name}: ${shown.slice(0, maxFields).join(', ')}${rest}`;
  return `${cut(printable(text), maxLine)}\n`;
}
