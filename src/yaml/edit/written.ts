// Values as they are written beside what stands in a file already: block lines for YAML, one line inside [] and {}, and
// JSON where the file is JSON.
import { isArray, isObject, type JsonValue } from '../../base/json.ts';
import { jsonText } from '../../base/json-text.ts';
import { yamlText } from '../write.ts';

/** `key: value` as lines, the first not indented. */
export function entryLines(key: string, value: JsonValue): readonly string[] {
  return yamlText([{ [key]: value }])
    .trimEnd()
    .split('\n');
}

/** `- value` as lines. */
export function itemLines(value: JsonValue): readonly string[] {
  return yamlText([{ x: [value, {}] }])
    .split('\n')
    .slice(1, -2)
    .map((line) => line.slice(2));
}

/** A value on one line, as inside [] and {}. */
export function inlineText(value: JsonValue, form: 'yaml' | 'json' | 'tight-json'): string {
  if (form === 'tight-json') return jsonText(value);
  const word = (text: JsonValue): string => (form === 'json' ? jsonText(text) : scalarText(text));
  if (isArray(value)) return `[${value.map((item) => inlineText(item, form)).join(', ')}]`;
  if (!isObject(value)) return word(value);
  const entries = Object.entries(value).map(([key, each]) => {
    return `${word(key)}: ${inlineText(each, form)}`;
  });
  return `{${entries.join(', ')}}`;
}

/** JSON as lines, each level further in by `unit`. */
export function jsonLines(value: JsonValue, unit: string): readonly string[] {
  const lines = jsonText(value, 2).split('\n');
  return lines.map((line) => line.replace(/^ +/, (space) => unit.repeat(space.length / 2)));
}

/** As YAML writes it, in the quotes that were there before where it is a text. */
export function scalarText(value: JsonValue, before = ''): string {
  if (typeof value !== 'string') return jsonText(value);
  if (before.startsWith('"')) return JSON.stringify(value);
  const isPlain = /^[A-Za-z][\w./-]*$/.test(value) && !words.test(value);
  if (before.startsWith("'")) return `'${value.replaceAll("'", "''")}'`;
  return isPlain ? value : JSON.stringify(value);
}

/** Words that YAML 1.1 takes for something else than a text. */
const words = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
