// IP addresses and networks. Upstream: k8s.io/apiserver/pkg/cel/library/ip.go and cidr.go.
import {
  containsCidr,
  containsIp,
  formatCidr,
  formatIp,
  type IpAddress,
  type IpNetwork,
  masked,
  parseCidr,
  parseIp,
} from '../../k8s/ip-address.ts';
import { library } from '../function.ts';
import { CelError, Opaque, type Value } from '../value.ts';

type Ip = Opaque<IpAddress>;
type Cidr = Opaque<IpNetwork>;

const sameIp = (a: IpAddress, b: IpAddress): boolean => a.family === b.family && a.bits === b.bits;
const ofIp = (ip: IpAddress): Ip => new Opaque('net.IP', ip, (other) => sameIp(ip, other));
const ofCidr = (net: IpNetwork): Cidr =>
  new Opaque('net.CIDR', net, (o) => net.length === o.length && sameIp(net.address, o.address));

const badIp = (text: string): CelError =>
  new CelError(`IP Address ${JSON.stringify(text)} parse error during conversion from string`);
const badCidr = (text: string): CelError =>
  new CelError(
    `network address parse error during conversion from string: ${JSON.stringify(text)}`,
  );

function ip(text: string): Value {
  const parsed = parseIp(text);
  return parsed === undefined ? badIp(text) : ofIp(parsed);
}

function cidr(text: string): Value {
  const parsed = parseCidr(text);
  return parsed === undefined ? badCidr(text) : ofCidr(parsed);
}

function isCanonical(text: string): Value {
  const parsed = parseIp(text);
  return parsed === undefined ? badIp(text) : formatIp(parsed) === text;
}

const within = (network: string): ((ip: IpAddress) => boolean) => {
  const parsed = parseCidr(network);
  return (address) => parsed !== undefined && containsIp(parsed, address);
};
const isIn =
  (...networks: string[]) =>
  (ip: Ip): boolean =>
    networks.some((network) => within(network)(ip.value));

const unspecified = isIn('0.0.0.0/32', '::/128');
const loopback = isIn('127.0.0.0/8', '::1/128');
const linkLocalMulticast = isIn('224.0.0.0/24', 'ff02::/16');
const multicast = isIn('224.0.0.0/4', 'ff00::/8');
const linkLocalUnicast = isIn('169.254.0.0/16', 'fe80::/10');
const broadcast = isIn('255.255.255.255/32');
const globalUnicast = (ip: Ip): boolean =>
  ![unspecified, loopback, multicast, linkLocalUnicast, broadcast].some((is) => is(ip));

function containsIpText(net: Cidr, text: string): Value {
  const parsed = parseIp(text);
  return parsed === undefined ? badIp(text) : containsIp(net.value, parsed);
}

function containsCidrText(net: Cidr, text: string): Value {
  const parsed = parseCidr(text);
  return parsed === undefined ? badCidr(text) : containsCidr(net.value, parsed);
}

// biome-ignore format: a table
export const ipAddresses = library([
  ['ip(string): net.IP',                         ip],
  ['isIP(string): bool',                         (s: string) => parseIp(s) !== undefined],
  ['ip.isCanonical(string): bool',               isCanonical],
  ['string(net.IP): string',                     (v: Ip) => formatIp(v.value)],
  ['net.IP.family(): int',                       (v: Ip) => v.value.family],
  ['net.IP.isUnspecified(): bool',               unspecified],
  ['net.IP.isLoopback(): bool',                  loopback],
  ['net.IP.isLinkLocalMulticast(): bool',        linkLocalMulticast],
  ['net.IP.isLinkLocalUnicast(): bool',          linkLocalUnicast],
  ['net.IP.isGlobalUnicast(): bool',             globalUnicast],
  ['cidr(string): net.CIDR',                     cidr],
  ['isCIDR(string): bool',                       (s: string) => parseCidr(s) !== undefined],
  ['string(net.CIDR): string',                   (v: Cidr) => formatCidr(v.value)],
  ['net.CIDR.ip(): net.IP',                      (v: Cidr) => ofIp(v.value.address)],
  ['net.CIDR.masked(): net.CIDR',                (v: Cidr) => ofCidr(masked(v.value))],
  ['net.CIDR.prefixLength(): int',               (v: Cidr) => v.value.length],
  ['net.CIDR.containsIP(string): bool',          containsIpText],
  ['net.CIDR.containsIP(net.IP): bool',          (n: Cidr, v: Ip) => containsIp(n.value, v.value)],
  ['net.CIDR.containsCIDR(string): bool',        containsCidrText],
  ['net.CIDR.containsCIDR(net.CIDR): bool',      (n: Cidr, v: Cidr) => containsCidr(n.value, v.value)],
]);
