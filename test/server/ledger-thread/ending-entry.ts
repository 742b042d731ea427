// The thread of the ledger as it is, but for words that stand for a fault of ours: `end-before` and `end-after` end it
// before or after the records of that message were begun, and at `stand-still` it never answers again.
import { parentPort } from 'node:worker_threads';
import type { Order } from '../../../src/server/ledger-thread/messages.ts';

const wordsOf = (order: Order): readonly (string | null | undefined)[] =>
  order.kind === 'append'
    ? order.records.map(({ entry }) => ('revision' in entry ? entry.revision : undefined))
    : [];

parentPort?.on('message', (order: Order) => {
  const words = wordsOf(order);
  if (words.includes('end-before')) throw new Error('a fault of ours');
  if (words.includes('stand-still')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
await import('../../../src/server/ledger-thread/ledger-entry.ts');
parentPort?.on('message', (order: Order) => {
  if (wordsOf(order).includes('end-after')) setTimeout(() => process.exit(3), 200);
});
