// Documents as single objects: the items of a List apart, and null fields gone, as the API server reads them.
import { get, isArray, isObject, type JsonObject, type JsonValue, setOwn } from '../base/json.ts';
import type { SourceDocument } from '../yaml/document.ts';
import type { Place } from './faults.ts';

export type Piece = Place & { readonly value: JsonValue };

/** `kubectl get -o yaml` of several objects prints a List of them. */
export function piecesOf(document: SourceDocument): readonly Piece[] {
  const { value } = document;
  const items = get(value, 'items');
  const isList = get(value, 'kind') === 'List' && get(value, 'apiVersion') === 'v1';
  if (!isList || !isArray(items)) return [{ document, base: [], value }];
  return items.map((item, index) => ({ document, base: ['items', index], value: item }));
}

/** The value without members that are null: to the API server such a field is not set. Undefined when the value holds
 * more than `most` values, which is no policy: every one of them could be a fault. */
export function withoutNulls(value: JsonValue, most: number): JsonValue | undefined {
  let left = most;
  const copy = (from: JsonValue): JsonValue => {
    left -= 1;
    if (left < 0) return null;
    if (isArray(from)) return from.map(copy);
    return isObject(from) ? copyObject(from) : from;
  };
  const copyObject = (from: JsonObject): JsonObject => {
    const kept: Record<string, JsonValue> = {};
    for (const [key, member] of Object.entries(from)) {
      if (member !== null) setOwn(kept, key, copy(member));
    }
    return kept;
  };
  const copied = copy(value);
  return left < 0 ? undefined : copied;
}
