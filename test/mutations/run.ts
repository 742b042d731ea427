// Takes each guard away, one at a time, in a copy of the sources, and runs the tests that must notice: `make mutations`.
// A guard whose tests stay green guards nothing. Arguments: only guards whose text holds one of them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Guard, guards } from './guards.ts';

const root = new URL('../..', import.meta.url).pathname;
const copied = [
  'src',
  'test',
  'policies',
  'certs',
  'charts',
  'docs',
  'package.json',
  'tsconfig.json',
  '.taprc',
  'README.md',
  'bin',
];

/** A tree of its own, so that nothing that is being edited is touched. */
function copyOfSources(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-mutation-'));
  for (const name of copied) {
    cpSync(join(root, name), join(folder, name), {
      recursive: true,
      force: true,
      errorOnExist: false,
    });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** True when a test noticed. */
async function noticed(folder: string, { file, from, to, tests }: Guard): Promise<boolean> {
  const path = join(folder, 'src', file);
  const before = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    before.replace(from, () => to),
  );
  try {
    for (const test of tests) if (await isRed(folder, test)) return true;
    return false;
  } finally {
    writeFileSync(path, before);
  }
}

async function isRed(folder: string, test: string): Promise<boolean> {
  const child = spawn(process.execPath, [join('test/run.ts'), `test/${test}`], {
    cwd: folder,
    stdio: 'ignore',
    env: { ...process.env, SEKISHO_RUNS: '200' },
    // A group of its own: what a test leaves behind ends with it.
    detached: true,
  });
  running.add(child.pid);
  const timer = setTimeout(() => endGroup(child.pid), 120_000);
  const [code] = await once(child, 'exit');
  clearTimeout(timer);
  endGroup(child.pid);
  running.delete(child.pid);
  return code !== 0;
}

/** Who stops this run stops its tests. */
const running = new Set<number | undefined>();
process.once('exit', () => running.forEach(endGroup));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (cause) {
    // ESRCH: all of them have ended.
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ESRCH')) throw cause;
  }
}

async function main(words: readonly string[]): Promise<number> {
  const wanted = guards.filter(
    (each) =>
      words.length === 0 || words.some((word) => `${each.keeps} ${each.file}`.includes(word)),
  );
  const queue = [...wanted];
  const missed: Guard[] = [];
  const work = async (): Promise<void> => {
    const folder = copyOfSources();
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const red = await noticed(folder, next);
        if (!red) missed.push(next);
        console.log(`${red ? 'noticed' : 'MISSED '}  ${next.file}: ${next.keeps}`);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  console.log(`${wanted.length} guards taken away, ${missed.length} not noticed`);
  return missed.length === 0 && wanted.length > 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
