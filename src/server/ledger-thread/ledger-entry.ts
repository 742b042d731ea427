// The thread of the ledger: opens it, records what it is sent, and tells what became of it. It ends by being terminated,
// after it has closed the ledger.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../base/cause.ts';
import { err } from '../../base/result.ts';
import { openLedger } from '../../ledger/store/ledger.ts';
import type { Ledger } from '../../ledger/store/options.ts';
import { threadDisk } from '../../ledger/store/thread-disk.ts';
import { createDigester } from '../../redact/digest.ts';
import { decisionIds } from '../decision-id.ts';
import type { News, Opening, Order, Ticketed } from './messages.ts';
import { createReceiver } from './sent-decision.ts';
import { createTold, type Told } from './told.ts';

async function keepLedger(port: MessagePort, given: Opening): Promise<void> {
  const { digestKey, oldestNeeded, ...opening } = given;
  const post = (news: News): void => port.postMessage(news);
  let needed = oldestNeeded;
  let ledger: Ledger | undefined;
  const told = createTold(post, () => ledger?.state());
  const opened = await openLedger({
    ...opening,
    disk: threadDisk,
    digest: digestKey === null ? null : createDigester(digestKey),
    newId: decisionIds(),
    now: () => new Date().toISOString(),
    monotonic: () => performance.now(),
    oldestNeeded: () => needed,
    tell: told.event,
  });
  if (!opened.ok) return post({ kind: 'refused', fault: opened.error });
  ledger = opened.value;
  const append = appender(ledger, told);
  const perform = (on: Ledger, order: Order): void => {
    if (order.kind === 'append') for (const each of order.records) append(each);
    else if (order.kind === 'missed') on.missed(order.missing);
    else if (order.kind === 'needed') needed = order.seq;
    else void close(on, order.reason);
  };
  const close = async (on: Ledger, reason: string | undefined): Promise<void> => {
    await on.close(reason);
    told.flush();
    post({ kind: 'closed', state: on.state() });
  };
  post({ kind: 'opened', state: ledger.state() });
  told.flush();
  port.on('message', (order: Order) => perform(opened.value, order));
}

function appender(ledger: Ledger, told: Told): (each: Ticketed) => void {
  const receive = createReceiver();
  return ({ ticket, entry }) => {
    const failed = (cause: unknown): void => {
      const message = `a fault of Sekisho itself while recording: ${messageOf(cause)}`;
      told.outcome({ ticket, result: err({ code: 'record-failed', message }) });
    };
    try {
      const read = entry.kind === 'sent-decision' ? receive(entry) : entry;
      ledger.append(read).then((result) => told.outcome({ ticket, result }), failed);
    } catch (cause) {
      failed(cause);
    }
  };
}

if (parentPort !== null) await keepLedger(parentPort, workerData);
