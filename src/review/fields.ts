// Narrow readers for untrusted JSON: each gives a value of its type or notes what is wrong, and where.
// Nothing is coerced; null stands for an absent optional field, as Go's decoder has it.
import { isArray, isObject, type JsonObject, type JsonValue, setOwn } from '../base/json.ts';
import { quote } from '../base/text.ts';

/** The fields of one JSON object. Readers of a broken field note the fault and give an empty value. */
export class Fields {
  readonly #value: JsonObject;
  /** The place of the object, such as `request`; faults are sentences that begin with a path. */
  readonly #path: string;
  readonly #faults: string[];

  constructor(value: JsonObject, path: string, faults: string[]) {
    this.#value = value;
    this.#path = path;
    this.#faults = faults;
  }

  requiredString(key: string): string {
    const found = this.#at(key);
    return typeof found === 'string' && found !== ''
      ? found
      : this.#fault(key, 'a non-empty string', '');
  }

  optionalString(key: string): string {
    const found = this.#at(key);
    if (typeof found === 'string') return found;
    return found === null ? '' : this.#fault(key, 'a string', '');
  }

  optionalBoolean(key: string): boolean {
    const found = this.#at(key);
    if (typeof found === 'boolean') return found;
    return found === null ? false : this.#fault(key, 'a boolean', false);
  }

  optionalObject(key: string): JsonObject | null {
    const found = this.#at(key);
    return found === null || isObject(found) ? found : this.#fault(key, 'an object', null);
  }

  strings(key: string): readonly string[] {
    return this.#stringsOf(key, this.#at(key));
  }

  stringLists(key: string): Readonly<Record<string, readonly string[]>> {
    const lists: Record<string, readonly string[]> = {};
    for (const [name, found] of Object.entries(this.optionalObject(key) ?? {})) {
      setOwn(lists, name, this.#stringsOf(`${key}[${quote(name)}]`, found));
    }
    return lists;
  }

  choice<T extends string>(key: string, choices: readonly T[]): T | undefined {
    const found = this.#at(key);
    const chosen = choices.find((choice) => choice === found);
    return chosen ?? this.#fault(key, `one of ${choices.join(', ')}`, undefined);
  }

  /** Undefined where the field is absent; that is noted where it is required. */
  fields(key: string, need: 'required' | 'optional'): Fields | undefined {
    const found = this.#at(key);
    if (isObject(found)) return new Fields(found, `${this.#path}.${key}`, this.#faults);
    return found === null && need === 'optional'
      ? undefined
      : this.#fault(key, 'an object', undefined);
  }

  #at(key: string): JsonValue {
    return Object.hasOwn(this.#value, key) ? (this.#value[key] ?? null) : null;
  }

  #stringsOf(key: string, found: JsonValue): readonly string[] {
    if (found === null) return [];
    const isStrings = isArray(found) && found.every((item) => typeof item === 'string');
    return isStrings ? found : this.#fault(key, 'a list of strings', []);
  }

  #fault<T>(key: string, wanted: string, empty: T): T {
    this.#faults.push(`${this.#path}.${key} must be ${wanted}`);
    return empty;
  }
}
