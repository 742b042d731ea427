// IP addresses. Upstream: k8s.io/apiserver/pkg/cel/library/ip.go.
import {
  containsIp,
  formatIp,
  type IpAddress,
  type IpNetwork,
  parseCidr,
  parseIp,
} from '../../k8s/ip-address.ts';
import { library } from '../function.ts';
import { CelError, Opaque, type Value } from '../value.ts';
import { one, traverse, traverseTwice } from './cost.ts';

export type Ip = Opaque<IpAddress>;

const same = (a: IpAddress, b: IpAddress): boolean => a.family === b.family && a.bits === b.bits;
export const ofIp = (ip: IpAddress): Ip => new Opaque('net.IP', ip, (other) => same(ip, other));

function ip(text: string): Value {
  const parsed = parseIp(text);
  return parsed.ok ? ofIp(parsed.value) : new CelError(parsed.error);
}

function isCanonical(text: string): Value {
  const parsed = parseIp(text);
  return parsed.ok ? formatIp(parsed.value) === text : new CelError(parsed.error);
}

/** Our own texts only. */
function network(text: string): IpNetwork {
  const parsed = parseCidr(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function isIn(...texts: string[]): (ip: Ip) => boolean {
  const networks = texts.map(network);
  return (ip) => networks.some((each) => containsIp(each, ip.value));
}

const unspecified = isIn('0.0.0.0/32', '::/128');
const loopback = isIn('127.0.0.0/8', '::1/128');
const linkLocalMulticast = isIn('224.0.0.0/24', 'ff02::/16');
const multicast = isIn('224.0.0.0/4', 'ff00::/8');
const linkLocalUnicast = isIn('169.254.0.0/16', 'fe80::/10');
const broadcast = isIn('255.255.255.255/32');
const globalUnicast = (ip: Ip): boolean =>
  ![unspecified, loopback, multicast, linkLocalUnicast, broadcast].some((is) => is(ip));

// biome-ignore format: a table
export const ipAddresses = library([
  ['ip(string): net.IP',                  '1.30', traverse(0),      ip],
  ['isIP(string): bool',                  '1.30', traverse(0),      (s: string) => parseIp(s).ok],
  ['ip.isCanonical(string): bool',        '1.30', traverseTwice(0), isCanonical],
  ['string(net.IP): string',              '1.30', one, (v: Ip) => formatIp(v.value)],
  ['net.IP.family(): int',                '1.30', one, (v: Ip) => v.value.family],
  ['net.IP.isUnspecified(): bool',        '1.30', one, unspecified],
  ['net.IP.isLoopback(): bool',           '1.30', one, loopback],
  ['net.IP.isLinkLocalMulticast(): bool', '1.30', one, linkLocalMulticast],
  ['net.IP.isLinkLocalUnicast(): bool',   '1.30', one, linkLocalUnicast],
  ['net.IP.isGlobalUnicast(): bool',      '1.30', one, globalUnicast],
]);
