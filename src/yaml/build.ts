// Composed YAML nodes to a source tree: scalars by kubectl's rules, merge keys where they stand, duplicate keys refused
// in linear time. Upstream: decode.go of go.yaml.in/yaml/v2. A fault is noted and the rest is read on.
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Code } from '../base/codes.ts';
import { type JsonValue, setOwn } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import { type Anchors, anchored, follow, noAnchors, wrongAnchorName } from './anchors.ts';
import { dialectFault } from './dialect.ts';
import { duplicateKey, tooDeep, type Words } from './faults.ts';
import { resolvePlain, resolveTagged, type ScalarValue } from './scalar.ts';
import { keyText } from './scalar-key.ts';
import {
  type AliasNode,
  type Budget,
  type Entry,
  type Fault,
  type ListNode,
  type MapNode,
  maxDepth,
  type Reading,
  type ScalarNode,
  type ScalarStyle,
  type SourceNode,
} from './tree.ts';

const maxFaults = 100;

/** What the nodes were composed from: their ranges are of `text`, which stands at `base` in its file. */
export type Origin = {
  readonly text: string;
  readonly base: number;
  /** The line of an offset into the file. */
  readonly lineOf: (offset: number) => number;
  readonly budget: Budget;
};

type Build = Origin & { readonly faults: Fault[]; readonly anchors: Anchors };

/** `depth`: that a collection here would have, the root's being 1; `inFlow`: inside [] or {}. */
type Spot = { readonly depth: number; readonly inFlow: boolean };

export function buildTree(contents: Node | null, origin: Origin): Reading {
  const build: Build = { ...origin, faults: [], anchors: noAnchors() };
  const root = contents === null ? undefined : nodeOf(build, contents, { depth: 1, inFlow: false });
  return { root, faults: build.faults.slice(0, maxFaults) };
}

function nodeOf(build: Build, node: Node, spot: Spot): SourceNode {
  if (isAlias(node)) return aliasOf(build, node.source, startOf(build, node), spot.depth);
  if (!('anchor' in node) || node.anchor === undefined) return bareNode(build, node, spot);
  const wrong = wrongAnchorName(node.anchor, startOf(build, node));
  if (wrong !== undefined) build.faults.push(wrong);
  return anchored(build.anchors, node.anchor, node, spot.depth, () => bareNode(build, node, spot));
}

function aliasOf(build: Build, name: string, at: number, depth: number): SourceNode {
  const target = follow(build.anchors, name, at, depth);
  if ('kind' in target) return { kind: 'alias', at, target, value: target.value };
  build.faults.push(target);
  return nothing(at);
}

function bareNode(build: Build, node: Node, spot: Spot): SourceNode {
  if (isScalar(node)) return scalarOf(build, node, spot);
  const at = startOf(build, node);
  const { anchors } = build;
  if (spot.depth > maxDepth) {
    build.faults.push(tooDeep(at));
    return nothing(at);
  }
  anchors.weight++;
  anchors.deepest = Math.max(anchors.deepest, spot.depth);
  if (isMap(node)) return mapOf(build, node, at, inside(node, spot));
  return isSeq(node) ? listOf(build, node, at, inside(node, spot)) : nothing(at);
}

function inside(node: YAMLMap | YAMLSeq, { depth }: Spot): Spot {
  return { depth: depth + 1, inFlow: node.flow === true };
}

function listOf(build: Build, node: YAMLSeq, at: number, spot: Spot): ListNode {
  const items = node.items.map((item) => nodeOf(build, item as Node, spot));
  return { kind: 'list', at, block: !spot.inFlow, items, value: items.map((item) => item.value) };
}

/** A mapping under construction. `merged`: keys that only a merge has set, which the mapping's own may set again. */
type Making = {
  readonly entries: Map<string, Entry>;
  readonly value: Record<string, JsonValue>;
  merged?: Set<string>;
};

function mapOf(build: Build, node: YAMLMap, at: number, spot: Spot): MapNode {
  const making: Making = { entries: new Map(), value: {} };
  for (const pair of node.items as Pair<Node, Node | null>[]) {
    const keyAt = startOf(build, pair.key);
    const faultsBefore = build.faults.length;
    const isMerge = isMergeKey(pair.key);
    const key = isMerge ? undefined : keyOf(build, pair.key, keyAt, spot);
    const value =
      pair.value === null ? nothing(endOf(build, pair.key)) : nodeOf(build, pair.value, spot);
    if (isMerge && build.faults.length === faultsBefore) merge(build, making, value);
    else if (key !== undefined) set(build, making, key, { keyAt, node: value });
  }
  return { kind: 'map', at, block: !spot.inFlow, entries: making.entries, value: making.value };
}

