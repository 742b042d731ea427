// Names of types as Go prints them: some of the API server's texts hold them.
import { typeName, type Value } from './value.ts';

const names: Readonly<Record<string, string>> = {
  null_type: 'types.Null',
  list: '*types.baseList',
  map: '*types.baseMap',
  type: '*types.Type',
  optional_type: '*types.Optional',
  'google.protobuf.Timestamp': 'types.Timestamp',
  'google.protobuf.Duration': 'types.Duration',
  'net.IP': 'cel.IP',
  'net.CIDR': 'cel.CIDR',
  'kubernetes.Quantity': 'cel.Quantity',
  'kubernetes.URL': 'cel.URL',
  'kubernetes.Semver': 'cel.Semver',
  'kubernetes.NamedFormat': '*cel.Format',
};

export function goType(value: Value): string {
  const name = typeName(value);
  const known = Object.hasOwn(names, name) ? names[name] : undefined;
  return known ?? `types.${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
