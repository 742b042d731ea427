// Kills writers and keeps what they had answered: one ledger after another, each written by many processes in turn.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { failpoints } from '../../../src/ledger/store/failpoints.ts';
import type { Answer, End, Orders } from './writer.ts';

/** `random`: milliseconds after the first thing that it said. */
export type Kill = { readonly end: End; readonly random: number | null };

const steps = [
  ['rename', 'key.json'],
  ['overwrite', 'key.json'],
  ['extend', 'epochs.jsonl'],
  ['rename', 'key.next.json'],
  ['rename', '.jsonl.zst'],
  ['remove', '.jsonl'],
  ['rename', '/checkpoint'],
  ['create', '.jsonl'],
  ['syncFolder', ''],
] as const;

/** Every named moment in turn, every step of a change of key and of a compression, and as many at any time. */
export function killOf(n: number, random: () => number): Kill {
  const upTo = (most: number): number => 1 + Math.floor(random() * most);
  const [kind, turn] = [n % 3, Math.floor(n / 3)];
  if (kind === 0) return { end: null, random: random() * 400 };
  if (kind === 1) {
    const at = failpoints[turn % failpoints.length] ?? 'before-write';
    return { end: { at, visit: upTo(at === 'mid-rotation' ? 6 : 30) }, random: null };
  }
  const [step, on] = steps[turn % steps.length] ?? ['create', '.jsonl'];
  const when = random() < 0.5 ? 'before' : 'after';
  return { end: { step, on, when, visit: upTo(4) }, random: null };
}

export type Lived = {
  readonly answers: readonly Answer[];
  /** SIGKILL; null: it came to its end, and closed in good order. */
  readonly signal: string | null;
  /** What else it said: nothing, when all is well. */
  readonly said: readonly string[];
};

/** A process that has loaded, and waits for its orders. */
export type Writer = { live(orders: Orders, random: number | null): Promise<Lived>; drop(): void };

export function startWriter(cache: string): Writer {
  const program = join(import.meta.dirname, 'writer.ts');
  const child = spawn(process.execPath, [program], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  });
  const abandon = (): void => void child.kill('SIGKILL');
  process.once('exit', abandon);
  child.once('exit', () => process.off('exit', abandon));
  return { live: (orders, random) => live(child, orders, random), drop: abandon };
}

async function live(child: ChildProcess, orders: Orders, random: number | null): Promise<Lived> {
  const closed = once(child, 'close');
  const said: string[] = [];
  const answers: Answer[] = [];
  child.stderr?.on('data', (bytes: Buffer) => void said.push(String(bytes)));
  child.stdin?.end(`${JSON.stringify(orders)}\n`);
  if (child.stdout === null) throw new Error('no standard output');
  let timer: NodeJS.Timeout | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (random !== null) timer ??= setTimeout(() => child.kill('SIGKILL'), random);
    if (line.startsWith('{')) answers.push(JSON.parse(line) as Answer);
    else if (line !== 'open') said.push(line);
  }
  const [, signal] = await closed;
  clearTimeout(timer);
  return { answers, signal: typeof signal === 'string' ? signal : null, said };
}

/** The same numbers for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), state | 1);
    const value = mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61));
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
