// Shapes of JSON, checked in place: what a field must be, wherever it is set. null is as good as absent, as for Go.
import type { FieldPath } from '../base/field-path.ts';
import { isArray, isObject } from '../base/json.ts';

export type Shape =
  | { readonly kind: 'text' | 'bool' | 'int' }
  | { readonly kind: 'list'; readonly item: Shape }
  | { readonly kind: 'texts' }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, Shape>> };

export const text: Shape = { kind: 'text' };
export const bool: Shape = { kind: 'bool' };
export const int: Shape = { kind: 'int' };
/** A map of strings. */
export const texts: Shape = { kind: 'texts' };
export const list = (item: Shape): Shape => ({ kind: 'list', item });
export const object = (fields: Readonly<Record<string, Shape>>): Shape => ({
  kind: 'object',
  fields,
});

export type ShapeFault = { readonly path: FieldPath; readonly wanted: string };

const wantedText: Readonly<Record<Shape['kind'], string>> = {
  text: 'a string',
  bool: 'true or false',
  int: 'an integer',
  list: 'a list',
  texts: 'a map of strings',
  object: 'an object',
};

/** The first field that has another type than its shape; undefined when all fit. */
export function misfit(value: unknown, shape: Shape, path: FieldPath): ShapeFault | undefined {
  if (value === null || value === undefined) return undefined;
  switch (shape.kind) {
    case 'text':
      return typeof value === 'string' ? undefined : fault(shape, path);
    case 'bool':
      return typeof value === 'boolean' ? undefined : fault(shape, path);
    case 'int':
      return typeof value === 'bigint' || Number.isInteger(value) ? undefined : fault(shape, path);
    case 'texts':
      return isTexts(value) ? undefined : fault(shape, path);
    case 'list':
      return inList(value, shape, path);
    case 'object':
      return inObject(value, shape, path);
  }
}

function fault(shape: Shape, path: FieldPath): ShapeFault {
  return { path, wanted: wantedText[shape.kind] };
}

function isTexts(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.values(value).every((each) => typeof each === 'string' || each === null)
  );
}

function inList(
  value: unknown,
  shape: Extract<Shape, { kind: 'list' }>,
  path: FieldPath,
): ShapeFault | undefined {
  if (!isArray(value)) return fault(shape, path);
  for (const [i, item] of value.entries()) {
    const found = misfit(item, shape.item, [...path, i]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inObject(
  value: unknown,
  shape: Extract<Shape, { kind: 'object' }>,
  path: FieldPath,
): ShapeFault | undefined {
  if (!isObject(value)) return fault(shape, path);
  for (const key of Object.keys(shape.fields)) {
    const wanted = shape.fields[key];
    if (wanted === undefined || !Object.hasOwn(value, key)) continue;
    const found = misfit(value[key], wanted, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}
