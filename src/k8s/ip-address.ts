// IP addresses and networks as Go's net/netip reads them, with its texts for what is none, and what Kubernetes refuses
// beyond: zones, and IPv4 inside IPv6. Upstream: k8s.io/apiserver/pkg/cel/library/ip.go and cidr.go.
import { err, ok, type Result } from '../base/result.ts';
import { goQuote } from './go-text.ts';

export type IpAddress = { readonly family: 4 | 6; readonly bits: bigint };
export type IpNetwork = { readonly address: IpAddress; readonly length: number };

type Parsed = Result<IpAddress & { readonly zone: string }, string>;

/** An address, or the API server's text that says why it is none. */
export function parseIp(text: string): Result<IpAddress, string> {
  const parsed = parseAddress(text);
  if (!parsed.ok)
    return err(
      `IP Address ${goQuote(text)} parse error during conversion from string: ${parsed.error}`,
    );
  const { family, bits, zone } = parsed.value;
  if (zone !== '') return err(`IP address ${goQuote(text)} with zone value is not allowed`);
  if (isMapped(parsed.value))
    return err(`IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`);
  return ok({ family, bits });
}

function isMapped({ family, bits }: IpAddress): boolean {
  return family === 6 && bits >> 32n === 0xffffn;
}

/** As netip.ParseAddr: zones and IPv4 inside IPv6 are addresses too. */
export function parseAddress(text: string): Parsed {
  const [first] = /[.:%]/.exec(text) ?? [];
  const refuse = (why: string, at = ''): Parsed =>
    err(`ParseAddr(${goQuote(text)}): ${why}${at === '' ? '' : ` (at ${goQuote(at)})`}`);
  if (first === '.') {
    const bits = parse4(text);
    return typeof bits === 'bigint' ? ok({ family: 4, bits, zone: '' }) : refuse(...bits);
  }
  if (first === ':') return parse6(text, refuse);
  return refuse(first === '%' ? 'missing IPv6 address' : 'unable to parse IP');
}

type Fault = readonly [why: string, at?: string];

/** The bits, or what is wrong and where. */
function parse4(text: string): bigint | Fault {
  let [bits, octet, digits, dots] = [0n, 0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (c >= '0' && c <= '9') {
      if (digits === 1 && octet === 0) return ['IPv4 field has octet with leading zero'];
      octet = octet * 10 + Number(c);
      digits++;
      if (octet > 255) return ['IPv4 field has value >255'];
    } else if (c === '.') {
      if (i === 0 || i === text.length - 1 || text[i - 1] === '.')
        return ['IPv4 field must have at least one digit', text.slice(i)];
      if (dots === 3) return ['IPv4 address too long'];
      bits = (bits << 8n) | BigInt(octet);
      [octet, digits] = [0, 0];
      dots++;
    } else return ['unexpected character', text.slice(i)];
  }
  return dots < 3 ? ['IPv4 address too short'] : (bits << 8n) | BigInt(octet);
}

function parse6(text: string, refuse: (...fault: Fault) => Parsed): Parsed {
  const percent = text.indexOf('%');
  const zone = percent < 0 ? '' : text.slice(percent + 1);
  if (percent >= 0 && zone === '') return refuse('zone must be a non-empty string');
  const read = groupsOf(percent < 0 ? text : text.slice(0, percent));
  if (!('groups' in read)) return refuse(...read);
  const { groups, gap } = read;
  if (groups.length < 8 && gap < 0) return refuse('address string too short');
  if (groups.length >= 8 && gap >= 0)
    return refuse('the :: must expand to at least one field of zeros');
  const zeros = new Array<number>(8 - groups.length).fill(0);
  const all = gap < 0 ? groups : [...groups.slice(0, gap), ...zeros, ...groups.slice(gap)];
  return ok({ family: 6, bits: all.reduce((bits, g) => (bits << 16n) | BigInt(g), 0n), zone });
}

type Groups = { readonly groups: readonly number[]; readonly gap: number };

