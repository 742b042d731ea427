// How long one expression takes, warm, beside what else evaluates CEL: `node bench/cel.ts` prints a Markdown table, `--write`
// puts it into docs/bench.md. Every answer is checked before it is timed. cel-go is measured where Go is present, by
// test/differential/cel: cost tracking and limit on, as the API server runs it.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../test/gate.ts';
import { type Engine, engines } from './cel-engines.ts';
import { type Measured, measured, pod } from './cel-expressions.ts';
import { machine, writeSection } from './page.ts';

/** Nanoseconds of CPU time; undefined where the engine gives another answer, or none. */
type Time = number | undefined;
type Column = { readonly name: string; readonly times: readonly Time[] };

const samples = 11;
const sampleMicros = 20_000;
/** The sample that is told: one of the fastest, for what disturbs only adds. */
const low = 2;

function main(): void {
  const { values } = parseArgs({ options: { write: { type: 'boolean' } } });
  const columns = [...engines.map(column), ...celGo()];
  const page = `${intro}\n\n${machine}\n\n${table(columns)}\n\n${summary(columns)}`;
  process.stdout.write(`${page}\n`);
  if (values.write) writeSection('Expressions', page);
}

function column(engine: Engine): Column {
  process.stderr.write(`${engine.name} …\n`);
  const runs = measured.map((each) => prepared(engine, each));
  // All at first, so that none runs in a process that has seen only itself.
  for (const run of runs) if (run !== undefined) timed(run, 2_000);
  return { name: engine.name, times: runs.map((run) => (run === undefined ? run : time(run))) };
}

function prepared(engine: Engine, each: Measured): (() => unknown) | undefined {
  try {
    const run = engine.prepare(each);
    return run() === each.wanted ? run : undefined;
  } catch {
    return undefined;
  }
}

function time(run: () => unknown): number {
  let rounds = 1;
  while (timed(run, rounds) < sampleMicros) rounds *= 2;
  const taken = Array.from({ length: samples }, () => (timed(run, rounds) * 1_000) / rounds);
  return taken.sort((a, b) => a - b)[low] ?? Number.NaN;
}

/** Kept, so that no run can be left out as useless. */
let last: unknown;

/** Microseconds of CPU time, the garbage collector's included. */
function timed(run: () => unknown, rounds: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < rounds; i++) last = run();
  const { user, system } = process.cpuUsage(before);
  return last === before ? 0 : user + system;
}

function celGo(): readonly Column[] {
  const roots = { object: pod };
  const questions = measured.map(({ expression }) => ({ expression, roots, measure: true }));
  const input = questions.map((each) => `${JSON.stringify(each)}\n`).join('');
  process.stderr.write('cel-go …\n');
  let output: string;
  try {
    const cwd = join(root, 'test/differential/cel');
    output = execFileSync('go', ['run', '.'], { cwd, input, encoding: 'utf8' });
  } catch (cause) {
    process.stderr.write(`cel-go is left out: ${String(cause)}\n`);
    return [];
  }
  type Answer = { readonly value?: unknown; readonly nanoseconds?: number };
  const answers = output
    .trim()
    .split('\n')
    .map((line): Answer => JSON.parse(line));
  const times = measured.map(({ wanted }, i): Time => {
    const { value, nanoseconds } = answers[i] ?? {};
    return value === wanted ? nanoseconds : undefined;
  });
  return [{ name: 'cel-go as in Kubernetes', times }];
}

const intro = `\`node bench/cel.ts\`, also a part of \`make bench\`: ${measured.length} expressions as policies have them, on a pod with three containers,
each compiled once and warm. Nanoseconds of CPU time of one evaluation, the third fastest of ${samples} samples; each answer is
checked first, and \`fails\` stands for an engine that cannot give it. cel-go runs as the API server runs it: with the
tracking of costs and their limit, which ours counts too.`;

function table(columns: readonly Column[]): string {
  const rows = measured.map(({ expression }, i) => {
    const cells = columns.map(({ times }) => shown(times[i]));
    return `| \`${expression.replaceAll('|', '\\|')}\` | ${cells.join(' | ')} |`;
  });
  const medians = columns.map(({ times }) => `**${shown(median(times))}**`);
  return [
    `| expression | ${columns.map(({ name }) => name).join(' | ')} |`,
    `| --- |${' ---: |'.repeat(columns.length)}`,
    ...rows,
    `| **median** | ${medians.join(' | ')} |`,
  ].join('\n');
}

function summary(columns: readonly Column[]): string {
  const [, ours, ...others] = columns;
  if (ours === undefined) throw new Error('nothing was measured');
  const rows = others.map(({ name, times }) => {
    const ratios = times.map((other, i) => (other ?? Number.NaN) / (ours.times[i] ?? Number.NaN));
    const known = ratios.filter((ratio) => !Number.isNaN(ratio));
    const least = known.length === 0 ? Number.NaN : Math.min(...known);
    const least2 = least.toFixed(1);
    return `| ${name} | ${median(ratios)?.toFixed(1)} | ${least2} | ${known.length} of ${measured.length} |`;
  });
  return [
    'How many times longer than Sekisho:',
    '',
    '| engine | median | least | answers |',
    '| --- | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
}

function median(times: readonly Time[]): Time {
  const known = times.filter((each) => each !== undefined && !Number.isNaN(each));
  return known.toSorted((a = 0, b = 0) => a - b)[Math.floor(known.length / 2)];
}

function shown(time: Time): string {
  return time === undefined ? 'fails' : time.toFixed(0);
}

main();
