// URLs as Kubernetes reads them in expressions: an absolute URI or an absolute path. Upstream: Go's net/url
// (ParseRequestURI, then Parse), and k8s.io/apiserver/pkg/cel/library/urls.go.
import { err, ok, type Result } from '../base/result.ts';
import { goQuote } from './go-text.ts';
import { parseAddress } from './ip-address.ts';
import { decodeEscapes, encodeEscapes, fromBytes, mustEscape, toBytes } from './url-escape.ts';

/** Texts whose characters are bytes. */
export type Url = {
  readonly scheme: string;
  /** What follows a scheme without a slash. */
  readonly opaque: string;
  readonly user: { readonly name: string; readonly password: string | null } | null;
  readonly host: string;
  /** A scheme with a path and no host at all: `file:/a`. */
  readonly omitHost: boolean;
  readonly path: string;
  readonly rawPath: string;
  readonly forceQuery: boolean;
  readonly rawQuery: string;
  readonly fragment: string;
  readonly rawFragment: string;
};

const empty: Url = {
  scheme: '',
  opaque: '',
  user: null,
  host: '',
  omitHost: false,
  path: '',
  rawPath: '',
  forceQuery: false,
  rawQuery: '',
  fragment: '',
  rawFragment: '',
};

/** What ParseRequestURI says against a text; undefined when nothing. */
export function requestUriFault(text: string): string | undefined {
  const parsed = parse(toBytes(text), true);
  return parsed.ok ? undefined : fault(text, parsed.error);
}

const fault = (text: string, why: string): string => `parse ${goQuote(text)}: ${why}`;

export function parseUrl(text: string): Result<Url, string> {
  const refused = requestUriFault(text);
  if (refused !== undefined) return err(refused);
  const bytes = toBytes(text);
  const [before, rawFragment] = cut(bytes, '#');
  const parsed = parse(before, false);
  if (!parsed.ok) return err(fault(fromBytes(before), parsed.error));
  if (rawFragment === '') return parsed;
  const fragment = decodeEscapes(rawFragment, 'fragment');
  if (!fragment.ok) return err(fault(text, fragment.error));
  return ok({
    ...parsed.value,
    fragment: fragment.value,
    rawFragment: encodeEscapes(fragment.value, 'fragment') === rawFragment ? '' : rawFragment,
  });
}

function cut(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function parse(text: string, viaRequest: boolean): Result<Url, string> {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[\x00-\x1f\x7f]/.test(text)) return err('net/url: invalid control character in URL');
  if (text === '' && viaRequest) return err('empty url');
  if (text === '*') return ok({ ...empty, path: '*' });
  if (text.startsWith(':')) return err('missing protocol scheme');
  const named = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text);
  const scheme = named?.[1]?.toLowerCase() ?? '';
  const whole = text.slice(named?.[0].length ?? 0);
  const forceQuery = /^[^?]*\?$/.test(whole);
  const [rest, rawQuery] = cut(whole, '?');
  const known = { ...empty, scheme, forceQuery, rawQuery };
  if (!rest.startsWith('/')) {
    if (scheme !== '') return ok({ ...known, opaque: rest });
    if (viaRequest) return err('invalid URI for request');
    if (cut(rest, '/')[0].includes(':'))
      return err('first path segment in URL cannot contain colon');
  }
  return withAuthority(known, rest, viaRequest);
}

function withAuthority(url: Url, rest: string, viaRequest: boolean): Result<Url, string> {
  const hasHost =
    rest.startsWith('//') && (url.scheme !== '' || (!viaRequest && !rest.startsWith('///')));
  if (!hasHost)
    return withPath({ ...url, omitHost: url.scheme !== '' && rest.startsWith('/') }, rest);
  const [authority] = cut(rest.slice(2), '/');
  const at = authority.lastIndexOf('@');
  const host = parseHost(url.scheme, authority.slice(at + 1));
  if (!host.ok) return host;
  const path = rest.slice(2 + authority.length);
  if (at < 0) return withPath({ ...url, host: host.value }, path);
  const user = parseUser(authority.slice(0, at));
  return user.ok ? withPath({ ...url, host: host.value, user: user.value }, path) : user;
}

function withPath(url: Url, text: string): Result<Url, string> {
  const path = decodeEscapes(text, 'path');
  if (!path.ok) return path;
  const rawPath = encodeEscapes(path.value, 'path') === text ? '' : text;
  return ok({ ...url, path: path.value, rawPath });
}

function parseUser(text: string): Result<NonNullable<Url['user']>, string> {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(text)) return err('net/url: invalid userinfo');
  const colon = text.indexOf(':');
  const name = decodeEscapes(colon < 0 ? text : text.slice(0, colon), 'user');
  if (!name.ok) return name;
  if (colon < 0) return ok({ name: name.value, password: null });
  const password = decodeEscapes(text.slice(colon + 1), 'user');
  return password.ok ? ok({ name: name.value, password: password.value }) : password;
}

