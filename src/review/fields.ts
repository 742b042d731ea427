// Narrow readers for untrusted JSON: each gives a value of its type or notes what is wrong, and where.
// Nothing is coerced; null stands for an absent optional field, as Go's decoder has it.
import { isArray, isObject, type JsonObject, type JsonValue, setOwn } from '../base/json.ts';
import { quote } from '../base/text.ts';

/** The fields of one JSON object. Readers of a broken field note the fault and give an empty value. */
export type Fields = {
  requiredString(key: string): string;
  optionalString(key: string): string;
  optionalBoolean(key: string): boolean;
  optionalObject(key: string): JsonObject | null;
  strings(key: string): readonly string[];
  stringLists(key: string): Readonly<Record<string, readonly string[]>>;
  choice<T extends string>(key: string, choices: readonly T[]): T | undefined;
  /** Undefined where the field is absent; the reader notes it where it is required. */
  fields(key: string, need: 'required' | 'optional'): Fields | undefined;
};

/** `path` is the place of `value`, such as `request`; faults are sentences that begin with a path. */
export function fieldsOf(value: JsonObject, path: string, faults: string[]): Fields {
  const at = (key: string): JsonValue => (Object.hasOwn(value, key) ? (value[key] ?? null) : null);
  const fault = (key: string, wanted: string): void => {
    faults.push(`${path}.${key} must be ${wanted}`);
  };
  const stringsAt = (key: string, found: JsonValue): readonly string[] => {
    if (found === null) return [];
    if (isArray(found) && found.every((item) => typeof item === 'string')) return found;
    fault(key, 'a list of strings');
    return [];
  };
  const text = (key: string, required: boolean): string => {
    const found = at(key);
    if (typeof found === 'string' && (found !== '' || !required)) return found;
    if (found !== null || required) fault(key, required ? 'a non-empty string' : 'a string');
    return '';
  };
  const object = (key: string): JsonObject | null => {
    const found = at(key);
    if (found === null || isObject(found)) return found;
    fault(key, 'an object');
    return null;
  };
  return {
    requiredString: (key) => text(key, true),
    optionalString: (key) => text(key, false),
    optionalBoolean(key) {
      const found = at(key);
      if (typeof found === 'boolean') return found;
      if (found !== null) fault(key, 'a boolean');
      return false;
    },
    optionalObject: object,
    strings: (key) => stringsAt(key, at(key)),
    stringLists(key) {
      const lists: Record<string, readonly string[]> = {};
      for (const [name, found] of Object.entries(object(key) ?? {})) {
        setOwn(lists, name, stringsAt(`${key}[${quote(name)}]`, found));
      }
      return lists;
    },
    choice(key, choices) {
      const found = at(key);
      const chosen = choices.find((choice) => choice === found);
      if (chosen === undefined) fault(key, `one of ${choices.join(', ')}`);
      return chosen;
    },
    fields(key, need) {
      const count = faults.length;
      const found = object(key);
      if (found !== null) return fieldsOf(found, `${path}.${key}`, faults);
      if (need === 'required' && faults.length === count) fault(key, 'an object');
      return undefined;
    },
  };
}
