// One document of a YAML or JSON file: its value, and where every path of it stands in the source.
import type { Diagnostic, Position } from '../base/diagnostic.ts';
import type { FieldPath } from '../base/field-path.ts';
import type { JsonValue } from '../base/json.ts';
import type { Lines } from './lines.ts';
import { offsetInScalar } from './scalar-offset.ts';
import type { Entry, SourceNode } from './tree.ts';

export type SourceDocument = {
  readonly file: string;
  /** Among the documents of its file, from 0; empty ones do not count. */
  readonly index: number;
  /** Of its first content, from 1. */
  readonly line: number;
  readonly value: JsonValue;
  /** Of the field, or of its nearest existing parent. A field is where its value starts, or at its key when the
   * value is a block collection on the lines below it; what comes through an alias is where the alias stands. */
  position(path: FieldPath): Position;
  /** Inside the string scalar at `path`, `offset` UTF-16 units into its value; else as `position`. */
  positionInScalar(path: FieldPath, offset: number): Position;
  /** A source line (from 1) without its line break; "" past the end. */
  lineAt(line: number): string;
};

export type Documents = {
  readonly documents: readonly SourceDocument[];
  readonly faults: readonly Diagnostic[];
};

/** What all documents of a file share. */
export type Source = { readonly file: string; readonly text: string; readonly lines: Lines };

/** Where a path leads: the node, where it stands, and whether the path went all the way without an alias. */
type Place = { readonly node: SourceNode; readonly at: number; readonly exact: boolean };

export function sourceDocument(source: Source, index: number, root: SourceNode): SourceDocument {
  const { file, text, lines } = source;
  return {
    file,
    index,
    line: lines.positionOf(root.at).line,
    value: root.value,
    position: (path) => lines.positionOf(find(root, path, text).at),
    positionInScalar(path, offset) {
      const { node, at, exact } = find(root, path, text);
      const inside = exact && node.kind === 'scalar' && typeof node.value === 'string';
      return lines.positionOf(inside ? offsetInScalar(text, node, node.value, offset) : at);
    },
    lineAt: lines.text,
  };
}

function find(root: SourceNode, path: FieldPath, text: string): Place {
  let node = root;
  let at = root.at;
  let aliasAt = root.kind === 'alias' ? root.at : undefined;
  for (const step of path) {
    const holder = node.kind === 'alias' ? node.target : node;
    const next = child(holder, step, text);
    if (next === undefined) return { node, at, exact: false };
    node = next.node;
    at = aliasAt ?? next.at;
    if (node.kind === 'alias') aliasAt ??= node.at;
  }
  return { node, at, exact: aliasAt === undefined };
}

function child(
  holder: SourceNode,
  step: string | number,
  text: string,
): { node: SourceNode; at: number } | undefined {
  if (holder.kind === 'list' && typeof step === 'number') {
    const node = holder.items[step];
    return node && { node, at: node.at };
  }
  if (holder.kind === 'map' && typeof step === 'string') {
    const entry = holder.entries.get(step);
    return entry && { node: entry.node, at: fieldAt(entry, text) };
  }
  return undefined;
}

function fieldAt({ keyAt, node }: Entry, text: string): number {
  const isEmpty = node.kind === 'scalar' && node.at === node.end;
  const isBlock = (node.kind === 'map' || node.kind === 'list') && node.block;
  if (isEmpty) return keyAt;
  return isBlock && hasLineBreak(text, keyAt, node.at) ? keyAt : node.at;
}

function hasLineBreak(text: string, from: number, to: number): boolean {
  const at = text.indexOf('\n', from);
  return at >= 0 && at < to;
}
