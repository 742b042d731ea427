// Anchors and their aliases. The value of an alias is shared, not copied, so expanding costs nothing here;
// but whoever walks or prints a document later expands it, and therefore its size is bounded as if it were copied.
import type { Node } from 'yaml';
import { quote } from '../base/text.ts';
import { anchorName } from './dialect.ts';
import { tooDeep } from './faults.ts';
import { type Fault, maxDepth, type SourceNode } from './tree.ts';

/** Threat: nine levels of aliases make gigabytes of a few lines. So many nodes may come through aliases (a text
 * counts as one more for each 64 characters). */
const maxAliased = 100_000;

/** `weight` and `height`: its nodes, and its collections inside one another, aliases expanded.
 * `node` is missing while it is being built. */
export type Anchor = { readonly source: Node; node?: SourceNode; weight: number; height: number };

/** What has been built so far, aliases expanded: `weight` nodes, `deepest` levels, `aliased` of the weight by aliases. */
export type Anchors = {
  readonly named: Map<string, Anchor>;
  weight: number;
  aliased: number;
  deepest: number;
};

export function noAnchors(): Anchors {
  return { named: new Map(), weight: 0, aliased: 0, deepest: 0 };
}

/** Builds a node that has an anchor; a later anchor of the same name replaces it for what follows. */
export function anchored(
  anchors: Anchors,
  name: string,
  source: Node,
  depth: number,
  make: () => SourceNode,
): SourceNode {
  const anchor: Anchor = { source, weight: 0, height: 0 };
  anchors.named.set(name, anchor);
  const { weight, deepest } = anchors;
  anchors.deepest = depth - 1;
  anchor.node = make();
  anchor.weight = anchors.weight - weight;
  anchor.height = anchors.deepest - (depth - 1);
  anchors.deepest = Math.max(anchors.deepest, deepest);
  return anchor.node;
}

export function wrongAnchorName(name: string, at: number): Fault | undefined {
  if (anchorName.test(name)) return undefined;
  const message = 'the name of an anchor can only have letters, digits, - and _';
  return { code: 'yaml-syntax', at, message };
}

/** The node that an alias at this depth stands for; its weight is counted. */
export function follow(
  anchors: Anchors,
  name: string,
  at: number,
  depth: number,
): SourceNode | Fault {
  const anchor = anchors.named.get(name);
  if (anchor === undefined) {
    return {
      code: 'yaml-syntax',
      at,
      message: `no anchor ${quote(name)} stands before this alias`,
    };
  }
  if (anchor.node === undefined) {
    return { code: 'yaml-syntax', at, message: `the anchor ${quote(name)} contains itself` };
  }
  const deepest = depth - 1 + anchor.height;
  if (deepest > maxDepth) return tooDeep(at);
  if (anchors.aliased + anchor.weight > maxAliased) {
    const message = `aliases make the document more than ${maxAliased} nodes larger`;
    return { code: 'yaml-alias-limit', at, message };
  }
  anchors.weight += anchor.weight;
  anchors.aliased += anchor.weight;
  anchors.deepest = Math.max(anchors.deepest, deepest);
  return anchor.node;
}
