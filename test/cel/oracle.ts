// Asks Kubernetes' own CEL environment, through the Go program in test/differential/cel.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { JsonValue } from '../../src/base/json.ts';
import { type Answer, type Case, questionOf } from '../fixtures/cel/case.ts';

const folder = new URL('../differential/cel', import.meta.url).pathname;

/** What Kubernetes says to each case, in the same order. */
export async function theirs(cases: readonly Case[], object: JsonValue): Promise<string> {
  const oracle = spawn('go', ['run', '.'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
  const text = readAll(oracle);
  for (const each of cases) {
    if (!oracle.stdin.write(`${questionOf(each, object)}\n`)) await once(oracle.stdin, 'drain');
  }
  oracle.stdin.end();
  return text;
}

async function readAll({ stdout }: ChildProcess): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stdout ?? []) parts.push(part);
  return Buffer.concat(parts).toString();
}

export function answersIn(text: string): readonly Answer[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