const portForm = /^(?::[0-9]*)?$/;

function parseHost(scheme: string, host: string): Result<string, string> {
  const open = host.lastIndexOf('[');
  if (open > 0) return err('invalid IP-literal');
  if (open === 0) return parseLiteral(host);
  const [first, last] = [host.indexOf(':'), host.lastIndexOf(':')];
  // Only http and https are strict about a second colon.
  const isStrict = scheme === 'http' || scheme === 'https';
  const port = first < 0 ? '' : host.slice(isStrict ? first : last);
  if (!portForm.test(port)) return err(`invalid port ${goQuote(fromBytes(port))} after host`);
  return decodeEscapes(host, 'host');
}

/** `[fe80::1%25en0]:80` */
function parseLiteral(host: string): Result<string, string> {
  const close = host.lastIndexOf(']');
  if (close < 0) return err("missing ']' in host");
  const port = host.slice(close + 1);
  if (!portForm.test(port)) return err(`invalid port ${goQuote(fromBytes(port))} after host`);
  const inside = host.slice(1, close);
  const zoneAt = inside.indexOf('%25');
  const address = decodeEscapes(zoneAt < 0 ? inside : inside.slice(0, zoneAt), 'host');
  if (!address.ok) return address;
  const zone = zoneAt < 0 ? ok('') : decodeEscapes(inside.slice(zoneAt), 'zone');
  if (!zone.ok) return zone;
  const name = `${address.value}${zone.value}`;
  const parsed = parseAddress(fromBytes(name));
  if (!parsed.ok) return err(`invalid host: ${parsed.error}`);
  return parsed.value.family === 4 ? err('invalid IP-literal') : ok(`[${name}]${port}`);
}

/** The path as it was written, where that is a fit spelling; else escaped anew. */
export function escapedPath({ path, rawPath }: Url): string {
  if (rawPath !== '' && isEncoded(rawPath, 'path')) return rawPath;
  return path === '*' ? '*' : encodeEscapes(path, 'path');
}

function isEncoded(text: string, place: 'path' | 'fragment'): boolean {
  return [...text].every((c) => "!$&'()*+,;=:@[]%".includes(c) || !mustEscape(c, place));
}

export function splitHostPort({ host }: Url): { readonly name: string; readonly port: string } {
  const colon = host.lastIndexOf(':');
  const hasPort = colon >= 0 && portForm.test(host.slice(colon));
  const name = hasPort ? host.slice(0, colon) : host;
  const isLiteral = name.startsWith('[') && name.endsWith(']');
  return { name: isLiteral ? name.slice(1, -1) : name, port: hasPort ? host.slice(colon + 1) : '' };
}

const maxParameters = 10_000;

/** Names to their values, in order; a part that cannot be read is left out, as is all of a query with too many. */
export function queryOf({ rawQuery }: Url): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  const parts = rawQuery.split('&');
  if (parts.length > maxParameters) return values;
  for (const part of parts) {
    if (part === '' || part.includes(';')) continue;
    const [key, value] = cut(part, '=').map((each) => decodeEscapes(each, 'query'));
    if (!key?.ok || !value?.ok) continue;
    const name = fromBytes(key.value);
    values.set(name, [...(values.get(name) ?? []), fromBytes(value.value)]);
  }
  return values;
}

/** The URL as text: what tells two apart. */
export function formatUrl(url: Url): string {
  const scheme = url.scheme === '' ? '' : `${url.scheme}:`;
  const query = url.forceQuery || url.rawQuery !== '' ? `?${url.rawQuery}` : '';
  const isRaw = url.rawFragment !== '' && isEncoded(url.rawFragment, 'fragment');
  const fragment = isRaw ? url.rawFragment : encodeEscapes(url.fragment, 'fragment');
  const body = url.opaque === '' ? hierarchy(url, scheme) : url.opaque;
  return `${scheme}${body}${query}${url.fragment === '' ? '' : `#${fragment}`}`;
}

function hierarchy(url: Url, scheme: string): string {
  const path = escapedPath(url);
  const slash = path !== '' && !path.startsWith('/') && url.host !== '' ? '/' : '';
  const authority = authorityOf(url);
  const isAlone = scheme === '' && authority === '' && slash === '';
  const dot = isAlone && cut(path, '/')[0].includes(':') ? './' : '';
  return `${authority}${slash}${dot}${path}`;
}

function authorityOf({ scheme, host, user, omitHost, path }: Url): string {
  if (scheme === '' && host === '' && user === null) return '';
  if (omitHost && host === '' && user === null) return '';
  const password = user?.password == null ? '' : `:${encodeEscapes(user.password, 'user')}`;
  const info = user === null ? '' : `${encodeEscapes(user.name, 'user')}${password}@`;
  const slashes = host !== '' || path !== '' || user !== null ? '//' : '';
  return `${slashes}${info}${encodeEscapes(host, 'host')}`;
}
