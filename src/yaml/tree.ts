// The source tree of a document: what the two readers (YAML and JSON text) make, and positions are looked up in.
// Offsets are UTF-16 units into the text of the whole file.
import type { Code } from '../base/codes.ts';
import type { JsonArray, JsonObject, JsonValue } from '../base/json.ts';

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded';

export type ScalarNode = {
  readonly kind: 'scalar';
  readonly at: number;
  readonly end: number;
  readonly style: ScalarStyle;
  readonly value: JsonValue;
};
export type ListNode = {
  readonly kind: 'list';
  readonly at: number;
  /** Block style, as opposed to `[]`. */
  readonly block: boolean;
  readonly items: readonly SourceNode[];
  readonly value: JsonArray;
};
export type MapNode = {
  readonly kind: 'map';
  readonly at: number;
  readonly block: boolean;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly value: JsonObject;
};
/** Stands for another node; the value is shared with it, not copied. */
export type AliasNode = {
  readonly kind: 'alias';
  readonly at: number;
  readonly target: SourceNode;
  readonly value: JsonValue;
};
export type SourceNode = ScalarNode | ListNode | MapNode | AliasNode;

export type Entry = { readonly keyAt: number; readonly node: SourceNode };

/** Where a fault stands, before it is put into lines and columns. */
export type Fault = {
  readonly code: Code;
  readonly at: number;
  readonly message: string;
  readonly fix?: string;
};

export type Reading = {
  /** undefined: nothing but comments, or a fault ended the reading. */
  readonly root: SourceNode | undefined;
  readonly faults: readonly Fault[];
};

/** Collections inside one another, aliases expanded. Kubernetes objects stay under 40. */
export const maxDepth = 256;

/** Threat: a node costs a hundred times the byte that it is written with. How many nodes (for YAML: lexical tokens)
 * one document, and one file, may have. A manifest of the largest size that etcd takes has some 200,000. */
export const maxNodes = 1_000_000;
export const maxNodesOfFile = 3_000_000;

/** What a file has used up of maxNodesOfFile. */
export type Budget = { nodes: number };

/** The nodes that the next document may have. */
export function nodesLeft({ nodes }: Budget): number {
  return Math.min(maxNodes, maxNodesOfFile - nodes);
}