/** 16 bits each; `gap`: where :: stands, -1 where it does not. */
function groupsOf(text: string): Groups | Fault {
  const groups: number[] = [];
  let [rest, gap] = text.startsWith('::') ? [text.slice(2), 0] : [text, -1];
  while (rest !== '' && groups.length < 8) {
    const [digits = ''] = /^[0-9a-fA-F]*/.exec(rest.slice(0, 6)) ?? [];
    if (digits.length > 4) return ['each group must have 4 or less digits', rest];
    if (digits === '') return ['each colon-separated field must have at least one digit', rest];
    if (rest[digits.length] === '.') return embedded(groups, gap, rest);
    groups.push(Number.parseInt(digits, 16));
    rest = rest.slice(digits.length);
    if (rest === '') break;
    if (!rest.startsWith(':')) return ['unexpected character, want colon', rest];
    if (rest === ':') return ['colon must be followed by more characters', rest];
    rest = rest.slice(1);
    if (!rest.startsWith(':')) continue;
    if (gap >= 0) return ['multiple :: in address', rest];
    gap = groups.length;
    rest = rest.slice(1);
  }
  return rest === '' ? { groups, gap } : ['trailing garbage after address', rest];
}

/** An IPv4 address at the end of an IPv6 one. */
function embedded(groups: readonly number[], gap: number, rest: string): Groups | Fault {
  if (gap < 0 && groups.length !== 6)
    return ['embedded IPv4 address must replace the final 2 fields of the address', rest];
  if (groups.length > 6)
    return ['too many hex fields to fit an embedded IPv4 at the end of the address', rest];
  const bits = parse4(rest);
  if (typeof bits !== 'bigint') return bits;
  return { groups: [...groups, Number(bits >> 16n), Number(bits & 0xffffn)], gap };
}

/** The canonical text (RFC 5952 for IPv6). */
export function formatIp({ family, bits }: IpAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.');
  const parts = [...new Array(8).keys()].map((i) => (bits >> BigInt(112 - 16 * i)) & 0xffffn);
  const run = longestZeros(parts);
  const hex = (list: readonly bigint[]): string => list.map((part) => part.toString(16)).join(':');
  if (run.length < 2) return hex(parts);
  return `${hex(parts.slice(0, run.at))}::${hex(parts.slice(run.at + run.length))}`;
}

function longestZeros(parts: readonly bigint[]): { at: number; length: number } {
  let best = { at: 0, length: 0 };
  for (let at = 0; at < parts.length; at++) {
    let length = 0;
    while (parts[at + length] === 0n) length++;
    if (length > best.length) best = { at, length };
  }
  return best;
}

/** A network, or the API server's text that says why it is none. */
export function parseCidr(text: string): Result<IpNetwork, string> {
  const refuse = (why: string): Result<IpNetwork, string> =>
    err(
      `network address parse error during conversion from string: netip.ParsePrefix(${goQuote(text)}): ${why}`,
    );
  const slash = text.lastIndexOf('/');
  if (slash < 0) return refuse("no '/'");
  const parsed = parseAddress(text.slice(0, slash));
  if (!parsed.ok) return refuse(parsed.error);
  const { family, bits, zone } = parsed.value;
  if (zone !== '') return refuse('IPv6 zones cannot be present in a prefix');
  const digits = text.slice(slash + 1);
  if (!/^(?:[0-9]|[1-9][0-9]{1,18})$/.test(digits) || BigInt(digits) >= 2n ** 63n)
    return refuse(`bad bits after slash: ${goQuote(digits)}`);
  const length = Number(digits);
  if (length > sizeOf(parsed.value)) return refuse('prefix length out of range');
  if (isMapped(parsed.value))
    return err(`IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`);
  return ok({ address: { family, bits }, length });
}

export function formatCidr({ address, length }: IpNetwork): string {
  return `${formatIp(address)}/${length}`;
}

function sizeOf({ family }: IpAddress): number {
  return family === 4 ? 32 : 128;
}

/** The network with its host bits cleared. */
export function masked({ address, length }: IpNetwork): IpNetwork {
  const rest = BigInt(sizeOf(address) - length);
  return { address: { ...address, bits: (address.bits >> rest) << rest }, length };
}

export function containsIp(network: IpNetwork, { family, bits }: IpAddress): boolean {
  const rest = BigInt(sizeOf(network.address) - network.length);
  return network.address.family === family && network.address.bits >> rest === bits >> rest;
}

export function containsCidr(outer: IpNetwork, inner: IpNetwork): boolean {
  return outer.length <= inner.length && containsIp(outer, inner.address);
}
