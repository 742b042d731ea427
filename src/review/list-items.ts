// The objects of one document: itself, or the items of a list. What kubectl takes for a list is one here too, whatever
// its kind says: otherwise a Pod could hide in the `items` of a ConfigMap.
// Upstream: unstructuredJSONScheme in k8s.io/apimachinery/pkg/apis/meta/v1/unstructured, FlattenListVisitor of cli-runtime.
import type { FieldPath } from '../base/field-path.ts';
import { get, isArray, isObject, type JsonValue } from '../base/json.ts';

export type ListItem = {
  /** As the list means it: an item of a PodList that says no kind is a Pod. */
  readonly value: JsonValue;
  /** Where it stands in its document: `items[3]`; [] for the document itself. */
  readonly path: FieldPath;
};

/** In order, lists inside lists too. How deep is bounded by the reader of the document. */
export function* listItems(value: JsonValue, path: FieldPath = []): Generator<ListItem> {
  const items = isNamed(value) ? get(value, 'items') : undefined;
  const isList = items === null || isArray(items);
  if (!isList) {
    yield { value, path };
    return;
  }
  for (const [index, item] of (items ?? []).entries()) {
    yield* listItems(withKind(item, value), [...path, 'items', index]);
  }
}

/** A list without a kind is a fault of the document, not of its items. */
function isNamed(value: JsonValue): boolean {
  return typeof get(value, 'kind') === 'string' && typeof get(value, 'apiVersion') === 'string';
}

function withKind(item: JsonValue, list: JsonValue): JsonValue {
  const kind = String(get(list, 'kind')).replace(/List$/, '');
  const says = (key: string): boolean => (get(item, key) ?? '') !== '';
  if (!isObject(item) || kind === '' || says('kind') || says('apiVersion')) return item;
  return { ...item, apiVersion: get(list, 'apiVersion') ?? '', kind };
}
