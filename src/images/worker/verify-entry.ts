// The worker: verifies one image at a time, answers in the order of the questions, and ends by being terminated.
import { parentPort } from 'node:worker_threads';
import { messageOf } from '../../base/cause.ts';
import { err, ok } from '../../base/result.ts';
import { openVerify } from '../verify/verify.ts';
import type { VerifyAnswer, VerifyRequest } from './messages.ts';

const verify = openVerify();

function answer(request: VerifyRequest): VerifyAnswer {
  const evidence = [];
  try {
    for (const verification of request) {
      const verified = verify(verification);
      if (!verified.ok) return verified;
      evidence.push(verified.value);
    }
    return ok(evidence);
  } catch (cause) {
    return err({ code: 'internal-error', message: `verification failed: ${messageOf(cause)}` });
  }
}

parentPort?.on('message', (request: VerifyRequest) => parentPort?.postMessage(answer(request)));
