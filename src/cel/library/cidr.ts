// Networks. Upstream: k8s.io/apiserver/pkg/cel/library/cidr.go.
import {
  containsCidr,
  containsIp,
  formatCidr,
  type IpNetwork,
  masked,
  parseCidr,
  parseIp,
} from '../../k8s/ip-address.ts';
import { library } from '../function.ts';
import { CelError, Opaque, type Value } from '../value.ts';
import {
  containsCidr as containsCidrCost,
  containsIp as containsIpCost,
  one,
  traverse,
} from './cost.ts';
import { type Ip, ofIp } from './ip.ts';

type Cidr = Opaque<IpNetwork>;

const same = (a: IpNetwork, b: IpNetwork): boolean =>
  a.length === b.length &&
  a.address.family === b.address.family &&
  a.address.bits === b.address.bits;
const ofCidr = (net: IpNetwork): Cidr => new Opaque('net.CIDR', net, (other) => same(net, other));

/** The text says so twice, as the API server's does. */
const bad = (why: string): CelError =>
  new CelError(`network address parse error during conversion from string: ${why}`);

function cidr(text: string): Value {
  const parsed = parseCidr(text);
  return parsed.ok ? ofCidr(parsed.value) : bad(parsed.error);
}

function containsIpText(net: Cidr, text: string): Value {
  const parsed = parseIp(text);
  // As in-tree, which does not say why the text is no address.
  return parsed.ok ? containsIp(net.value, parsed.value) : new CelError('no such overload');
}

function containsCidrText(net: Cidr, text: string): Value {
  const parsed = parseCidr(text);
  return parsed.ok ? containsCidr(net.value, parsed.value) : bad(parsed.error);
}

// biome-ignore format: a table
export const networks = library([
  ['cidr(string): net.CIDR',                '1.30', traverse(0),             cidr],
  ['isCIDR(string): bool',                  '1.30', traverse(0),             (s: string) => parseCidr(s).ok],
  ['string(net.CIDR): string',              '1.30', one,                     (v: Cidr) => formatCidr(v.value)],
  ['net.CIDR.ip(): net.IP',                 '1.30', one,                     (v: Cidr) => ofIp(v.value.address)],
  ['net.CIDR.masked(): net.CIDR',           '1.30', one,                     (v: Cidr) => ofCidr(masked(v.value))],
  ['net.CIDR.prefixLength(): int',          '1.30', one,                     (v: Cidr) => v.value.length],
  ['net.CIDR.containsIP(string): bool',     '1.30', containsIpCost(true),    containsIpText],
  ['net.CIDR.containsIP(net.IP): bool',     '1.30', containsIpCost(false),   (n: Cidr, v: Ip) => containsIp(n.value, v.value)],
  ['net.CIDR.containsCIDR(string): bool',   '1.30', containsCidrCost(true),  containsCidrText],
  ['net.CIDR.containsCIDR(net.CIDR): bool', '1.30', containsCidrCost(false), (n: Cidr, v: Cidr) => containsCidr(n.value, v.value)],
]);
