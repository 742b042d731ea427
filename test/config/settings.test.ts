// Settings: one table for flags and file, flags first, every fault with its place.
import { join } from 'node:path';
import { test } from 'tap';
import { type FlagValues, loadSettings } from '../../src/config/load.ts';
import { configurationSchema } from '../../src/config/schema.ts';
import {
  type Address,
  flagOf,
  formatAddress,
  parseAddress,
  settingTable,
} from '../../src/config/settings.ts';

const head = 'apiVersion: sekisho.dev/v1alpha1\nkind: Configuration\n';
const needed: FlagValues = { tlsCert: 'c', tlsKey: 'k' };

test('every flag of serve has its field in the Configuration, and the reverse', async (t) => {
  const loaded = await loadSettings(needed);
  if (!loaded.ok) throw new Error('not loaded');
  const fields = settingTable.map(({ field }) => field).sort();
  t.same(Object.keys(loaded.value).sort(), fields);
  const { apiVersion, kind, ...properties } = configurationSchema.properties;
  t.same(Object.keys(properties).sort(), fields);
  for (const setting of settingTable) {
    const kebab = setting.field.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
    t.equal(flagOf(setting), `--${kebab}`);
  }
});

test('what is not set has its default', async (t) => {
  t.same(await loadSettings(needed), {
    ok: true,
    value: {
      policies: ['policies'],
      listen: { host: '::', port: 8443 },
      tlsCert: 'c',
      tlsKey: 'k',
      clientCa: null,
      ledger: null,
      metrics: { host: '::', port: 8080 },
      clusterObjects: [],
      drainSeconds: 15,
    },
  });
});

test('a flag wins over the file, and the file over the default', async (t) => {
  const file = `${head}policies: [a, b]\nlisten: 127.0.0.1:1\ntlsCert: file.crt\ntlsKey: file.key
clientCa: ca.crt\nledger: records\nmetrics: localhost:2\nclusterObjects: [objects]\ndrainSeconds: 5\n`;
  const config = join(t.testdir({ 'config.yaml': file }), 'config.yaml');
  const fromFile = {
    policies: ['a', 'b'],
    listen: { host: '127.0.0.1', port: 1 },
    tlsCert: 'file.crt',
    tlsKey: 'file.key',
    clientCa: 'ca.crt',
    ledger: 'records',
    metrics: { host: 'localhost', port: 2 },
    clusterObjects: ['objects'],
    drainSeconds: 5,
  };
  t.same(await loadSettings({}, config), { ok: true, value: fromFile });
  const flags: FlagValues = {
    policies: ['x'],
    listen: ':3',
    tlsCert: 'flag.crt',
    ledger: 'elsewhere',
    drainSeconds: '0',
  };
  const value = { ...fromFile, ...flags, listen: { host: '::', port: 3 }, drainSeconds: 0 };
  t.same(await loadSettings(flags, config), { ok: true, value });
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
    ['config.yaml:3:15: config-field: policies.1 must NOT'],
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
  [{ ...needed, clusterObjects: [''] }, ['--cluster-objects']],
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
