// string.format(): the clauses of cel-go ext.Strings.
import type { Call } from '../function.ts';
import {
  CelError,
  CelMap,
  Duration,
  doubleOf,
  isInt,
  isMap,
  keysOf,
  lookup,
  Timestamp,
  TypeValue,
  Uint,
  type Value,
} from '../value.ts';
import { doubleText } from './conversions.ts';
import { formatDuration, formatTimestamp } from './time-text.ts';

const clause = /%(%|(?:\.(\d{1,3}))?([a-zA-Z]))/g;
const maxDepth = 64;

/** `"%s is %d".format([a, b])`; an error for a clause that does not fit its argument. */
export function format(template: string, args: readonly Value[], call: Call): Value {
  if (!call.spend(Math.ceil(template.length / 10))) return '';
  if (/%(?!%|(?:\.\d{1,3})?[a-zA-Z])/.test(template.replaceAll('%%', ''))) {
    return new CelError('could not parse formatting clause: unrecognized formatting clause');
  }
  let [next, failed]: [number, CelError | undefined] = [0, undefined];
  const made = template.replace(
    clause,
    (_, all: string, precision: string | undefined, verb: string) => {
      if (all === '%') return '%';
      if (next >= args.length) failed ??= new CelError(`index ${next} out of range`);
      const text = failed === undefined ? formatOne(verb, precision, args[next++]) : '';
      if (text instanceof CelError) failed ??= text;
      if (typeof text !== 'string' || !call.spend(Math.ceil(text.length / 10))) return '';
      return text;
    },
  );
  return failed ?? made;
}

function formatOne(verb: string, precision: string | undefined, value: Value): string | CelError {
  switch (verb) {
    case 's':
      return text(value, 0);
    case 'd':
      return isInt(value) || value instanceof Uint ? text(value, 0) : wrong(verb);
    case 'f':
    case 'e':
      return real(verb, precision === undefined ? 6 : Number(precision), value);
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      return radix(value, 2) ?? wrong(verb);
    case 'o':
      return radix(value, 8) ?? wrong(verb);
    case 'x':
    case 'X': {
      const made = hex(value);
      return made === undefined ? wrong(verb) : verb === 'X' ? made.toUpperCase() : made;
    }
    default:
      return new CelError(
        `could not parse formatting clause: unrecognized formatting clause "${verb}"`,
      );
  }
}

function wrong(verb: string): CelError {
  return new CelError(`error during formatting: %${verb} does not take an argument of this type`);
}

function radix(value: Value, base: number): string | undefined {
  if (isInt(value)) return BigInt(value).toString(base);
  return value instanceof Uint ? value.value.toString(base) : undefined;
}

function hex(value: Value): string | undefined {
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return radix(value, 16);
}

function real(verb: 'e' | 'f', digits: number, value: Value): string | CelError {
  const number = isInt(value)
    ? Number(value)
    : value instanceof Uint
      ? Number(value.value)
      : doubleOf(value);
  if (number === undefined) return wrong(verb);
  if (!Number.isFinite(number))
    return Number.isNaN(number) ? 'NaN' : number > 0 ? 'Infinity' : '-Infinity';
  if (verb === 'f') return number.toFixed(Math.min(digits, 100));
  const [mantissa = '', exponent = ''] = number.toExponential(Math.min(digits, 100)).split('e');
  return `${mantissa}×10${superscript(exponent)}`;
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** As the English number format of cel-go writes it: at least two digits. */
function superscript(exponent: string): string {
  const digits = exponent.replace(/^[-+]/, '').padStart(2, '0');
  const raised = [...digits].map((digit) => superscripts[Number(digit)]).join('');
  return exponent.startsWith('-') ? `⁻${raised}` : raised;
}

function text(value: Value, depth: number): string | CelError {
  if (depth > maxDepth) return new CelError('values are nested too deep to format');
  // Inside lists and maps texts are quoted.
  if (typeof value === 'string') return depth === 0 ? value : JSON.stringify(value);
  if (value === null) return 'null';
  if (typeof value === 'boolean' || isInt(value)) return String(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (value instanceof Timestamp) return formatTimestamp(value.nanos);
  if (value instanceof Duration) return formatDuration(value.nanos);
  if (value instanceof TypeValue) return value.name;
  const double = doubleOf(value);
  if (double !== undefined) return doubleText(double);
  return collection(value, depth);
}

function collection(value: Value, depth: number): string | CelError {
  const parts: string[] = [];
  const add = (each: string | CelError): CelError | undefined => {
    if (each instanceof CelError) return each;
    parts.push(each);
    return undefined;
  };
  if (Array.isArray(value)) {
    for (const item of value) {
      const failed = add(text(item, depth + 1));
      if (failed !== undefined) return failed;
    }
    return `[${parts.join(', ')}]`;
  }
  if (!isMap(value) && !(value instanceof CelMap)) return wrong('s');
  for (const key of [...keysOf(value)].sort()) {
    const [name, item] = [text(key, depth + 1), text(lookup(value, key), depth + 1)];
    if (name instanceof CelError) return name;
    const failed = add(item instanceof CelError ? item : `${name}:${item}`);
    if (failed !== undefined) return failed;
  }
  return `{${parts.join(', ')}}`;
}
