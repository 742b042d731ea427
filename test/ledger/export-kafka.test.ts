// Kafka: what can be said without a broker, and, where SEKISHO_KAFKA names one (HOST:PORT, plain text, any broker from
// 3.x on), that a real one has every record in order.
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { Admin } from '@platformatic/kafka';
import { test } from 'tap';
import { kafkaSink } from '../../src/ledger/export/sinks/kafka.ts';
import { batchOf, never, noTls, unlimited } from './export-harness.ts';
import { begin, fakeLedger, patiently, until } from './exporting.ts';
import { consumed } from './kafka-consumer.ts';

const kafka = {
  kind: 'Kafka',
  name: 'k',
  batch: unlimited,
  topic: 't',
  tls: null,
  sasl: null,
} as const;

test('Kafka: a broker that is not there is tried again', async (t) => {
  const sink = kafkaSink({ ...kafka, brokers: ['127.0.0.1:1'] });
  t.match(await sink.send(batchOf(['{}']), never), {
    error: { kind: 'again', cause: 'unreachable' },
  });
  await sink.close();
});

test('Kafka: a broker that says nothing is left when it is time to stop', async (t) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const sink = kafkaSink({ ...kafka, brokers: [`127.0.0.1:${port}`] });
  const stop = new AbortController();
  const sending = sink.send(batchOf(['{}']), stop.signal);
  while (sockets.length === 0) await new Promise(setImmediate);
  stop.abort();
  t.match(await sending, { error: { kind: 'again', message: 'stopped' } });
  await sink.close();
});

test('Kafka: files of secrets and certificates that are not there halt, and are named', async (t) => {
  const folder = t.testdir({ user: 'u' });
  const sasl = {
    mechanism: 'PLAIN',
    usernameFile: join(folder, 'user'),
    passwordFile: join(folder, 'none'),
  } as const;
  for (const settings of [{ sasl }, { tls: { ...noTls, caFile: join(folder, 'none') } }]) {
    const sink = kafkaSink({ ...kafka, ...settings, brokers: ['127.0.0.1:1'] });
    const sent = await sink.send(batchOf(['{}']), never);
    t.match(sent, { error: { kind: 'halt', cause: 'settings', message: /none/ } });
    await sink.close();
  }
});

const broker = process.env['SEKISHO_KAFKA'] ?? '';
const skip = broker === '' && 'no broker: SEKISHO_KAFKA is not set';

test('Kafka: a real broker has every record once, in order, in one partition', {
  skip,
}, async (t) => {
  const topic = `sekisho-${process.pid}-${Date.now()}`;
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [broker] });
  await admin.createTopics({ topics: [topic], partitions: 3, replicas: 1 });
  await admin.close();
  const ledger = fakeLedger(t.testdir());
  const { exporter } = begin(t, ledger, kafkaSink({ ...kafka, topic, brokers: [broker] }), {
    records: 70,
  });
  for (let i = 0; i < 20; i++) {
    ledger.append(100);
    await new Promise(setImmediate);
  }
  await until(() => exporter.state().lagRecords === 0);
  await exporter.stop(patiently);
  const { seqs, partitions, lines } = await consumed(broker, topic, ledger.durable());
  t.same(
    seqs,
    ledger.lines().map((_, i) => i + 1),
  );
  t.same(lines, ledger.lines());
  t.equal(partitions.size, 1);
});