function set(build: Build, making: Making, key: string, entry: Entry): void {
  const first = making.entries.get(key);
  if (first !== undefined && making.merged?.delete(key) !== true) {
    build.faults.push(duplicateKey(key, entry.keyAt, build.lineOf(first.keyAt)));
    return;
  }
  making.entries.set(key, entry);
  setOwn(making.value, key, entry.node.value);
}

/** `<<`: takes effect where it stands, over keys before it and under keys after it; of several maps the first wins. */
function merge(build: Build, making: Making, source: SourceNode): void {
  making.merged ??= new Set();
  for (const each of source.kind === 'list' ? source.items.toReversed() : [source]) {
    const from = each.kind === 'alias' ? each.target : each;
    if (from.kind !== 'map') {
      const message = 'only a mapping, or a list of mappings, can be merged with <<';
      build.faults.push({ code: 'yaml-syntax', at: each.at, message });
      return;
    }
    for (const [key, entry] of from.entries) {
      if (!making.entries.has(key)) making.merged.add(key);
      making.entries.set(key, each.kind === 'alias' ? through(each, entry) : entry);
      setOwn(making.value, key, entry.node.value);
    }
  }
}

/** A field that comes through an alias stands where the alias stands. */
function through({ at }: AliasNode, { node }: Entry): Entry {
  return { keyAt: at, node: { kind: 'alias', at, target: node, value: node.value } };
}

const mergeTag = 'tag:yaml.org,2002:merge';

function isMergeKey(key: Node): boolean {
  if (!isScalar(key) || key.source !== '<<') return false;
  return (key.type === 'PLAIN' && key.tag === undefined) || key.tag === '!' || key.tag === mergeTag;
}

/** undefined: it cannot be a key, which is noted. */
function keyOf(build: Build, key: Node, at: number, spot: Spot): string | undefined {
  build.anchors.weight++;
  const source = isAlias(key) ? build.anchors.named.get(key.source)?.source : key;
  // Its value is of no use, but its anchor and its faults are. A float that JSON cannot hold can be a key.
  if (isScalar(key) && key.anchor !== undefined) nodeOf(build, key, spot);
  const text = isScalar(source) ? scalarKey(build, source, spot) : err(notAKey);
  if (text.ok) return text.value;
  build.faults.push({ code: 'yaml-key', at, ...text.error });
  return undefined;
}

const notAKey: Words = { message: 'a mapping key must be a scalar' };

function scalarKey(build: Build, key: Scalar, { inFlow }: Spot): Result<string, Words> {
  const wrong = dialectFault(build.text, key, inFlow);
  if (wrong !== undefined) return err(wrong);
  if (isVerbatim(key)) return ok(key.source ?? '');
  const text = keyText(key.tag, key.source ?? '');
  return text.ok ? text : err({ message: text.error, fix: 'put the key in quotes' });
}

function scalarOf(build: Build, node: Scalar, { inFlow }: Spot): ScalarNode {
  const text = node.source ?? '';
  build.anchors.weight += 1 + (text.length >> 6);
  const at = startOf(build, node);
  const wrong = dialectFault(build.text, node, inFlow);
  const value = wrong === undefined ? scalarValue(node, text) : err(wrong.message);
  if (value.ok) {
    return {
      kind: 'scalar',
      at,
      end: endOf(build, node),
      style: styleOf(node),
      value: value.value,
    };
  }
  const code: Code = node.tag === undefined ? 'yaml-syntax' : 'yaml-tag';
  const words = wrong ?? { message: value.error, fix: 'put the value in quotes, without a tag' };
  build.faults.push({ code, at, ...words });
  return nothing(at);
}

function scalarValue(node: Scalar, text: string): Result<ScalarValue, string> {
  if (isVerbatim(node)) return ok(text);
  return node.tag === undefined ? resolvePlain(text) : resolveTagged(node.tag, text);
}

/** Quoted or block, without a tag: it is the text that it is. */
function isVerbatim(node: Scalar): boolean {
  return node.tag === undefined && node.type !== undefined && node.type !== 'PLAIN';
}

const styles: Readonly<Record<string, ScalarStyle>> = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'literal',
  BLOCK_FOLDED: 'folded',
};

function styleOf(node: Scalar): ScalarStyle {
  return styles[node.type ?? 'PLAIN'] ?? 'plain';
}

function nothing(at: number): ScalarNode {
  return { kind: 'scalar', at, end: at, style: 'plain', value: null };
}

function startOf({ base }: Build, node: Node): number {
  return base + (node.range?.[0] ?? 0);
}

function endOf({ base }: Build, node: Node): number {
  return base + (node.range?.[1] ?? 0);
}
