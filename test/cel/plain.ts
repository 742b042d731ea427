// A CEL value as text that tells types apart: the form that test/differential/cel writes.
import {
  CelMap,
  Duration,
  doubleOf,
  isInt,
  isMap,
  keysOf,
  lookup,
  Optional,
  Timestamp,
  TypeValue,
  typeName,
  Uint,
} from '../../src/cel/value.ts';

export function plain(value: unknown): unknown {
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (value === null) return 'null';
  if (isInt(value)) return `int ${value}`;
  if (value instanceof Uint) return `uint ${value.value}`;
  const double = doubleOf(value);
  if (double !== undefined) return `double ${goDouble(double)}`;
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (value instanceof Duration) return `duration ${value.nanos}`;
  if (value instanceof Timestamp) return `timestamp ${seconds(value.nanos)}`;
  if (value instanceof Optional)
    return value.value === undefined ? 'none' : ['some', plain(value.value)];
  if (value instanceof TypeValue) return `type ${value.name}`;
  if (Array.isArray(value)) return ['list', ...value.map(plain)];
  if (value instanceof CelMap || isMap(value)) {
    const entries = keysOf(value).map((key) => [plain(key), plain(lookup(value, key))]);
    return { map: entries.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)) };
  }
  return `a ${typeName(value)}`;
}

/** Whole seconds, rounded down, and nanoseconds. */
function seconds(nanos: bigint): string {
  const rest = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return `${(nanos - rest) / 1_000_000_000n}.${String(rest).padStart(9, '0')}`;
}

/** As Go's %v: an exponent from 1e+06 on, and below 1e-4. */
function goDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6))
    return value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2');
  return Object.is(value, -0) ? '-0' : String(value);
}
