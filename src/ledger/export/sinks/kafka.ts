// A message for each record: key the replica, so that all of one replica stand in order in one partition; headers seq
// and replica, time that of the record. acks=all and idempotent; one request at a time.
// https://kafka.apache.org/documentation/#producerconfigs

import type * as Client from '@platformatic/kafka';
import { messageOf } from '../../../base/cause.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { cut, printable } from '../../../base/text.ts';
import { fault, readSecret, readTls } from '../post.ts';
import type { KafkaSettings } from '../settings.ts';
import type { Batch, Sink, SinkFault } from '../sink.ts';

const sendWithin = 60_000;
const acksAll = -1;

type Sending = { readonly producer: Client.Producer; readonly idempotent: boolean };

/** INVARIANT: after any failure the next batch goes out through a new producer: an idempotent one whose numbers no longer
 * agree with the broker's would be told that its messages are known, and they would be lost. */
export function kafkaSink(settings: KafkaSettings): Sink {
  let sending: Sending | undefined;
  let idempotent = true;
  /** The offset that the last message of each partition got. */
  const offsets = new Map<number, bigint>();

  async function drop(): Promise<void> {
    const { producer } = sending ?? {};
    sending = undefined;
    offsets.clear();
    await producer?.close(true).catch(() => {});
  }

  return {
    async send(batch, signal) {
      if (sending === undefined) {
        const opened = await openProducer(settings, idempotent);
        if (!opened.ok) return opened;
        sending = { producer: opened.value, idempotent };
      }
      const sent = await within(sending.producer.send(requestOf(settings, batch)), signal);
      if (sent.ok && advances(sent.value, offsets)) return ok(undefined);
      if (!sent.ok && sending.idempotent && sent.error.forbidden) idempotent = false;
      await drop();
      if (!sent.ok) return err(sent.error.fault);
      return fault('again', 'internal', 'the broker confirmed an offset that it had given before');
    },
    close: drop,
  };
}

function requestOf({ topic }: KafkaSettings, batch: Batch) {
  const key = Buffer.from(batch.replica);
  const replica = Buffer.from('replica');
  const messages = batch.records.map(({ seq, at, bytes }) => ({
    topic,
    key,
    value: bytes,
    ...(at === null ? {} : { timestamp: BigInt(at) }),
    headers: new Map([
      [Buffer.from('seq'), Buffer.from(String(seq))],
      [replica, key],
    ]),
  }));
  return { messages, acks: acksAll };
}

async function openProducer(
  settings: KafkaSettings,
  idempotent: boolean,
): Promise<Result<Client.Producer, SinkFault>> {
  const tls = settings.tls === null ? ok(undefined) : await readTls(settings.tls);
  if (!tls.ok) return tls;
  const sasl = await saslOf(settings.sasl);
  if (!sasl.ok) return sasl;
  // Loaded by who uses it.
  const { Producer } = await import('@platformatic/kafka');
  const producer = new Producer({
    clientId: 'sekisho',
    bootstrapBrokers: [...settings.brokers],
    idempotent,
    acks: acksAll,
    maxInflights: 1,
    // The exporter's own pauses are longer; with 1 or less an idempotent producer would try for ever.
    retries: idempotent ? 2 : 0,
    retryDelay: 250,
    autocreateTopics: false,
    connectTimeout: 5_000,
    requestTimeout: 20_000,
    timeout: 15_000,
    ...(tls.value === undefined ? {} : { tls: tls.value, tlsServerName: true }),
    ...(sasl.value === undefined ? {} : { sasl: sasl.value }),
  });
  return ok(producer);
}

async function saslOf(
  sasl: KafkaSettings['sasl'],
): Promise<Result<Client.SASLOptions | undefined, SinkFault>> {
  if (sasl === null) return ok(undefined);
  const username = await readSecret(sasl.usernameFile);
  if (!username.ok) return username;
  const password = await readSecret(sasl.passwordFile);
  if (!password.ok) return password;
  return ok({ mechanism: sasl.mechanism, username: username.value, password: password.value });
}

/** Threat: a client or broker that takes new messages for old ones confirms them with the offset of the old ones. */
function advances(result: Client.ProduceResult, offsets: Map<number, bigint>): boolean {
  return (result.offsets ?? []).every(({ partition, offset }) => {
    const last = offsets.get(partition);
    offsets.set(partition, offset);
    return last === undefined || offset > last;
  });
}

type Failed = { readonly fault: SinkFault; readonly forbidden: boolean };

/** The client hears no signal: what it is still doing ends when it is closed. */
async function within<T>(work: Promise<T>, signal: AbortSignal): Promise<Result<T, Failed>> {
  const { promise, resolve } = Promise.withResolvers<'late' | 'stopped'>();
  const timer = setTimeout(() => resolve('late'), sendWithin);
  const stop = (): void => resolve('stopped');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const done = await Promise.race([work.then((value) => ({ value })), promise]);
    if (typeof done === 'object') return ok(done.value);
    const message = done === 'late' ? `no answer in ${sendWithin} ms` : 'stopped';
    return err(failed(fault('again', 'timeout', message)));
  } catch (cause) {
    return err({ ...failed(faultOf(cause)), forbidden: says(cause, notIdempotent) });
  } finally {
    work.catch(() => {});
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

function failed(result: Result<never, SinkFault>): Failed {
  if (result.ok) return result.value;
  return { fault: result.error, forbidden: false };
}

const notIdempotent = ['CLUSTER_AUTHORIZATION_FAILED', 'PLT_KFK_UNSUPPORTED_API'];
const refused = [
  'PLT_KFK_AUTHENTICATION',
  'SASL_AUTHENTICATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_RECORD',
  'POLICY_VIOLATION',
];

function faultOf(cause: unknown): Result<never, SinkFault> {
  const message = cut(printable(deepest(cause)), 300);
  // Without idempotence it may be allowed: at once again.
  if (says(cause, notIdempotent)) return fault('again', 'refused', message);
  if (says(cause, refused)) return fault('halt', 'refused', message);
  // An unknown topic, among others: it may be made any minute.
  if (says(cause, ['PLT_KFK_USER'])) return fault('again', 'settings', message);
  if (says(cause, ['PLT_KFK_TIMEOUT', 'REQUEST_TIMED_OUT'])) {
    return fault('again', 'timeout', message);
  }
  if (says(cause, ['PLT_KFK_NETWORK'])) return fault('again', 'unreachable', message);
  return fault('again', 'busy', message);
}

/** An error and all that it holds, as the client wraps them. */
function* errorsOf(cause: unknown, depth = 0): Generator<Error> {
  if (!(cause instanceof Error) || depth > 8) return;
  yield cause;
  yield* errorsOf(cause.cause, depth + 1);
  if (cause instanceof AggregateError) {
    for (const each of cause.errors) yield* errorsOf(each, depth + 1);
  }
}

function says(cause: unknown, names: readonly string[]): boolean {
  return [...errorsOf(cause)].some(
    (error) =>
      ('code' in error && names.includes(String(error.code))) ||
      ('apiId' in error && names.includes(String(error.apiId))),
  );
}

/** The innermost says most. */
function deepest(cause: unknown): string {
  return messageOf([...errorsOf(cause)].at(-1) ?? cause);
}
