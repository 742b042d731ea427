// YAML and JSON text to documents, as kubectl reads manifests: every fault of every document, with its place.
// Upstream: YAMLOrJSONDecoder in k8s.io/apimachinery/pkg/util/yaml.
import { byPlace, type Diagnostic } from '../base/diagnostic.ts';
import { type Documents, type Source, type SourceDocument, sourceDocument } from './document.ts';
import { readJsonText } from './json-text.ts';
import { linesOf } from './lines.ts';
import { type Chunk, splitDocuments } from './split.ts';
import type { Budget, Fault, SourceNode } from './tree.ts';
import { readYamlText } from './yaml-text.ts';

export type { Documents, SourceDocument };

/** UTF-16 units of one text, and bytes of one file. */
export const maxText = 16 * 1024 * 1024;
const maxDocuments = 100_000;

/** Reads all documents; empty ones, null, and ones that hold only comments are passed over. A document with a fault is
 * not among them. Never throws. Codes: yaml-*. */
export function readDocuments(given: string, file: string): Documents {
  const text = given.startsWith(bom) ? given.slice(1) : given;
  const source: Source = { file, text, lines: linesOf(text) };
  if (text.length > maxText) return refused(source, `the text has more than ${maxText} characters`);
  const { chunks, strayAt } = splitDocuments(text);
  if (chunks.length > maxDocuments)
    return refused(source, `the file has more than ${maxDocuments} documents`);
  const documents: SourceDocument[] = [];
  const budget: Budget = { nodes: 0 };
  const faults = strayAt.map((at) => strayText(at));
  for (const chunk of chunks) {
    const read = readChunk(source, chunk, budget);
    faults.push(...read.faults);
    for (const root of read.faults.length > 0 ? [] : read.roots) {
      if (root.value !== null) documents.push(sourceDocument(source, documents.length, root));
    }
  }
  return { documents, faults: faults.map((fault) => diagnostic(source, fault)).sort(byPlace) };
}

const bom = '\uFEFF';

type ChunkReading = { readonly roots: readonly SourceNode[]; readonly faults: readonly Fault[] };

/** A text in braces or brackets is read as JSON if it is JSON: unlike YAML that may be indented with tabs. */
function readChunk({ file, text, lines }: Source, chunk: Chunk, budget: Budget): ChunkReading {
  const lineOf = (offset: number): number => lines.positionOf(offset).line;
  const start = text.startsWith(bom, chunk.start) ? chunk.start + 1 : chunk.start;
  const content = firstContent(text, start, chunk.end);
  if (content >= chunk.end) return { roots: [], faults: [] };
  const opening = text[content];
  if (opening === '%') return { roots: [], faults: [directive(content)] };
  const json =
    opening === '{' || opening === '['
      ? readJsonText({ text, lineOf, budget }, content, chunk.end)
      : undefined;
  if (json?.isJson) return json;
  const { root, faults } = readYamlText({
    text: text.slice(start, chunk.end),
    base: start,
    lineOf,
    budget,
  });
  if (json !== undefined && faults.length > 0 && file.endsWith('.json')) return json;
  return { roots: root === undefined ? [] : [root], faults };
}

const blankLine = /[ \t\r]*(?:#[^\n]*)?\n/y;
const lastBlankLine = /[ \t\r]*(?:#[^\n]*)?/y;

/** Past white space and comments; `end` when there is nothing else. */
function firstContent(text: string, start: number, end: number): number {
  let at = start;
  for (;;) {
    blankLine.lastIndex = at;
    if (at >= end || !blankLine.test(text)) break;
    at = blankLine.lastIndex;
  }
  lastBlankLine.lastIndex = at;
  lastBlankLine.test(text);
  return Math.min(lastBlankLine.lastIndex, end);
}

function strayText(at: number): Fault {
  return {
    code: 'yaml-syntax',
    at,
    message: 'kubectl refuses text after the document separator (---)',
    fix: 'put it on the next line',
  };
}

function directive(at: number): Fault {
  const message = 'kubectl does not read directives (lines that begin with %)';
  return { code: 'yaml-syntax', at, message, fix: 'leave the line out' };
}

function diagnostic({ file, lines }: Source, { code, at, message, fix }: Fault): Diagnostic {
  const { line, column } = lines.positionOf(at);
  const excerpt = lines.text(line);
  return { code, message, file, line, column, excerpt, ...(fix === undefined ? {} : { fix }) };
}

function refused({ file }: Source, message: string): Documents {
  return { documents: [], faults: [{ code: 'yaml-too-large', message, file, line: 0, column: 0 }] };
}
