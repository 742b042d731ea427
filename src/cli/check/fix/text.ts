// One file's text with every patch that its decisions told, written in: a patch, a new decision, the next patch, until there
// is none left that helps.
import type { Diagnostic } from '../../../base/diagnostic.ts';
import { getIn, type JsonValue } from '../../../base/json.ts';
import { edit, editsOf } from '../../../base/json-edit.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { attemptsOf, type ManifestAttempt } from '../../../review/manifest.ts';
import { editDocument } from '../../../yaml/edit/edit.ts';
import type { SourceFile } from '../../../yaml/files.ts';
import { readDocuments } from '../../../yaml/read.ts';
import { splitDocuments } from '../../../yaml/split.ts';
import { decideManifest, type Law } from '../files.ts';
import { type Remedy, remediesOf } from './remedies.ts';

/** An object that was changed, by the fields that were wrong. */
export type FixedObject = {
  readonly kind: string;
  readonly name: string;
  readonly fields: readonly string[];
};

export type FixedText = {
  readonly text: string;
  readonly objects: readonly FixedObject[];
  /** What has a patch that could not be written in. Code: fix-by-hand. */
  readonly refused: readonly Diagnostic[];
};

export async function fixText({ file, text }: SourceFile, law: Law): Promise<FixedText> {
  const objects: FixedObject[] = [];
  const refused: Diagnostic[] = [];
  let [made, end, line] = ['', 0, 0];
  for (const chunk of splitDocuments(text).chunks) {
    const before = text.slice(end, chunk.start);
    const own = text.slice(chunk.start, chunk.end);
    const fixing = read({ file, law, line: line + breaksIn(before) }, own);
    for await (const fixed of fixDocument(fixing)) {
      if (fixed.ok) objects.push(fixed.value);
      else refused.push(fixed.error);
    }
    made += before + fixing.text;
    end = chunk.end;
    line += breaksIn(before) + breaksIn(own);
  }
  return { text: made + text.slice(end), objects, refused };
}

function breaksIn(text: string): number {
  return text.split('\n').length - 1;
}

/** `line`: how many lines stand before the document in its file. */
type Where = { readonly file: string; readonly law: Law; readonly line: number };

/** One document, as far as it is fixed. */
type Fixing = Where & { text: string; attempts: readonly ManifestAttempt[] };

function read(where: Where, text: string): Fixing {
  return { ...where, text, attempts: attemptsIn(where, text) };
}

/** None where several JSON objects stand one behind the other: that is no text of one document. */
function attemptsIn({ file, law }: Where, text: string): readonly ManifestAttempt[] {
  const { documents } = readDocuments(text, file);
  return documents.length === 1 ? attemptsOf(documents, law.options).attempts : [];
}

async function* fixDocument(fixing: Fixing): AsyncGenerator<Result<FixedObject, Diagnostic>> {
  for (const index of fixing.attempts.keys()) {
    const { fields, faults } = await fixObject(fixing, index);
    const attempt = fixing.attempts[index]?.attempt;
    for (const fault of faults) yield err(fault);
    if (attempt === undefined || fields.length === 0) continue;
    yield ok({ kind: attempt.kind.kind, name: attempt.name, fields });
  }
}

async function fixObject(fixing: Fixing, index: number) {
  const tried = new Set<string>();
  const [fields, faults]: [string[], Diagnostic[]] = [[], []];
  for (;;) {
    const manifest = fixing.attempts[index];
    if (manifest === undefined) break;
    const decision = await decideManifest(manifest, fixing.law);
    const remedy = remediesOf(decision).find(({ key }) => !tried.has(key));
    if (remedy === undefined) break;
    tried.add(remedy.key);
    const text = written(fixing.text, manifest, remedy);
    if (text.ok) {
      fixing.text = text.value;
      fixing.attempts = attemptsIn(fixing, text.value);
      fields.push(...remedy.fields);
    } else faults.push(byHand(fixing, manifest, text.error));
  }
  return { fields, faults };
}

/** Patches are of the object with its defaults; what is written may lack them. */
function written(
  text: string,
  { attempt, document, basePath }: ManifestAttempt,
  { patch }: Remedy,
): Result<string, string> {
  const own: JsonValue = getIn(document.value, basePath) ?? null;
  const wanted = edit(own, editsOf(attempt.object, patch)).value;
  const whole = edit(document.value, [{ path: basePath, value: wanted }]).value;
  return editDocument(text, document.value, whole);
}

function byHand(
  { file, line }: Where,
  { attempt, document, basePath }: ManifestAttempt,
  why: string,
): Diagnostic {
  const place = document.position(basePath);
  return {
    code: 'fix-by-hand',
    message: `${attempt.kind.kind} ${attempt.name} cannot be fixed here: ${why}`,
    file,
    line: place.line + line,
    column: place.column,
    fix: 'change it by hand',
  };
}
