// Which addresses are never asked, whatever an image is called or a registry answers: by name before a connection, and
// by address when the name is looked up, so that a name that changes its address (DNS rebinding) gains nothing.
import { containsIp, type IpNetwork, parseAddress, parseCidr } from '../../k8s/ip-address.ts';

export type Guarded = {
  /** Whether the settings name the host that a URL leads to. */
  isNamed(url: URL): boolean;
  readonly apiServers: readonly Place[];
};

/** `port` null: any. */
export type Place = { readonly name: string; readonly port: string | null };

/** Of `host` or `host:port`, spelled as a URL spells it; none for what is neither. */
export function placesIn(texts: readonly string[]): readonly Place[] {
  return texts.flatMap((text) => {
    const url = URL.parse(`https://${text}/`);
    if (url === null) return [];
    return [{ name: hostOf(url), port: /:\d+$/.test(text) ? portOf(url) : null }];
  });
}

/** Why a URL is never asked; undefined: it may be. */
export function forbiddenUrl(url: URL, guarded: Guarded): string | undefined {
  const [name, isNamed] = [hostOf(url), guarded.isNamed(url)];
  if (isApiServer(url, guarded.apiServers)) return 'is the API server';
  if (metadataNames.has(name)) return 'is a metadata service';
  const address = forbiddenAddress(name, isNamed);
  if (address !== undefined || isNamed) return address;
  if (name === 'localhost' || name.endsWith('.localhost')) return machine;
  return nodePorts.get(Number(url.port));
}

/** Without brackets and a dot at the end, which change nothing about where a name leads. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$|\.$/g, '').toLowerCase();
}

export function portOf(url: URL): string {
  return url.port || (url.protocol === 'http:' ? '80' : '443');
}

function isApiServer(url: URL, apiServers: readonly Place[]): boolean {
  const name = hostOf(url);
  if (/^kubernetes(\.default(\.svc(\..+)?)?)?$/.test(name)) return true;
  return apiServers.some(
    (each) => each.name === name && (each.port === null || each.port === portOf(url)),
  );
}

const metadataNames = new Set(['metadata', 'metadata.google.internal', 'instance-data']);

const nodePorts = new Map([
  [2379, "is etcd's port"],
  [2380, "is etcd's port"],
  [10248, "is a port of the kubelet's"],
  [10249, "is a port of kube-proxy's"],
  [10250, "is a port of the kubelet's"],
  [10255, "is a port of the kubelet's"],
  [10256, "is a port of kube-proxy's"],
  [10257, "is the controller manager's port"],
  [10259, "is the scheduler's port"],
]);

type Range = { readonly network: string; readonly why: string };

const metadata = 'is a metadata service';
/** Of clouds, and never a registry. */
const never: readonly Range[] = [
  { network: '169.254.169.254/32', why: metadata },
  { network: '169.254.170.2/32', why: metadata },
  { network: '169.254.170.23/32', why: metadata },
  { network: '100.100.100.200/32', why: metadata },
  { network: '192.0.0.192/32', why: metadata },
  { network: '168.63.129.16/32', why: metadata },
  { network: 'fd00:ec2::254/128', why: metadata },
  { network: 'fd00:ec2::23/128', why: metadata },
  { network: 'fd20:ce::254/128', why: metadata },
];

const machine = 'is this machine, and no setting names it (registries, insecureRegistry)';
const linkLocal = 'is a link-local address';
/** Not unless the settings name the host. */
const seldom: readonly Range[] = [
  { network: '0.0.0.0/8', why: machine },
  { network: '127.0.0.0/8', why: machine },
  { network: '169.254.0.0/16', why: linkLocal },
  { network: '224.0.0.0/3', why: 'is no address of one machine' },
  { network: '::/127', why: machine },
  { network: 'fe80::/10', why: linkLocal },
  { network: 'ff00::/8', why: 'is no address of one machine' },
];

type Known = { readonly network: IpNetwork; readonly why: string };

function known(ranges: readonly Range[]): readonly Known[] {
  return ranges.map(({ network, why }) => {
    const parsed = parseCidr(network);
    if (!parsed.ok) throw new Error(parsed.error);
    return { network: parsed.value, why };
  });
}

const neverKnown = known(never);
const seldomKnown = known(seldom);

/** Why an address is never connected to; undefined for one that may be, and for what is no address. */
export function forbiddenAddress(text: string, isNamed: boolean): string | undefined {
  const parsed = parseAddress(text);
  if (!parsed.ok) return undefined;
  const address = plain(parsed.value);
  const ranges = isNamed ? neverKnown : [...neverKnown, ...seldomKnown];
  return ranges.find(({ network }) => containsIp(network, address))?.why;
}

type Address = IpNetwork['address'];

/** The IPv4 address inside an IPv6 one: mapped, compatible, translated (NAT64) or 6to4. */
function plain({ family, bits }: Address): Address {
  if (family === 4) return { family, bits };
  const isMapped = bits >> 32n === 0xffffn;
  const isCompatible = bits >> 32n === 0n && bits > 0xffffn;
  const isTranslated = bits >> 32n === 0x64ff9bn << 64n;
  if (isMapped || isCompatible || isTranslated) return { family: 4, bits: bits & 0xffffffffn };
  if (bits >> 112n === 0x2002n) return { family: 4, bits: (bits >> 80n) & 0xffffffffn };
  return { family, bits };
}
