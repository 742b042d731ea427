// IP addresses and networks as Go's net/netip reads them: strict, without zones, never IPv4 inside IPv6.

export type IpAddress = { readonly family: 4 | 6; readonly bits: bigint };
export type IpNetwork = { readonly address: IpAddress; readonly length: number };

const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const form4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`);
const group = /^[0-9A-Fa-f]{1,4}$/;

/** Undefined for what is no address that Kubernetes takes. */
export function parseIp(text: string): IpAddress | undefined {
  if (form4.test(text)) return { family: 4, bits: bitsOf4(text) };
  const bits = text.includes(':') && text.length <= 45 ? bitsOf6(text) : undefined;
  return bits === undefined || bits >> 32n === 0xffffn ? undefined : { family: 6, bits };
}

function bitsOf4(text: string): bigint {
  return text.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

function bitsOf6(text: string): bigint | undefined {
  const dotted = /^(.*:)([0-9.]+)$/.exec(text);
  const last = dotted?.[2] ?? '';
  const plain = form4.test(last) ? `${dotted?.[1] ?? ''}${groupsOf4(last)}` : text;
  const [head = '', tail, ...more] = plain.split('::');
  const [before, after] = [groups(head), tail === undefined ? [] : groups(tail)];
  const missing = 8 - before.length - after.length;
  const fits = tail === undefined ? missing === 0 : missing > 0;
  if (more.length > 0 || !fits || ![...before, ...after].every((g) => group.test(g)))
    return undefined;
  const all = [...before, ...new Array<string>(missing).fill('0'), ...after];
  return all.reduce((bits, g) => (bits << 16n) | BigInt(`0x${g}`), 0n);
}

function groups(text: string): readonly string[] {
  return text === '' ? [] : text.split(':');
}

function groupsOf4(text: string): string {
  const bits = bitsOf4(text);
  return `${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
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

export function parseCidr(text: string): IpNetwork | undefined {
  const [before = '', after = '', ...more] = text.split('/');
  const address = parseIp(before);
  if (address === undefined || more.length > 0 || !/^(?:0|[1-9]\d{0,2})$/.test(after))
    return undefined;
  const length = Number(after);
  return length > sizeOf(address) ? undefined : { address, length };
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
