// Shapes of JSON, checked in place: what a field must be, wherever it is set. null is as good as absent, as for Go.
import type { FieldPath } from '../base/field-path.ts';
import { isArray, isObject } from '../base/json.ts';

export type Shape =
  | { readonly kind: 'text' | 'bool' | 'int' }
  | { readonly kind: 'list'; readonly item: Shape }
  | { readonly kind: 'texts' }
  | { readonly kind: 'object'; readonly fields: readonly (readonly [key: string, Shape])[] };

export const text: Shape = { kind: 'text' };
export const bool: Shape = { kind: 'bool' };
export const int: Shape = { kind: 'int' };
/** A map of strings. */
export const texts: Shape = { kind: 'texts' };
export const list = (item: Shape): Shape => ({ kind: 'list', item });
export const object = (fields: Readonly<Record<string, Shape>>): Shape => ({
  kind: 'object',
  fields: Object.entries(fields),
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

/** The first field that has another type than its shape, with its path below the value; undefined when all fit. */
export function misfit(value: unknown, shape: Shape): ShapeFault | undefined {
  if (value === null || value === undefined) return undefined;
  switch (shape.kind) {
    case 'text':
      return typeof value === 'string' ? undefined : fault(shape);
    case 'bool':
      return typeof value === 'boolean' ? undefined : fault(shape);
    case 'int':
      return typeof value === 'bigint' || Number.isInteger(value) ? undefined : fault(shape);
    case 'texts':
      return isTexts(value) ? undefined : fault(shape);
    case 'list':
      return inList(value, shape);
    case 'object':
      return inObject(value, shape);
  }
}

function fault({ kind }: Shape): ShapeFault {
  return { path: [], wanted: wantedText[kind] };
}

/** Paths are made on the way back: nearly all values fit, and need none. */
function at(step: string | number, { path, wanted }: ShapeFault): ShapeFault {
  return { path: [step, ...path], wanted };
}

function isTexts(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.values(value).every((each) => typeof each === 'string' || each === null)
  );
}

function inList(value: unknown, shape: Extract<Shape, { kind: 'list' }>): ShapeFault | undefined {
  if (!isArray(value)) return fault(shape);
  for (let i = 0; i < value.length; i++) {
    const found = misfit(value[i], shape.item);
    if (found !== undefined) return at(i, found);
  }
  return undefined;
}

function inObject(
  value: unknown,
  shape: Extract<Shape, { kind: 'object' }>,
): ShapeFault | undefined {
  if (!isObject(value)) return fault(shape);
  for (const [key, wanted] of shape.fields) {
    const member = value[key];
    if (member === undefined || !Object.hasOwn(value, key)) continue;
    const found = misfit(member, wanted);
    if (found !== undefined) return at(key, found);
  }
  return undefined;
}
