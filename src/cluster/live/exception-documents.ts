// PolicyException objects as the documents that the policy loader reads, each under a name that says where it is.
import type { JsonObject } from '../../base/json.ts';
import { canonicalJson } from '../../base/json.ts';
import type { SourceDocument } from '../../yaml/document.ts';
import { readDocuments } from '../../yaml/read.ts';
import { textOf } from './object.ts';

/** The oldest first. `file` is `cluster:NAMESPACE/NAME`, which no path is. */
export function exceptionDocuments(objects: readonly JsonObject[]): readonly SourceDocument[] {
  return [...objects].sort(byAge).flatMap((object) => {
    const { metadata } = object;
    const file = `cluster:${textOf(metadata, 'namespace')}/${textOf(metadata, 'name')}`;
    return readDocuments(canonicalJson(object), file).documents;
  });
}

function byAge(a: JsonObject, b: JsonObject): number {
  const [left, right] = [ageKey(a), ageKey(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function ageKey({ metadata }: JsonObject): string {
  const keys = [
    textOf(metadata, 'creationTimestamp'),
    textOf(metadata, 'namespace'),
    textOf(metadata, 'name'),
  ];
  return keys.join(' ');
}
