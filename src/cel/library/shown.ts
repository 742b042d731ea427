// Values in texts of errors, as Go prints them with %v; the name of the type where that is no use to anybody.
import { doubleOf, isInt, TypeValue, typeName, Uint, type Value } from '../value.ts';
import { doubleText } from './conversions.ts';

/** A list in an error is there to be recognised, not to be read. */
const maxItems = 100;
const maxDepth = 8;

export function shown(item: Value, depth = 0): string {
  if (typeof item === 'string') return item;
  if (item === null) return '0';
  if (typeof item === 'boolean' || isInt(item)) return String(item);
  if (item instanceof Uint) return String(item.value);
  if (item instanceof TypeValue) return item.name;
  if (item instanceof Uint8Array) return `[${item.slice(0, maxItems).join(' ')}]`;
  if (Array.isArray(item) && depth < maxDepth)
    return `[${item
      .slice(0, maxItems)
      .map((each) => shown(each, depth + 1))
      .join(', ')}]`;
  const double = doubleOf(item);
  return double === undefined ? `a ${typeName(item)}` : doubleText(double);
}
