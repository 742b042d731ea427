// URLs. Upstream: k8s.io/apiserver/pkg/cel/library/urls.go.
import {
  escapedPath,
  formatUrl,
  parseUrl,
  queryOf,
  requestUriFault,
  splitHostPort,
  type Url,
} from '../../k8s/url.ts';
import { fromBytes } from '../../k8s/url-escape.ts';
import { library } from '../function.ts';
import { CelError, CelMap, keyText, Opaque, type Value } from '../value.ts';
import { one, traverse } from './cost.ts';

type U = Opaque<Url>;

function url(text: string): Value {
  const parsed = parseUrl(text);
  if (!parsed.ok) {
    return new CelError(`URL parse error during conversion from string: ${parsed.error}`);
  }
  const { value } = parsed;
  return new Opaque('kubernetes.URL', value, (other) => formatUrl(value) === formatUrl(other));
}

function getQuery({ value }: U): Value {
  return new CelMap(
    new Map([...queryOf(value)].map(([key, texts]) => [keyText(key) ?? '', [key, texts]])),
  );
}

// biome-ignore format: a table
export const urls = library([
  ['url(string): kubernetes.URL',             '1.23', traverse(0), url],
  ['isURL(string): bool',                     '1.23', one, (s: string) => requestUriFault(s) === undefined],
  ['kubernetes.URL.getScheme(): string',      '1.23', one, (u: U) => u.value.scheme],
  ['kubernetes.URL.getHost(): string',        '1.23', one, (u: U) => fromBytes(u.value.host)],
  ['kubernetes.URL.getHostname(): string',    '1.23', one, (u: U) => fromBytes(splitHostPort(u.value).name)],
  ['kubernetes.URL.getPort(): string',        '1.23', one, (u: U) => splitHostPort(u.value).port],
  ['kubernetes.URL.getEscapedPath(): string', '1.23', one, (u: U) => fromBytes(escapedPath(u.value))],
  ['kubernetes.URL.getQuery(): map<string, list<string>>', '1.23', one, getQuery],
]);
