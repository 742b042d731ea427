// A document's text changed so that its value becomes another one: comments, order, anchors, quotes and every byte that has
// nothing to do with the change stay. INVARIANT: text is given back only when it reads as exactly the wanted value.
import { isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { type FieldPath, formatPath, pathIn } from '../../base/field-path.ts';
import { canonicalJson, getIn, isArray, isObject, type JsonValue } from '../../base/json.ts';
import { applyPatch, diff, type PatchOperation } from '../../base/json-patch.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { readDocuments } from '../read.ts';
import * as block from './block.ts';
import * as flow from './flow.ts';
import { type Composed, composed, endOf, nodeAt, pairOf, type Splice, startOf } from './place.ts';
import { inlineText, scalarText } from './written.ts';

/** `text`: of one document, whose value is `from`. An error says why it has to be changed by hand. */
export function editDocument(text: string, from: JsonValue, to: JsonValue): Result<string, string> {
  let [made, value] = [text, from];
  for (const operation of operationsOf(from, to)) {
    const path = pathIn(value, operation.path);
    const splices = splicesOf(compose(made), path, operation);
    if (!splices.ok) return err(`${formatPath(path)}: ${splices.error}`);
    made = spliced(made, splices.value);
    const applied = applyPatch(value, [operation]);
    if (!applied.ok) return applied;
    value = applied.value;
  }
  return readsAs(made, to) ? ok(made) : err(otherwise);
}

/** New fields come first, so that no mapping is empty in between. A list changes only after all that is inside its items:
 * until then the places of fields are those in `from`. */
function operationsOf(from: JsonValue, to: JsonValue): readonly PatchOperation[] {
  const all = diff(from, to);
  const isField = ({ op, path }: PatchOperation): boolean =>
    op === 'add' && isObject(getIn(from, pathIn(from, path).slice(0, -1)));
  return [...all.filter(isField), ...all.filter((operation) => !isField(operation))];
}

const otherwise = 'the changed text would not read as what was meant';

function readsAs(text: string, wanted: JsonValue): boolean {
  const { documents, faults } = readDocuments(text, '');
  const [only, ...more] = documents;
  if (only === undefined || more.length > 0 || faults.length > 0) return false;
  return canonicalJson(only.value) === canonicalJson(wanted);
}

/** The text was read before, within its limits: composing it once more is safe. */
function compose(text: string): Composed {
  const options = {
    schema: 'failsafe',
    version: '1.1',
    merge: false,
    uniqueKeys: false,
    keepSourceTokens: true,
    logLevel: 'silent',
  } as const;
  return composed(text, parseDocument(text, options));
}

function spliced(text: string, splices: readonly Splice[]): string {
  return [...splices]
    .sort((a, b) => b.start - a.start)
    .reduce(
      (made, { start, end, text: own }) => made.slice(0, start) + own + made.slice(end),
      text,
    );
}

type Spliced = Result<readonly Splice[], string>;

function splicesOf(tree: Composed, path: FieldPath, operation: PatchOperation): Spliced {
  const holder = nodeAt(tree, path.slice(0, -1));
  const step = path.at(-1);
  if (!holder.ok) return holder;
  if (step === undefined) return err('the whole document would change');
  if (operation.op === 'remove') return one(removal(tree.text, holder.value, step));
  const value = operation.value ?? null;
  const isThere = isMap(holder.value) && pairOf(holder.value, String(step)) !== undefined;
  // What a merge has set is set again, for this place alone.
  if (operation.op === 'add' || (isMap(holder.value) && !isThere)) {
    return one(addition(tree.text, holder.value, step, value));
  }
  return replacement(tree, path, holder.value, value);
}

function one(splice: Splice | undefined): Spliced {
  return splice === undefined ? err(otherwise) : ok([splice]);
}

function addition(
  text: string,
  holder: Node,
  step: string | number,
  value: JsonValue,
): Splice | undefined {
  if (isMap(holder)) {
    return (holder.flow ? flow : block).addPair(text, holder, String(step), value);
  }
  if (!isSeq(holder) || step !== holder.items.length) return undefined;
  return (holder.flow ? flow : block).addItem(text, holder, value);
}

function removal(text: string, holder: Node, step: string | number): Splice | undefined {
  if (isMap(holder)) {
    const key = String(step);
    return holder.flow ? flow.removePair(holder, key) : block.removePair(text, holder, key);
  }
  if (!isSeq(holder) || typeof step === 'string') return undefined;
  return holder.flow ? flow.removeItem(holder, step) : block.removeItem(text, holder, step);
}

function replacement(tree: Composed, path: FieldPath, holder: Node, value: JsonValue): Spliced {
  const { text } = tree;
  const isFlow = (isMap(holder) || isSeq(holder)) && holder.flow === true;
  const pair = isMap(holder) ? pairOf(holder, String(path.at(-1))) : undefined;
  const isCollection = isArray(value) || isObject(value);
  if (pair !== undefined && isCollection && !isFlow) return ok(block.fillPair(text, pair, value));
  const old = nodeAt(tree, path);
  if (!old.ok) return old;
  if (!isScalar(old.value)) return err(otherwise);
  const [start, end] = [startOf(old.value), endOf(old.value)];
  const form = isJson(text) ? 'json' : 'yaml';
  const written = isCollection
    ? inlineText(value, form)
    : scalarText(value, isJson(text) ? '"' : text.slice(start, end));
  return ok([{ start, end, text: written }]);
}

function isJson(text: string): boolean {
  return text.trimStart().startsWith('{');
}
