// Findings to places in the source: the line and column of the field, or of its nearest existing parent.
import { type FieldPath, pathIn } from '../base/field-path.ts';
import { getIn } from '../base/json.ts';
import type { Decision, Finding, SourcePosition } from '../model/decision.ts';
import type { SourceDocument } from '../yaml/document.ts';
import type { Entry } from './entry.ts';

export type Located = {
  readonly document: SourceDocument;
  /** Where the decided object stands in the document. */
  readonly basePath: FieldPath;
  readonly notes: readonly string[];
};

/** The decision with its source, and a position for every finding. */
export function locate(
  // What an expression cost is for records: the design's document does not have it.
  { celCost: _cost, ...decision }: Decision,
  { document, basePath, notes }: Located,
): Entry {
  const { file, index } = document;
  const positionOf = (path: FieldPath): SourcePosition => ({ file, ...document.position(path) });
  const place = positionOf(basePath);
  const object = getIn(document.value, basePath);
  const withPosition = (finding: Finding): Finding => ({
    ...finding,
    position: positionOf([...basePath, ...pathIn(object, finding.pointer)]),
  });
  const results = decision.results.map((result) => ({
    ...result,
    findings: result.findings.map(withPosition),
  }));
  const source = { file, document: index, line: place.line };
  const noted = notes.length > 0 ? { ...source, notes } : source;
  return { place, checked: { source: noted, ...decision, results } };
}
