// What the server was seen to make of manifests, a line each: [name, manifest, changes]. A change is [path, value], or
// [path] for what is gone. `make test` holds ours against these where no server is.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { get, isArray, isObject, type JsonObject, type JsonValue } from '../../../src/base/json.ts';

export const goldenFile = fileURLToPath(
  new URL('../../fixtures/defaults/golden.jsonl', import.meta.url),
);

type Path = readonly (string | number)[];
type Change = readonly [path: Path, value?: JsonValue];
export type GoldenLine = readonly [name: string, manifest: JsonObject, changes: readonly Change[]];

export function readGolden(): readonly GoldenLine[] {
  const text = readFileSync(goldenFile, 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

export function goldenText(lines: readonly GoldenLine[]): string {
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

export function changesBetween(from: JsonValue, to: JsonValue, path: Path = []): Change[] {
  if (isObject(from) && isObject(to)) {
    const gone = Object.keys(from).filter((key) => !Object.hasOwn(to, key));
    return [
      ...gone.map((key): Change => [[...path, key]]),
      ...Object.entries(to).flatMap(([key, value]) => {
        const before = get(from, key);
        const at = [...path, key];
        return before === undefined ? [[at, value] as Change] : changesBetween(before, value, at);
      }),
    ];
  }
  if (isArray(from) && isArray(to) && from.length <= to.length) {
    return to.flatMap((value, i) => {
      const before = from[i];
      const at = [...path, i];
      return before === undefined ? [[at, value] as Change] : changesBetween(before, value, at);
    });
  }
  return JSON.stringify(from) === JSON.stringify(to) ? [] : [[path, to]];
}

export function changed(from: JsonValue, changes: readonly Change[]): JsonValue {
  const root: { value: JsonValue } = { value: structuredClone(from) };
  for (const [path, ...rest] of changes) {
    let holder: Record<string | number, JsonValue> = root;
    let key: string | number = 'value';
    for (const step of path) {
      holder = holder[key] as Record<string | number, JsonValue>;
      key = step;
    }
    if (rest.length === 0) delete holder[key];
    else holder[key] = rest[0] as JsonValue;
  }
  return root.value;
}
