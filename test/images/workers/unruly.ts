// A worker that does what the name of the first authority says: hangs, dies, or answers with nothing.
import { parentPort } from 'node:worker_threads';
import type { VerifyRequest } from '../../../src/images/worker/messages.ts';

parentPort?.on('message', (request: VerifyRequest) => {
  const name = request[0]?.authority.name;
  while (name === 'hang');
  if (name === 'throw') throw new Error('as asked');
  if (name === 'exit') process.exit(1);
  if (name === 'memory') for (const all: unknown[] = []; ; ) all.push(new Array(1e6).fill(all));
  parentPort?.postMessage({ ok: true, value: [] });
});
