// Mapping keys: JSON knows only text, so other scalars become the text that kubectl's libraries make of them.
// Upstream: convertToJSONableObject in sigs.k8s.io/yaml.
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import { maxInt64, resolve, underTag } from './scalar.ts';

/** A plain or tagged scalar as a mapping key: text, as encoding/json would have it. `tag` undefined: plain. */
export function keyText(tag: string | undefined, text: string): Result<string, string> {
  const resolved = tag === undefined ? ok(resolve(text)) : underTag(tag, text);
  if (!resolved.ok) return resolved;
  const { kind, value } = resolved.value;
  if (kind === 'null') return err('a mapping key cannot be null');
  if (kind === 'float') return ok(floatKey(Number(value)));
  if (kind === 'int' && BigInt(value as number | bigint) > maxInt64) {
    return err('a mapping key cannot be an integer beyond 64 bits');
  }
  return ok(String(value));
}

/** Go: strconv.FormatFloat(value, 'g', -1, 32), with YAML's names for what is no number. */
function floatKey(value: number): string {
  const single = Math.fround(value);
  if (Number.isNaN(single)) return '.nan';
  if (!Number.isFinite(single)) return single > 0 ? '.inf' : '-.inf';
  if (single === 0) return Object.is(single, -0) ? '-0' : '0';
  const [digits = '', power = ''] = shortestSingle(single).split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return String(Number(`${digits}e${exponent}`));
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits}e${exponent < 0 ? '-' : '+'}${size}`;
}

/** The fewest digits that give the same 32-bit float back, as `d.ddde±x`. */
function shortestSingle(single: number): string {
  for (let digits = 0; digits < 8; digits++) {
    const text = single.toExponential(digits);
    if (Math.fround(Number(text)) === single) return text;
  }
  return single.toExponential(8);
}
