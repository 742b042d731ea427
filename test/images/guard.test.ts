// What is never contacted, however an image spells it, a registry answers it, or a name resolves to it.
import { test } from 'tap';
import { hostTable } from '../../src/images/registry/endpoint.ts';
import { forbiddenAddress, forbiddenUrl } from '../../src/images/registry/guard.ts';
import type { HostAddress } from '../../src/images/registry/ports.ts';
import { proxyFor } from '../../src/images/registry/proxy.ts';
import {
  defaultRegistrySettings,
  hostSettings,
  noProxy,
} from '../../src/images/registry/settings.ts';
import { asking, client, known } from './asking.ts';
import { Content } from './fake-registry/content.ts';
import { fakeRegistry } from './fake-registry/server.ts';

const apiServers = ['10.96.0.1', 'api.example.com:6443', '[fd00:0::1]:443'];

const forbidden = [
  '169.254.169.254',
  '169.254.169.254.',
  '169.254.169.254:5000',
  '0xa9fea9fe',
  '2852039166',
  '0251.0376.0251.0376',
  '169.254.43518',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[64:ff9b::a9fe:a9fe]',
  '[2002:a9fe:a9fe::]',
  '[fd00:ec2::254]',
  '[FD00:0EC2::0254]',
  '169.254.170.2',
  '100.100.100.200',
  '168.63.129.16',
  'metadata.google.internal',
  'METADATA.google.internal.',
  'metadata',
  'localhost',
  'localhost:10250',
  'registry.localhost:5000',
  '127.0.0.1',
  '127.1',
  '127.255.255.254:443',
  '0',
  '0.0.0.0:5000',
  '[::1]',
  '[::]:5000',
  '[::7f00:1]',
  '[fe80::1]',
  '[ff02::1]',
  '169.254.1.1',
  '224.0.0.1',
  '255.255.255.255',
  'node-1:10250',
  '10.0.0.7:10250',
  '10.0.0.7:10255',
  '10.0.0.7:2379',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.',
  'Kubernetes.Default.svc.cluster.local:443',
  '10.96.0.1',
  '10.96.0.1:6443',
  'api.example.com:6443',
  '[fd00::1]',
];

const allowed = [
  'registry.example.com',
  'docker.io',
  '10.0.0.7:5000',
  '192.168.1.5',
  '[fd00::2]:5000',
  '8.8.8.8',
  '[2606:4700::1111]',
  'kubernetes.example.com',
  'api.example.com',
  'localhost.example.com',
  'metadata.example.com',
];

test('by name: the node, metadata services and the API server, in every spelling', (t) => {
  const hosts = hostTable({ ...defaultRegistrySettings, apiServers });
  const said = (host: string): string | undefined =>
    forbiddenUrl(new URL(`https://${host}/v2/`), hosts);
  for (const host of forbidden) t.type(said(host), 'string', host);
  for (const host of allowed) t.equal(said(host), undefined, host);
  t.end();
});

test('settings may name a host on this machine, but never a metadata service or the API server', (t) => {
  const names = [
    'localhost:5000',
    '127.0.0.1:5000',
    '169.254.1.1',
    '169.254.169.254',
    'metadata',
    ...apiServers,
  ];
  const all = { ...defaultRegistrySettings, apiServers, hosts: names.map(hostSettings) };
  const hosts = hostTable(all);
  const may = names.filter(
    (host) => forbiddenUrl(new URL(`https://${host}/`), hosts) === undefined,
  );
  t.strictSame(may, ['localhost:5000', '127.0.0.1:5000', '169.254.1.1']);
  t.type(forbiddenUrl(new URL('https://127.0.0.1:5001/'), hosts), 'string', 'another port of it');
  t.end();
});

test('by address: one forbidden address forbids the name', (t) => {
  for (const [address, isNamed, is] of [
    ['10.0.0.7', false, false],
    ['127.0.0.1', false, true],
    ['127.0.0.1', true, false],
    ['169.254.169.254', true, true],
    ['::ffff:169.254.169.254', true, true],
    ['fe80::1%eth0', false, true],
    ['nothing', false, false],
  ] as const) {
    t.equal(forbiddenAddress(address, isNamed) !== undefined, is, `${address} ${isNamed}`);
  }
  t.end();
});

