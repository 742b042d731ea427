// One thread of the ledger, from its start to its end. Records go to it several at a time: a message costs more than what
// is in it. Threat: requests that it cannot read end the thread, not the gate.
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../base/cause.ts';
import { workerEntry } from '../../base/worker-entry.ts';
import type { News, Opening, Order, Ticketed } from './messages.ts';

export type Running = {
  append(each: Ticketed): void;
  post(order: Exclude<Order, { kind: 'append' }>): void;
  /** Resolves when it is gone; `ended` is not told then. */
  terminate(): Promise<void>;
};

export type Heard = {
  readonly news: (news: News) => void;
  /** It is gone, and nobody asked it to go. */
  readonly ended: (cause: string) => void;
};

/** The module that the thread runs. */
export const ledgerEntry = workerEntry('ledger-entry', import.meta.url);

const memory = { maxOldGenerationSizeMb: 256 };
/** Records in a message, at most: the thread has something to do while the next ones are decided. */
const most = 4;

export function startThread(entry: URL, opening: Opening, heard: Heard): Running {
  const worker = new Worker(entry, {
    workerData: opening,
    // It needs nothing of the environment or the flags of the program around it.
    env: {},
    execArgv: [],
    resourceLimits: memory,
  });
  let batch: Ticketed[] = [];
  let isOver = false;
  let fault: string | undefined;
  worker.on('message', (news: News) => {
    if (!isOver) heard.news(news);
  });
  worker.on('error', (cause) => {
    fault = messageOf(cause);
  });
  // Only then is nothing of it under way on the disk any more.
  worker.on('exit', (code) => {
    if (isOver) return;
    isOver = true;
    heard.ended(fault ?? `exit ${code}`);
  });

  const flush = (): void => {
    if (batch.length === 0) return;
    const records = batch;
    batch = [];
    send({ kind: 'append', records }, records.flatMap(buffersOf));
  };
  const send = (order: Order, buffers: readonly ArrayBuffer[] = []): void => {
    try {
      if (!isOver) worker.postMessage(order, buffers);
    } catch (cause) {
      // What cannot be sent is a fault of ours. Its senders are told as the thread ends.
      fault = messageOf(cause);
      void worker.terminate();
    }
  };
  return {
    append(each) {
      if (batch.push(each) >= most) flush();
      else if (batch.length === 1) setImmediate(flush);
    },
    post(order) {
      flush();
      send(order);
    },
    async terminate() {
      isOver = true;
      await worker.terminate();
    },
  };
}

/** Handed over, not copied. */
function buffersOf({ entry }: Ticketed): readonly ArrayBuffer[] {
  return entry.kind === 'sent-decision' ? [entry.body.buffer] : [];
}
