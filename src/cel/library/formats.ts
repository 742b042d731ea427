// Named formats. Upstream: k8s.io/apiserver/pkg/cel/library/format.go.
import { type Format, formats as known } from '../../k8s/format-faults.ts';
import { library, type Row } from '../function.ts';
import { none, Opaque, Optional, type Value } from '../value.ts';
import { format as formatCost, one } from './cost.ts';

type F = Opaque<Format>;
const typeName = 'kubernetes.NamedFormat';

const made = (format: Format): F =>
  new Opaque(typeName, format, (other) => format.name === other.name);

function named(name: string): Value {
  const format = Object.hasOwn(known, name) ? known[name] : undefined;
  return format === undefined ? none : new Optional(made(format));
}

function validate({ value }: F, text: string): Value {
  const faults = value.faults(text);
  return faults.length === 0 ? none : new Optional(faults);
}

/** undefined: the receiver is no format, as the types may leave open. */
const sizeOf = (format: Value): number | undefined =>
  format instanceof Opaque && format.type === typeName ? (format as F).value.size : undefined;

// biome-ignore format: a table
export const formats = library([
  ['format.named(string): optional_type<kubernetes.NamedFormat>', '1.31', one, named],
  ['kubernetes.NamedFormat.validate(string): optional_type<list<string>>', '1.31', formatCost(sizeOf), validate],
  ...Object.entries(known).map(([name, format]): Row => [`format.${name}(): kubernetes.NamedFormat`, '1.31', one, () => made(format)]),
]);
