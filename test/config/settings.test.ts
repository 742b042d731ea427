// Settings: one table for flags and file, flags first, every fault with its place.
import { join } from 'node:path';
import { test } from 'tap';
import { makeAuthority } from '../../certs/make.ts';
import { apiServersOfPod, proxiesWanted } from '../../src/config/environment.ts';
import { type FlagValues, loadSettings } from '../../src/config/load.ts';
import { noRegistries, readRegistries } from '../../src/config/registries.ts';
import { configurationSchema } from '../../src/config/schema.ts';
import { settingTable } from '../../src/config/setting-table.ts';
import {
  type Address,
  defaultRecords,
  flagOf,
  formatAddress,
  parseAddress,
} from '../../src/config/settings.ts';
import { noProxy } from '../../src/images/registry/settings.ts';

const head = 'apiVersion: sekisho.dev/v1alpha1\nkind: Configuration\n';
const needed: FlagValues = { tlsCert: 'c', tlsKey: 'k' };

test('every flag of serve has its field in the Configuration, and the reverse', async (t) => {
  const loaded = await loadSettings(needed);
  if (!loaded.ok) throw new Error('not loaded');
  const fields = settingTable.map(({ field }) => field).sort();
  const { records, exporters, registries: _hosts, ...flat } = loaded.value;
  const ofLedger = Object.keys(records).map((name) => camel(['ledger', name]));
  t.same([...Object.keys(flat), ...ofLedger].sort(), fields);
  const {
    apiVersion,
    kind,
    exporters: _,
    registries,
    ...properties
  } = configurationSchema.properties;
  t.same([...pathsOf({ properties })].sort(), fields);
  for (const setting of settingTable) {
    const kebab = setting.field.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
    t.equal(flagOf(setting), `--${kebab}`);
  }
});

const camel = ([first = '', ...rest]: readonly string[]): string =>
  first + rest.map((step) => step.charAt(0).toUpperCase() + step.slice(1)).join('');

/** Every property of a schema, as a flag would call it; `folder` of an object is the object itself. */
function pathsOf(schema: object, path: readonly string[] = []): readonly string[] {
  if (!('properties' in schema)) return [camel(path.filter((step) => step !== 'folder'))];
  const properties = Object.entries(schema.properties as Record<string, object>);
  return properties.flatMap(([name, inside]) => pathsOf(inside, [...path, name]));
}

test('what is not set has its default', async (t) => {
  t.same(await loadSettings(needed), {
    ok: true,
    value: {
      policies: ['policies'],
      revision: null,
      listen: { host: '::', port: 8443 },
      tlsCert: 'c',
      tlsKey: 'k',
      clientCa: null,
      ledger: null,
      records: defaultRecords,
      exporters: [],
      ...noRegistries,
      metrics: { host: '::', port: 8080 },
      kubeconfig: null,
      clusterObjects: [],
      strict: false,
      drainSeconds: 15,
    },
  });
});

const ledger = `ledger:
  folder: records
  replica: gate-0
  cluster: prod
  rotateSize: 16Mi
  rotateAge: 15m
  retainAge: 90d
  retainSize: 10Gi
  checkpointEvery: 30s
  onFailure: allow
  digestKey: digest.key
`;

const registries = `registries:
  - {host: 'r:5000', insecure: true, caFile: r.crt, mirror: m/x, mirrorOnly: true, tokenHosts: [t]}
insecureRegistry: [s]
registryConfig: docker.json
`;