const notAllowed = { ok: false, error: { code: 'registry-not-allowed' } };

for (const registry of ['169.254.169.254', 'localhost:10250', 'kubernetes.default.svc', '127.1']) {
  test(`an image of ${registry} makes no connection and no lookup`, async (t) => {
    const looked: string[] = [];
    const lookup = async (host: string): Promise<[]> => {
      looked.push(host);
      return [];
    };
    const opened = client(t, { ports: { lookup } });
    const web = { registry, path: 'x' };
    t.match(await opened.manifest(web, 'latest', asking()), notAllowed);
    t.strictSame(looked, []);
  });
}

test('a registry that no policy has to do with is not contacted', async (t) => {
  const registry = await fakeRegistry(t, new Content());
  const allowed = (name: string): boolean => name !== registry.host;
  const opened = client(t, { settings: { hosts: [known(registry)] }, ports: { allowed } });
  const web = { registry: registry.host, path: 'shop/web' };
  t.match(await opened.manifest(web, '1.4', asking()), notAllowed);
  t.strictSame(registry.asked, []);
});

const addresses: readonly (readonly [name: string, found: readonly HostAddress[]])[] = [
  ['loopback', [{ address: '127.0.0.1', family: 4 }]],
  ['loopback of IPv6', [{ address: '::1', family: 6 }]],
  ['metadata', [{ address: '169.254.169.254', family: 4 }]],
  ['the API server', [{ address: '10.96.0.1', family: 4 }]],
  ['the API server by its port', [{ address: 'fd00::1', family: 6 }]],
  [
    'a good and a bad one',
    [
      { address: '192.0.2.1', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ],
  ],
];

for (const [name, found] of addresses) {
  test(`a name that resolves to ${name} is not connected to`, async (t) => {
    const content = new Content();
    const registry = await fakeRegistry(t, content, { tls: true });
    const [, port] = registry.host.split(':');
    const opened = client(t, { settings: { apiServers }, ports: { lookup: async () => found } });
    const web = { registry: `registry.example.com:${port}`, path: 'shop/web' };
    t.match(await opened.manifest(web, '1.4', asking()), notAllowed);
    t.strictSame(registry.asked, []);
  });
}

test('a name that is rebound between two connections is looked at again', async (t) => {
  let found: readonly HostAddress[] = [{ address: '192.0.2.1', family: 4 }];
  const looked: string[] = [];
  const lookup = async (host: string): Promise<readonly HostAddress[]> => {
    looked.push(host);
    return found;
  };
  const opened = client(t, { ports: { lookup } });
  const web = { registry: 'registry.example.com', path: 'shop/web' };
  const first = await opened.manifest(web, '1.4', asking(null, 100));
  t.equal(first.ok, false);
  found = [{ address: '169.254.169.254', family: 4 }];
  t.match(await opened.manifest(web, '1.4', asking()), notAllowed);
  t.strictSame(looked, ['registry.example.com', 'registry.example.com']);
});

test('proxies are for whom NO_PROXY does not except', (t) => {
  const proxy = {
    https: 'http://proxy.example:3128',
    http: null,
    except: ['.svc', 'example.org', '10.0.0.0/8', '192.0.2.1', 'a.example:5000', '*.b.example'],
  };
  const excepted = [
    'x.svc',
    'example.org',
    'a.example.org',
    '10.1.2.3',
    '192.0.2.1:5000',
    'a.example:5000',
    'x.b.example',
  ];
  const not = [
    'svc.example',
    'badexample.org',
    '11.1.2.3',
    'a.example',
    'a.example:5001',
    'b.example',
    '[fd00::1]',
  ];
  const of = (host: string): string | null => proxyFor(new URL(`https://${host}/`), proxy);
  for (const host of excepted) t.equal(of(host), null, host);
  for (const host of not) t.equal(of(host), proxy.https, host);
  t.equal(proxyFor(new URL('http://svc.example/'), proxy), null, 'http has a proxy of its own');
  t.equal(proxyFor(new URL('https://a/'), { ...proxy, except: ['*'] }), null);
  t.equal(proxyFor(new URL('https://a/'), noProxy), null);
  t.end();
});
