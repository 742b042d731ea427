// Exporters in a Configuration: what becomes of each kind, every fault at its place, and a server that runs with them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { parse } from 'yaml';
import { loadSettings } from '../../src/config/load.ts';
import { batchDefaults } from '../../src/ledger/export/settings.ts';
import { podReview, serve } from '../server/harness.ts';
import { noTls, receiver, unlimited } from './export-harness.ts';
import { until } from './exporting.ts';

const head = `apiVersion: sekisho.dev/v1alpha1
kind: Configuration
tlsCert: c
tlsKey: k
ledger: {folder: records}
exporters:
`;

async function load(t: Test, exporters: string, before = head) {
  const path = join(t.testdir({ 'c.yaml': before + exporters }), 'c.yaml');
  const loaded = await loadSettings({}, path);
  return loaded.ok
    ? loaded.value.exporters
    : loaded.error.map(({ line, message }) => `${line}: ${message}`);
}

const good: readonly (readonly [yaml: string, settings: object])[] = [
  ['- kind: Stdout', { kind: 'Stdout', name: 'stdout', batch: batchDefaults.Stdout }],
  [
    `- kind: HTTP
  name: siem
  url: https://siem.example.com/in
  headersFile: /etc/siem/headers
  tls: {caFile: /etc/siem/ca.crt}
  batch: {records: 10, bytes: 1Mi, wait: 5s}`,
    {
      ...{ kind: 'HTTP', name: 'siem', url: 'https://siem.example.com/in' },
      headersFile: '/etc/siem/headers',
      tls: { ...noTls, caFile: '/etc/siem/ca.crt' },
      batch: { records: 10, bytes: 1_048_576, waitMs: 5000 },
    },
  ],
  [
    `- kind: S3
  bucket: records
  region: eu-central-1
  prefix: /prod/a/
  objectLock: {mode: COMPLIANCE, days: 400}`,
    {
      ...{ kind: 'S3', name: 's3', bucket: 'records', region: 'eu-central-1', prefix: 'prod/a' },
      ...{ endpoint: null, pathStyle: false, caFile: null, credentials: null },
      objectLock: { mode: 'COMPLIANCE', days: 400 },
      batch: batchDefaults.S3,
    },
  ],
  [
    `- kind: Kafka
  brokers: [kafka-0.kafka:9093, "[::1]:9093"]
  topic: sekisho
  tls: {}
  sasl: {mechanism: PLAIN, usernameFile: u, passwordFile: p}`,
    {
      ...{ kind: 'Kafka', name: 'kafka', brokers: ['kafka-0.kafka:9093', '[::1]:9093'] },
      ...{ topic: 'sekisho', tls: noTls, batch: batchDefaults.Kafka },
      sasl: { mechanism: 'PLAIN', usernameFile: 'u', passwordFile: 'p' },
    },
  ],
  [
    `- kind: Slack
  urlFile: /etc/slack/url
  window: 1h`,
    {
      ...{ kind: 'Slack', name: 'slack', urlFile: '/etc/slack/url', caFile: null },
      ...{ windowMs: 3_600_000, everyMs: 30_000, batch: batchDefaults.Slack },
    },
  ],
];

for (const [yaml, settings] of good) {
  test(`an exporter is read: ${yaml.split('\n')[0]}`, async (t) => {
    t.strictSame(await load(t, yaml), [settings]);
  });
}

const bad: readonly (readonly [yaml: string, faults: readonly (string | RegExp)[]])[] = [
  ['- kind: Fax', ['7: exporters[0] must be one of "Stdout", "S3", "Kafka", "HTTP", "Slack"']],
  ['- name: a', [/^7: exporters\[0\] must be one of/]],
  ['- kind: Stdout\n  topic: t', ['8: "topic" is no field of exporters[0]']],
  ['- kind: Kafka\n  topic: t', ['7: "brokers" is missing']],
  [
    '- kind: Kafka\n  topic: "a b"\n  brokers: [a:1]',
    [/^8: exporters\[0\].topic must match pattern/],
  ],
  [
    '- kind: Kafka\n  topic: t\n  brokers: [a, ":9092", "b:0"]',
    [/^9: .*"a" is not/, /":9092"/, /"b:0"/],
  ],
  [
    '- kind: Kafka\n  topic: t\n  brokers: [a:1]\n  sasl: {mechanism: PLAIN, usernameFile: u, passwordFile: p}',
    [/^10: .*add tls/],
  ],
  [
    '- kind: Kafka\n  topic: t\n  brokers: [a:1]\n  sasl: {mechanism: SCRAM-SHA-512, password: hunter2}',
    [/^10: "usernameFile" is missing/, /"passwordFile" is missing/, /"password" is no field/],
  ],
  ['- kind: HTTP\n  url: ftp://a', [/^8: exporters\[0\].url must be a URL/]],
  ['- kind: HTTP\n  url: https://user:hunter2@a/', [/^8: .*belong in a file/]],
  ['- kind: HTTP\n  url: http://a.example/\n  headersFile: h', [/^8: .*must begin with https/]],
  ['- kind: HTTP\n  url: https://a\n  tls: {certFile: c}', [/^9: .*certFile and keyFile/]],
  ['- kind: HTTP\n  url: https://a\n  batch: {bytes: 1Gi, wait: 3}', [/wait must be string/]],
  [
    '- kind: HTTP\n  url: https://a\n  batch: {bytes: 1Gi, wait: 30d}',
    [/^9: .*"1Gi"/, /^9: .*"30d"/],
  ],
  ['- kind: S3\n  bucket: b_c\n  region: r', [/^8: exporters\[0\].bucket must match pattern/]],
  [
    '- kind: S3\n  bucket: abc\n  region: r\n  objectLock: {mode: FOREVER, days: 0}',
    [/mode must be one of "COMPLIANCE", "GOVERNANCE"/, /days must be >= 1/],
  ],
  ['- kind: Slack\n  url: https://hooks', [/^7: "urlFile" is missing/, /^8: "url" is no field/]],
  [
    '- kind: Stdout\n- kind: Stdout',
    [/^8: exporters\[1\].name there is another exporter "stdout"/],
  ],
  ['- kind: Stdout\n  name: ../../etc', [/^8: exporters\[0\].name must match pattern/]],
];