test('a flag wins over the file, and the file over the default', async (t) => {
  const file = `${head}policies: [a, b]\nlisten: 127.0.0.1:1\ntlsCert: file.crt\ntlsKey: file.key
clientCa: ca.crt\nrevision: main@4be1\nmetrics: localhost:2\nclusterObjects: [objects]\nstrict: true\ndrainSeconds: 5\n${ledger}${registries}`;
  const config = join(t.testdir({ 'config.yaml': file }), 'config.yaml');
  const fromFile = {
    policies: ['a', 'b'],
    listen: { host: '127.0.0.1', port: 1 },
    tlsCert: 'file.crt',
    tlsKey: 'file.key',
    clientCa: 'ca.crt',
    revision: 'main@4be1',
    ledger: 'records',
    exporters: [],
    registries: [
      {
        host: 'r:5000',
        insecure: true,
        caFile: 'r.crt',
        mirror: 'm/x',
        mirrorOnly: true,
        tokenHosts: ['t'],
      },
    ],
    insecureRegistry: ['s'],
    registryConfig: 'docker.json',
    pullSecrets: false,
    records: {
      replica: 'gate-0',
      cluster: 'prod',
      rotateSize: 16 * 1024 * 1024,
      rotateAge: 900_000,
      retainAge: 90 * 86_400_000,
      retainSize: 10 * 1024 ** 3,
      checkpointEvery: 30_000,
      onFailure: 'allow',
      digestKey: 'digest.key',
    },
    metrics: { host: 'localhost', port: 2 },
    kubeconfig: null,
    clusterObjects: ['objects'],
    strict: true,
    drainSeconds: 5,
  };
  t.same(await loadSettings({}, config), { ok: true, value: fromFile });
  const flags: FlagValues = {
    policies: ['x'],
    listen: ':3',
    tlsCert: 'flag.crt',
    ledger: 'elsewhere',
    ledgerReplica: 'gate-1',
    ledgerRotateSize: '65536',
    ledgerOnFailure: 'deny',
    drainSeconds: '0',
  };
  const records = {
    ...fromFile.records,
    replica: 'gate-1',
    rotateSize: 65_536,
    onFailure: 'deny',
  };
  t.match(await loadSettings(flags, config), {
    ok: true,
    value: {
      ...{ policies: ['x'], listen: { host: '::', port: 3 }, tlsCert: 'flag.crt' },
      ...{ ledger: 'elsewhere', records, drainSeconds: 0, tlsKey: 'file.key' },
    },
  });
});

test('a Configuration says that pull secrets are read', async (t) => {
  const config = join(t.testdir({ 'config.yaml': `${head}pullSecrets: true\n` }), 'config.yaml');
  t.match(await loadSettings(needed, config), { ok: true, value: { pullSecrets: true } });
});

