// Runs tap and tells what came of it: a line for each file as it ends, each failure with its place, what was
// skipped and why, and last `N passed, N failed` (named tests). The exit code is tap's own.
// Arguments go to tap: `node test/run.ts test/docs.test.ts`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { get, getIn, type JsonValue } from '../src/base/json.ts';

type Tally = { passed: number; failed: number; readonly skipped: string[] };
/** One of tap's events; `open` are the names of the suites that it lies in, outermost (all of tap) first. */
type Event = { readonly type: string; readonly about: JsonValue; readonly open: readonly string[] };

const inFile = 2;

async function main(args: readonly string[]): Promise<number> {
  const tap = spawn('tap', ['--reporter=jsonstream', ...args], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(tap, 'close');
  const tally: Tally = { passed: 0, failed: 0, skipped: [] };
  const open: string[] = [];
  let failedBefore = 0;
  for await (const line of createInterface({ input: tap.stdout })) {
    const event = readEvent(line, open);
    if (event === undefined) process.stdout.write(`${line}\n`);
    else if (event.type === 'start') open.push(text(event.about, 'name'));
    else {
      if (event.type === 'end') open.pop();
      tell(event, tally);
      if (event.type === 'end' && open.length === 1) {
        tellFile(event.about, tally, failedBefore);
        failedBefore = tally.failed;
      }
    }
  }
  const [code, signal] = await closed;
  for (const skip of tally.skipped) process.stdout.write(`skipped: ${skip}\n`);
  process.stdout.write(`${tally.passed} passed, ${tally.failed} failed\n`);
  if (typeof code !== 'number') process.stderr.write(`tap was ended by ${signal}\n`);
  return typeof code === 'number' ? code : 1;
}

/** Undefined for what is no event: what a test file prints of itself. */
function readEvent(line: string, open: readonly string[]): Event | undefined {
  if (!line.startsWith('["')) return undefined;
  try {
    const [type, about] = JSON.parse(line);
    return { type, about, open: [...open] };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Counts the tests of a file, and tells each assertion that failed wherever it lies. */
function tell({ type, about, open }: Event, tally: Tally): void {
  const isTest = open.length === (type === 'end' ? inFile + 1 : inFile);
  if (type === 'skip') tally.skipped.push(`${text(about, 'fullname')}: ${reasonOf(about)}`);
  else if (type === 'fail') tellFailure(about);
  if (!isTest || type === 'skip' || type === 'todo') return;
  if (get(about, 'ok') === true) tally.passed += 1;
  else tally.failed += 1;
}

function tellFailure(about: JsonValue): void {
  const file = getIn(about, ['diag', 'at', 'fileName']);
  const line = getIn(about, ['diag', 'at', 'lineNumber']);
  const detail = getIn(about, ['diag', 'diff']) ?? getIn(about, ['diag', 'source']) ?? '';
  process.stdout.write(`\nFAILED ${text(about, 'fullname')}\n`);
  if (file !== undefined) process.stdout.write(`  at ${file}:${line}\n`);
  process.stdout.write(`${String(detail).replace(/^/gm, '  ').trimEnd()}\n\n`);
}

function tellFile(about: JsonValue, tally: Tally, failedBefore: number): void {
  const fine = get(about, 'ok') === true;
  const seconds = (Number(get(about, 'time') ?? 0) / 1000).toFixed(1);
  process.stdout.write(`${fine ? 'ok    ' : 'not ok'} ${text(about, 'name')} ${seconds} s\n`);
  if (fine || tally.failed > failedBefore) return;
  // A file that could not be loaded, found no test or ran out of time has no test to blame.
  tally.failed += 1;
  for (const cause of ['exitCode', 'signal', 'failReason', 'expired', 'error', 'reason']) {
    const value = getIn(about, ['diag', cause]);
    if (value !== undefined) process.stdout.write(`       ${cause}: ${JSON.stringify(value)}\n`);
  }
}

function reasonOf(about: JsonValue): string {
  const reason = get(about, 'skip');
  return typeof reason === 'string' ? reason : 'no reason given';
}

function text(about: JsonValue, key: string): string {
  return String(get(about, key) ?? '');
}

process.exitCode = await main(process.argv.slice(2));