for (const [yaml, faults] of bad) {
  test(`an exporter is refused: ${yaml.replaceAll(/\s+/g, ' ')}`, async (t) => {
    const told = await load(t, yaml);
    t.match(told, [...faults]);
    t.equal(told.length, faults.length);
    t.notMatch(JSON.stringify(told), 'hunter2');
  });
}

test('exporters without a ledger have nothing to send', async (t) => {
  const told = await load(t, '- kind: Stdout', head.replace(/ledger:.*\n/, ''));
  t.match(told, [/ledger.folder, or --ledger, is missing/]);
});

const page = readFileSync(new URL('../../docs/exporters.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/^```yaml\n(exporters:\n[\s\S]*?)^```$/gm)].map(
  ([, text = '']) => text,
);

test('docs/exporters.md shows each kind in five lines or fewer, and each is read', async (t) => {
  const kinds: string[] = [];
  for (const text of blocks) {
    const { exporters } = parse(text) as { exporters: { kind: string }[] };
    const loaded = await load(t, text.replace('exporters:\n', ''));
    t.match(
      loaded,
      exporters.map(({ kind }) => ({ kind })),
      text,
    );
    const [only, another] = exporters.map(({ kind }) => kind);
    if (only === undefined || another !== undefined || kinds.includes(only)) continue;
    t.ok(text.trimEnd().split('\n').length <= 6, text);
    kinds.push(only);
  }
  t.same(kinds, ['Stdout', 'S3', 'Kafka', 'HTTP', 'Slack']);
});

test('a server whose sinks are dead answers all the same, keeps everything, and sends it when they are back', async (t) => {
  const sink = await receiver(t);
  sink.answer(() => ({ status: 503 }));
  const http = { kind: 'HTTP', headersFile: null, tls: noTls, batch: unlimited } as const;
  const server = await serve(t, {
    settings: (folder) => ({
      ledger: join(folder, 'ledger'),
      exporters: [
        { ...http, name: 'down', url: sink.url },
        { ...http, name: 'nowhere', url: 'http://127.0.0.1:1/' },
      ],
    }),
  });
  for (let i = 0; i < 20; i++) {
    const { json } = await server.call({ body: podReview({ hostNetwork: i % 2 === 0 }) });
    t.equal(json.response?.allowed, i % 2 === 1);
  }
  const folder = join(server.folder, 'ledger');
  const recorded = (): readonly string[] =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl') && /^\d{20}/.test(name))
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'));
  await until(() => sink.got.length > 0);
  const before = (await server.plain('/metrics')).text;
  const lag = Number(
    /sekisho_export_lag_records\{sink="down",kind="HTTP"\} (\d+)/.exec(before)?.[1],
  );
  t.ok(lag >= 20, `${lag} records wait`);
  t.match(before, /sekisho_export_failures_total\{sink="down",kind="HTTP",cause="busy"\} [1-9]/);
  t.match(
    before,
    /sekisho_export_failures_total\{sink="nowhere",kind="HTTP",cause="unreachable"\} /,
  );
  t.match((await server.plain('/readyz')).status, 200, 'dead sinks do not make it unready');
  t.equal(server.logged.filter((line) => line.includes('"exporter":"down"')).length, 1);
  sink.answer(() => ({ status: 200 }));
  const sentSeqs = (): readonly number[] =>
    sink.got
      .slice(refused)
      .flatMap(({ body }) => body.toString().trimEnd().split('\n'))
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
  const refused = sink.got.length;
  await until(() => sentSeqs().length >= lag);
  await server.stop();
  const kinds = recorded().map((line) => (JSON.parse(line) as { kind: string }).kind);
  t.ok(kinds.includes('stop'));
  t.same(
    [...new Set(sentSeqs())],
    kinds.map((_, i) => i + 1),
    'in order, the stop record too',
  );
});
