// Verification off the event loop: one worker, started when there is work, which has one image at a time. A worker that
// dies or does not end costs the image that it had and is replaced. Threat: artefacts that take for ever, or all memory.
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../base/cause.ts';
import { err } from '../../base/result.ts';
import { cut, printable } from '../../base/text.ts';
import { workerEntry } from '../../base/worker-entry.ts';
import type { VerifyAnswer, VerifyRequest } from './messages.ts';

export type ImageVerifier = {
  /** `signal` ends the waiting for a turn; what has begun is ended by its own limit. */
  verify(request: VerifyRequest, signal: AbortSignal): Promise<VerifyAnswer>;
  close(): Promise<void>;
};

export type VerifierSettings = {
  /** Asked when the verification of an image begins: aborted when it has taken too long. */
  readonly limit: () => AbortSignal;
  /** The module that the worker runs. */
  readonly entry?: URL;
};

type Job = {
  readonly request: VerifyRequest;
  readonly resolve: (answer: VerifyAnswer) => void;
};

type Running = { readonly job: Job; readonly worker: Worker };

const verifyEntry = workerEntry('verify-entry', import.meta.url);
const memory = { maxOldGenerationSizeMb: 256 };

export function openVerifier(settings: VerifierSettings): ImageVerifier {
  return new WorkerVerifier(settings);
}

class WorkerVerifier implements ImageVerifier {
  readonly #settings: VerifierSettings;
  readonly #waiting: Job[] = [];
  #worker: Worker | null = null;
  #running: Running | null = null;
  #isClosed = false;

  constructor(settings: VerifierSettings) {
    this.#settings = settings;
  }

  verify(request: VerifyRequest, signal: AbortSignal): Promise<VerifyAnswer> {
    if (this.#isClosed || signal.aborted) return Promise.resolve(stopped('was not begun in time'));
    return new Promise((resolve) => {
      const job: Job = { request, resolve };
      this.#waiting.push(job);
      signal.addEventListener('abort', () => this.#giveUp(job), { once: true });
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const job of this.#waiting.splice(0))
      job.resolve(stopped('was not begun: we are closing'));
    const worker = this.#worker;
    this.#lose('was stopped: we are closing');
    await worker?.terminate();
  }

  #giveUp(job: Job): void {
    const at = this.#waiting.indexOf(job);
    if (at === -1) return;
    this.#waiting.splice(at, 1);
    job.resolve(stopped('was not begun in time'));
  }

  #next(): void {
    if (this.#running !== null) return;
    const job = this.#waiting.shift();
    if (job === undefined) {
      this.#worker?.unref();
      return;
    }
    const worker = this.#worker ?? this.#start();
    const running = { job, worker };
    this.#running = running;
    worker.ref();
    worker.postMessage(job.request);
    const limit = this.#settings.limit();
    limit.addEventListener('abort', () => this.#end(running), { once: true });
  }

  #start(): Worker {
    const worker = new Worker(this.#settings.entry ?? verifyEntry, {
      // It needs nothing of the program around it, and gets nothing.
      env: {},
      execArgv: [],
      resourceLimits: memory,
    });
    worker.on('message', (answer: VerifyAnswer) => this.#finish(worker, answer));
    worker.on('error', (cause) => this.#died(worker, messageOf(cause)));
    worker.on('exit', (code) => this.#died(worker, `exit ${code}`));
    this.#worker = worker;
    return worker;
  }

  #finish(worker: Worker, answer: VerifyAnswer): void {
    if (this.#running?.worker !== worker) return;
    const { job } = this.#running;
    this.#running = null;
    job.resolve(answer);
    this.#next();
  }

  #end(running: Running): void {
    if (this.#running !== running) return;
    this.#lose('took too long');
    void running.worker.terminate();
    this.#next();
  }

  #died(worker: Worker, cause: string): void {
    if (this.#worker !== worker) return;
    this.#lose(`ended the worker that had it (${printable(cut(cause, 200))})`);
    this.#next();
  }

  #lose(why: string): void {
    const running = this.#running;
    [this.#worker, this.#running] = [null, null];
    running?.job.resolve(stopped(why));
  }
}

function stopped(why: string): VerifyAnswer {
  const message = `the verification of the image ${why}; retry`;
  return err({ code: 'image-verification-stopped', message });
}
