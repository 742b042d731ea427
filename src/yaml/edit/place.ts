// Where a path leads in composed YAML, and where nodes begin and end in the text that they were composed from.
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { FieldPath } from '../../base/field-path.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { quote } from '../../base/text.ts';

/** A stretch of the text and what comes in its place. */
export type Splice = { readonly start: number; readonly end: number; readonly text: string };

export type Composed = {
  readonly text: string;
  readonly document: Document.Parsed;
  /** The names that aliases use. */
  readonly aliased: ReadonlySet<string>;
};

export function composed(text: string, document: Document.Parsed): Composed {
  const aliased = new Set<string>();
  visit(document, {
    Alias(_, { source }) {
      aliased.add(source);
    },
  });
  return { text, document, aliased };
}

/** The node at a path. Threat: what an alias or a merge shares would change in two places. */
export function nodeAt({ document, aliased }: Composed, path: FieldPath): Result<Node, string> {
  let at: unknown = document.contents;
  for (const step of [undefined, ...path]) {
    if (step !== undefined) at = childOf(at, step);
    if (isAlias(at)) return err(shared(at.source));
    if (!isNode(at)) return err('the field comes from a merge (<<)');
    const { anchor } = at;
    if (anchor !== undefined && aliased.has(anchor)) return err(shared(anchor));
  }
  return isNode(at) ? ok(at) : err('there is no such field');
}

function shared(anchor: string): string {
  return `the anchor ${quote(anchor)} shares it with another place`;
}

function childOf(node: unknown, step: string | number): unknown {
  if (isSeq(node) && typeof step === 'number') return node.items[step];
  return isMap(node) && typeof step === 'string' ? pairOf(node, step)?.value : undefined;
}

export function pairOf(map: YAMLMap, key: string): Pair<Node, Node | null> | undefined {
  return pairsOf(map).find((pair) => keyOf(pair) === key);
}

export function pairsOf(map: YAMLMap): readonly Pair<Node, Node | null>[] {
  return map.items.filter((pair): pair is Pair<Node, Node | null> => isNode(pair.key));
}

export function keyOf({ key }: Pair<Node, Node | null>): string | undefined {
  return isScalar(key) ? String(key.source ?? key.value) : undefined;
}

export function itemsOf(seq: YAMLSeq): readonly Node[] {
  return seq.items.filter((item): item is Node => isNode(item));
}

export function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

/** Past the last character of a value. */
export function endOf(node: Node): number {
  if ((isMap(node) || isSeq(node)) && node.flow !== true) {
    const last = isMap(node) ? pairsOf(node).at(-1) : itemsOf(node).at(-1);
    if (last !== undefined) return isNode(last) ? endOf(last) : endOfPair(last);
  }
  return node.range?.[1] ?? 0;
}

/** A value that is not written ends with the colon, as far as the composer tells. */
export function endOfPair({ key, value }: Pair<Node, Node | null>): number {
  return value === null ? endOf(key) : Math.max(endOf(value), endOf(key));
}

export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/** The end of the line without its line break. At the start of a line, as after a block scalar, that is the line before. */
export function lineEnd(text: string, at: number): number {
  if (at > 0 && text[at - 1] === '\n') return beforeBreak(text, at - 1);
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : beforeBreak(text, end);
}

function beforeBreak(text: string, at: number): number {
  return text[at - 1] === '\r' ? at - 1 : at;
}

export function lineBreak(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
