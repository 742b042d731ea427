// Runs tap and tells what came of it: a line for each file as it ends, each failure with its place, what was
// skipped and why, and last `N passed, N failed` (named tests). The exit code is tap's own.
// Arguments go to tap: `node test/run.ts test/docs.test.ts`.
// It reads TAP itself: of tap's reporters, those for programs lose a test whose name holds a `#`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A line `ok 1 - name # SKIP why`; depth 0 is a file, 1 a test of it, deeper what the test asserts. */
type Point = {
  readonly depth: number;
  readonly ok: boolean;
  readonly name: string;
  /** `SKIP` or `TODO`; otherwise "". */
  readonly mark: string;
  readonly why: string;
};

type State = {
  passed: number;
  failed: number;
  readonly skipped: string[];
  /** Names of the open subtests by depth: the file, the test, and so on. */
  readonly open: string[];
  /** `failed` when the file began. */
  failedBefore: number;
  /** The indent of the details that follow a point, while they last. */
  details: string | undefined;
  /** Whether those are told. */
  telling: boolean;
};

async function main(args: readonly string[]): Promise<number> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const path = [join(root, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter);
  const tap = spawn('tap', ['--reporter=tap', ...args], {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(tap, 'close');
  const state: State = {
    ...{ passed: 0, failed: 0, skipped: [], open: [] },
    ...{ failedBefore: 0, details: undefined, telling: false },
  };
  for await (const line of createInterface({ input: tap.stdout })) readLine(line, state);
  const [code, signal] = await closed;
  for (const skip of state.skipped) say(`skipped: ${skip}`);
  if (typeof code !== 'number') say(`tap was ended by ${signal}`);
  say(`${state.passed} passed, ${state.failed} failed`);
  return typeof code === 'number' ? code : 1;
}

function readLine(line: string, state: State): void {
  if (state.details !== undefined) {
    readDetail(line, state);
    return;
  }
  const [, indent = '', subtest] = /^( *)# Subtest: (.*)$/.exec(line) ?? [];
  const point = pointOf(line);
  if (subtest !== undefined) {
    state.open.splice(indent.length / 4, Number.POSITIVE_INFINITY, subtest);
  } else if (point !== undefined) {
    state.telling = false;
    readPoint(point, state);
  } else if (/^ *---$/.test(line)) {
    state.details = line.slice(0, line.indexOf('-'));
  } else if (!/^ *(TAP version \d+|\d+\.\.\d+.*|#.*|\})?$/.test(line)) {
    say(line);
  }
}

function readDetail(line: string, state: State): void {
  const { details = '' } = state;
  if (line === `${details}...`) state.details = undefined;
  else if (state.telling) say(`  ${line.slice(details.length)}`);
}

function pointOf(line: string): Point | undefined {
  const [, indent, not, rest] = /^( *)(not )?ok \d+(?: - (.*))?$/.exec(line) ?? [];
  if (indent === undefined) return undefined;
  const [name = '', ...marks] = (rest ?? '').split(/ # (?=SKIP|TODO|time=)/);
  const [, mark = '', why = ''] = /^(SKIP|TODO) ?(.*)$/.exec(marks[0] ?? '') ?? [];
  return { depth: indent.length / 4, ok: not === undefined, name, mark, why };
}

function readPoint(point: Point, state: State): void {
  const { depth, ok, name, mark, why } = point;
  const closes = state.open[depth] === name;
  const title = [...state.open.slice(0, depth), name].join(' > ').replaceAll('\\#', '#');
  state.open.length = Math.min(state.open.length, depth);
  if (mark !== '') {
    state.skipped.push(`${title}: ${why || 'no reason given'}`);
    return;
  }
  if (depth === 0) {
    readFile(point, state);
    return;
  }
  if (depth === 1 && ok) state.passed += 1;
  if (depth === 1 && !ok) state.failed += 1;
  // A test that holds what failed has been told by then.
  if (ok || closes) return;
  say(`\nFAILED ${title}`);
  state.telling = true;
}

function readFile({ ok, name }: Point, state: State): void {
  say(`${ok ? 'ok    ' : 'not ok'} ${name}`);
  // A file that could not be loaded, found no test or ran out of time has no test to blame.
  if (!ok && state.failed === state.failedBefore) {
    state.failed += 1;
    state.telling = true;
  }
  state.failedBefore = state.failed;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

process.exitCode = await main(process.argv.slice(2));
