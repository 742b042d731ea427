// Standard output: a reader that stops holds up this exporter alone, one that goes away is told once, and neither keeps
// the process from working, or from ending.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Test, test } from 'tap';
import { batchDefaults } from '../../src/ledger/export/settings.ts';
import { stdoutSink } from '../../src/ledger/export/sinks/stdout.ts';
import { streamOutlet } from '../../src/server/standard-output.ts';
import { batchOf, never } from './export-harness.ts';

const script = fileURLToPath(new URL('export-stdout-child.ts', import.meta.url));

type State = { readonly durable: number; lag: number; held: number; halted: number; told: number };

type Child = {
  readonly stdout: Readable | null;
  /** Adds so many records, and says how the child is then. */
  add(n: number): Promise<State>;
  /** Resolves with the exit code. */
  end(): Promise<number | null>;
};

function child(t: Test, folder: string, stdout: 'pipe' | number = 'pipe'): Child {
  const process = spawn(globalThis.process.execPath, [script, folder], {
    stdio: ['pipe', stdout, 'pipe'],
  });
  t.teardown(() => process.kill('SIGKILL'));
  const [input, errors]: readonly [Writable | null, Readable | null] = [
    process.stdin,
    process.stderr,
  ];
  if (input === null || errors === null) throw new Error('no pipes');
  const lines = createInterface({ input: errors })[Symbol.asyncIterator]();
  const exited = new Promise<number | null>((done) => process.once('exit', done));
  return {
    stdout: process.stdout,
    async add(n) {
      input.write(`${n}\n`);
      return JSON.parse((await lines.next()).value ?? '') as State;
    },
    async end() {
      input.end();
      return exited;
    },
  };
}

const seqsIn = (text: string): readonly number[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { seq: number }).seq);

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

test('Stdout: every record is a line, to a pipe and to a file', async (t) => {
  const folder = t.testdir({});
  const piped = child(t, join(folder, 'a'));
  let text = '';
  piped.stdout?.on('data', (part: Buffer) => {
    text += part.toString();
  });
  await piped.add(50);
  await piped.add(2000);
  t.equal(await piped.end(), 0);
  t.same(seqsIn(text), upTo(2050));
  const file = openSync(join(folder, 'out'), 'w');
  const filed = child(t, join(folder, 'b'), file);
  await filed.add(2050);
  t.equal(await filed.end(), 0);
  closeSync(file);
  t.same(seqsIn(readFileSync(join(folder, 'out'), 'utf8')), upTo(2050));
});

for (const kind of ['socket', 'pipe'] as const) {
  test(`Stdout: a reader that stops holds up one batch, and the process goes on and ends: ${kind}`, async (t) => {
    const folder = t.testdir({});
    const stopped = child(t, join(folder, 'a'), kind === 'pipe' ? unread(t, folder) : 'pipe');
    const states: State[] = [];
    for (let i = 0; i < 20; i++) states.push(await stopped.add(500));
    const last = states.at(-1);
    t.equal(last?.durable, 10_000, 'records go on');
    t.ok((last?.lag ?? 0) > 9000, `${last?.lag} wait on the disk`);
    const most = Math.max(...states.map(({ held }) => held));
    t.ok(most <= batchDefaults.Stdout.bytes + 2048, `${most} bytes in memory`);
    t.equal(last?.told, 0, 'waiting is no fault');
    t.equal(await stopped.end(), 0);
  });
}

/** A pipe that nobody reads, and that stays open. */
function unread(t: Test, folder: string): number {
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  const fd = openSync(join(folder, 'fifo'), 'r+');
  t.teardown(() => closeSync(fd));
  return fd;
}

test('Stdout: a reader that is gone is told once, and the process goes on and ends', async (t) => {
  const left = child(t, join(t.testdir({}), 'a'));
  await left.add(1);
  left.stdout?.destroy();
  let state = await left.add(10);
  while (state.halted === 0) state = await left.add(10);
  for (let i = 0; i < 5; i++) state = await left.add(10);
  t.equal(state.told, 1);
  t.equal(state.halted, 1);
  t.ok(state.lag > 50);
  t.equal(await left.end(), 0);
});

test('Stdout: a write that is stopped and one that fails are faults', async (t) => {
  let written = 0;
  const full = new Writable({
    write(_bytes, _encoding, done) {
      written += 1;
      if (written === 1) done();
    },
  });
  const sink = stdoutSink(streamOutlet(full, () => full.destroy()));
  const stop = new AbortController();
  await sink.send(batchOf(['"fits"']), never);
  const sending = sink.send(batchOf(['"waits"']), stop.signal);
  stop.abort();
  t.match(await sending, { error: { kind: 'again' } });
  await sink.close();
  t.match(await sink.send(batchOf(['"gone"']), never), {
    error: { kind: 'halt', cause: 'closed' },
  });
});

test('Stdout: what comes after a write that failed begins a line of its own', async (t) => {
  const texts: string[] = [];
  const sink = stdoutSink({
    async write(bytes) {
      texts.push(bytes.toString());
      if (texts.length === 1) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    },
    close: async () => {},
  });
  for (let i = 0; i < 3; i++) await sink.send(batchOf(['{}']), never);
  t.same(texts, ['{}\n', '\n{}\n', '{}\n']);
});