const addresses: readonly [string, Address | undefined][] = [
  ['127.0.0.1:8443', { host: '127.0.0.1', port: 8443 }],
  ['[::1]:8443', { host: '::1', port: 8443 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
  [':8443', { host: '::', port: 8443 }],
  ['8443', undefined],
  ['::1:8443', undefined],
  ['host:', undefined],
  ['host:65536', undefined],
  ['host:-1', undefined],
  ['host:1e3', undefined],
  ['http://host:1', undefined],
  ['host:1 ', undefined],
  ['', undefined],
];

test('addresses are HOST:PORT, with brackets around IPv6', async (t) => {
  for (const [text, want] of addresses) {
    t.same(parseAddress(text), want, text);
    if (want !== undefined && !text.startsWith(':')) t.equal(formatAddress(want), text);
  }
});

const wrongFiles: readonly [string, string, readonly string[]][] = [
  ['an unknown field', `${head}listn: x\n`, ['config.yaml:3:8: config-field: "listn" is no field']],
  [
    'another kind',
    head.replace('Configuration', 'Pod'),
    ['config.yaml:2:7: config-field: kind must be "Configuration"'],
  ],
  [
    'no apiVersion',
    'kind: Configuration\n',
    ['config.yaml:1:1: config-field: "apiVersion" is missing'],
  ],
  [
    'a number for a path',
    `${head}tlsCert: 7\n`,
    ['config.yaml:3:10: config-field: tlsCert must be string'],
  ],
  [
    'text for a list',
    `${head}policies: x\n`,
    ['config.yaml:3:11: config-field: policies must be array'],
  ],
  [
    'no policies',
    `${head}policies: []\n`,
    ['config.yaml:3:11: config-field: policies must NOT have fewer than 1 items'],
  ],
  [
    'an empty path',
    `${head}policies: [a, ""]\n`,
    ['config.yaml:3:15: config-field: policies[1] must NOT'],
  ],
  [
    'standard input',
    `${head}policies: ["-"]\n`,
    ['config.yaml:3:11: config-field: a server cannot'],
  ],
  [
    'no address',
    `${head}listen: here\n`,
    ['config.yaml:3:9: config-field: "here" is not HOST:PORT'],
  ],
  [
    'half seconds',
    `${head}drainSeconds: 1.5\n`,
    ['config.yaml:3:15: config-field: drainSeconds must be integer'],
  ],
  [
    'too many seconds',
    `${head}drainSeconds: 601\n`,
    ['config.yaml:3:15: config-field: drainSeconds must be <= 600'],
  ],
  [
    'seconds beyond doubles',
    `${head}drainSeconds: 99999999999999999999\n`,
    ['config.yaml:3:15: config-field: drainSeconds'],
  ],
  [
    'no size',
    `${head}ledger: {rotateSize: 64MB}\n`,
    ['config.yaml:3:22: config-field: "64MB" is not a size such as 64Mi'],
  ],
  [
    'no time',
    `${head}ledger: {retainAge: 90}\n`,
    ['config.yaml:3:21: config-field: ledger.retainAge must be string'],
  ],
  [
    'a time without end',
    `${head}ledger: {rotateAge: 0s}\n`,
    ['config.yaml:3:21: config-field: "0s" is not a time such as 60s'],
  ],
  [
    'another outcome',
    `${head}ledger: {onFailure: Deny}\n`,
    ['config.yaml:3:21: config-field: must be "deny" or "allow"'],
  ],
  [
    'an unknown field of the ledger',
    `${head}ledger: {dir: x}\n`,
    ['config.yaml:3:15: config-field: "dir" is no field of ledger'],
  ],
  [
    'a name that moves the cursor',
    `${head}ledger: {cluster: "a\\e[2J"}\n`,
    ['config.yaml:3:19: config-field: must be printable'],
  ],
  ['no document', '# nothing\n', ['config.yaml:0:']],
  [
    'two documents',
    `${head}---\n${head}`,
    ['config.yaml:4:1: config-field: the file must hold one'],
  ],
  ['no YAML', `${head}listen: [\n`, ['config.yaml:']],
  [
    '__proto__',
    `${head}__proto__: {listen: x}\n`,
    ['config.yaml:3:12: config-field: "__proto__" is no field'],
  ],
  [
    'a registry that is no host',
    `${head}registries: [{host: "https://r"}]\n`,
    ['config.yaml:3:21: config-field: registries[0].host "https://r" is not HOST'],
  ],
  [
    'an unknown field of a registry',
    `${head}registries: [{host: r, password: x}]\n`,
    ['config.yaml:3:34: config-field: "password" is no field of registries[0]'],
  ],
  [
    'two entries for a registry',
    `${head}registries: [{host: r}, {host: r, mirror: "/x"}]\n`,
    [
      'config.yaml:3:32: config-field: registries[1].host there is another',
      'config.yaml:3:43: config-field: registries[1].mirror "" is not HOST',
    ],
  ],
  [
    'several at once',
    `${head}drainSeconds: -1\nfoo: 1\nbar: 2\n`,
    [
      'config.yaml:3:15: config-field: drainSeconds',
      'config.yaml:4:6: config-field: "foo"',
      'config.yaml:5:6: config-field: "bar"',
    ],
  ],
];

test('every fault of a file is told at once, with its line and column', async (t) => {
  for (const [what, content, want] of wrongFiles) {
    const folder = t.testdir({ 'config.yaml': content });
    const loaded = await loadSettings(needed, join(folder, 'config.yaml'));
    const told = loaded.ok
      ? []
      : loaded.error.map(
          ({ file, line, column, code, message }) =>
            `${file.slice(folder.length + 1)}:${line}:${column}: ${code}: ${message}`,
        );
    t.equal(told.length, want.length, `${what}: ${told.join(' | ')}`);
    for (const [i, text] of want.entries()) {
      t.ok(told[i]?.startsWith(text), `${what}: ${told[i]}`);
    }
  }
});

const wrongFlags: readonly [FlagValues, readonly string[]][] = [
  [{}, ['--tls-cert', '--tls-key']],
  [{ ...needed, listen: 'x', metrics: '1' }, ['--listen', '--metrics']],
  [{ ...needed, drainSeconds: 'soon' }, ['--drain-seconds']],
  [{ ...needed, drainSeconds: '601' }, ['--drain-seconds']],
  [{ ...needed, drainSeconds: '-1' }, ['--drain-seconds']],
  [{ ...needed, policies: ['-'] }, ['--policies']],
  [{ ...needed, ledgerRotateSize: 'big' }, ['--ledger-rotate-size']],
  [{ ...needed, ledgerCheckpointEvery: '1x' }, ['--ledger-checkpoint-every']],
  [{ ...needed, ledgerOnFailure: 'no' }, ['--ledger-on-failure']],
  [{ ...needed, clusterObjects: [''] }, ['--cluster-objects']],
  [{ ...needed, kubeconfig: 'k', clusterObjects: ['o'] }, ['--kubeconfig']],
  [{ ...needed, pullSecrets: 'true', clusterObjects: ['o'] }, ['--pull-secrets']],
  [{ ...needed, insecureRegistry: ['r:5000', 'http://r'] }, ['--insecure-registry']],
  [{ tlsCert: '', tlsKey: '' }, ['--tls-cert', '--tls-key']],
];

test('every fault of the flags is told at once, with the flag', async (t) => {
  for (const [flags, want] of wrongFlags) {
    const loaded = await loadSettings(flags);
    t.same(
      loaded.ok ? [] : loaded.error.map(({ code, file }) => [code, file]),
      want.map((flag) => ['flag-invalid', flag]),
    );
  }
  const missing = await loadSettings({}, 'no/such/file.yaml');
  t.match(missing, { ok: false, error: [{ code: 'file-unreadable', file: 'no/such/file.yaml' }] });
  t.equal(
    missing.ok || missing.error.length,
    1,
    'what the file may have said is not called missing',
  );
});

test('files of registries are read, and each that cannot be used is told', async (t) => {
  const { certificate } = await makeAuthority();
  const folder = t.testdir({
    'ca.crt': certificate,
    'no.crt': 'no certificate',
    'docker.json': '{"auths": {"r": {"auth": "YTpi"}}}',
    'program.json': '{"credsStore": "desktop"}',
  });
  const at = (name: string): string => join(folder, name);
  const host = { host: 'r', insecure: false, mirror: null, mirrorOnly: false, tokenHosts: [] };
  const good = {
    registries: [{ ...host, caFile: at('ca.crt') }],
    insecureRegistry: ['s:5000', 'r'],
    registryConfig: at('docker.json'),
  };
  t.match(await readRegistries(good, noProxy, ['10.96.0.1:443']), {
    ok: true,
    value: {
      hosts: [
        { host: 'r', insecure: true, ca: certificate },
        { host: 's:5000', insecure: true, ca: null },
      ],
      credentials: { entries: [{ where: 'r' }] },
      apiServers: ['10.96.0.1:443'],
    },
  });
  const bad = {
    registries: ['no.crt', 'gone.crt'].map((name) => ({ ...host, caFile: at(name) })),
    insecureRegistry: [],
    registryConfig: at('program.json'),
  };
  t.match(await readRegistries(bad, noProxy, []), {
    ok: false,
    error: [
      { code: 'tls-unusable', file: at('no.crt') },
      { code: 'file-unreadable', file: at('gone.crt') },
      { code: 'registry-credentials', file: at('program.json') },
    ],
  });
});

test('proxies and the API server are what the environment says', (t) => {
  const before = { ...process.env };
  t.teardown(() => {
    process.env = before;
  });
  process.env = {};
  t.strictSame(proxiesWanted(), noProxy);
  t.strictSame(apiServersOfPod(), []);
  process.env = {
    HTTPS_PROXY: 'proxy.example:3128',
    https_proxy: 'http://lower.example',
    HTTP_PROXY: 'proxy.example:3128',
    NO_PROXY: '.svc, 10.0.0.0/8 a.example',
    KUBERNETES_SERVICE_HOST: 'fd00::1',
    KUBERNETES_SERVICE_PORT: '6443',
  };
  t.strictSame(proxiesWanted(), {
    https: 'http://lower.example',
    http: 'http://proxy.example:3128',
    except: ['.svc', '10.0.0.0/8', 'a.example'],
  });
  t.strictSame(apiServersOfPod(), ['[fd00::1]:6443']);
  t.end();
});
