// What exporters send to, for real: the tests of the Kafka and S3 sinks, which without a server say that they are skipped,
// and a broker that dies under an exporter and comes back.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Admin } from '@platformatic/kafka';
import { type Test, test } from 'tap';
import { kafkaSink } from '../../src/ledger/export/sinks/kafka.ts';
import { emptyFolder } from '../folder.ts';
import { root } from '../gate.ts';
import { unlimited } from '../ledger/export-harness.ts';
import { begin, fakeLedger, until } from '../ledger/exporting.ts';
import { consumed } from '../ledger/kafka-consumer.ts';
import { startKafka, startS3, whyNoKafka, whyNoS3 } from './sinks.ts';

/** Not below the repository: an S3 server needs a file system with extended attributes, and sockets short names. */
const folderOf = (t: Test): string => emptyFolder(t, 'sinks');

/** Every test of the file, those too that need the server. */
async function passes(t: Test, file: string, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, [join(root, 'test/ledger', file)], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (piece) => (said += String(piece)));
  const [code] = await once(child, 'close');
  t.equal(code, 0, said);
  t.match(said, /ok \d+ - .*a real (broker|server)/);
  t.notMatch(said, /# SKIP/);
}

const noKafka = { skip: whyNoKafka(), timeout: 300_000 };

test('Kafka: the tests of its sink against a real broker', noKafka, async (t) => {
  const broker = await startKafka(folderOf(t));
  t.teardown(() => broker.stop());
  await passes(t, 'export-kafka.test.ts', { SEKISHO_KAFKA: broker.address });
});

test(
  'Kafka: a broker that is killed and comes back has every record, in order',
  noKafka,
  async (t) => {
    const broker = await startKafka(folderOf(t));
    t.teardown(() => broker.stop());
    const [topic, brokers] = ['killed', [broker.address]];
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: brokers });
    await admin.createTopics({ topics: [topic], partitions: 3, replicas: 1 });
    await admin.close();
    const kafka = {
      kind: 'Kafka',
      name: 'k',
      batch: unlimited,
      topic,
      tls: null,
      sasl: null,
    } as const;
    const ledger = fakeLedger(t.testdir());
    const { exporter, news } = begin(t, ledger, kafkaSink({ ...kafka, brokers }), { records: 10 });
    ledger.append(500);
    await until(() => exporter.state().lagRecords < 400);
    await broker.stop('SIGKILL');
    ledger.append(500);
    await until(() => news.some(({ kind }) => kind === 'failed'));
    await sleep(1_000);
    t.ok(exporter.state().lagRecords > 0, 'what cannot be sent stays');
    await broker.again();
    await until(() => exporter.state().lagRecords === 0);
    const { seqs, partitions } = await consumed(broker.address, topic, ledger.durable());
    t.same(
      [...new Set(seqs)],
      ledger.lines().map((_, i) => i + 1),
    );
    t.equal(partitions.size, 1);
  },
);

const noS3 = { skip: whyNoS3(), timeout: 600_000 };

test('S3: the tests of its sink against a real server that keeps object locks', noS3, async (t) => {
  const server = await startS3(folderOf(t));
  t.teardown(() => server.stop());
  await passes(t, 'export-s3.test.ts', { SEKISHO_S3: server.address });
});
