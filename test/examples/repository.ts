// The worked example of a policy repository: its files, a copy to work in, and the commands of its CI files, read out of
// them as a shell would take them.
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { parse } from 'yaml';
import { get, getIn, isArray, type JsonValue } from '../../src/base/json.ts';
import { sekisho } from '../cli/harness.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const example = join(root, 'examples/policy-repository');
export const environments = ['development', 'staging', 'production'];
export const github = '.github/workflows/policies.yml';
export const gitlab = '.gitlab-ci.yml';
export const ciFiles = [github, gitlab];

export const read = (file: string): string => readFileSync(join(example, file), 'utf8');

/** Every file of the example, by its path in it. */
export const files = readdirSync(example, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name).slice(example.length + 1))
  .sort();

/** A copy of the example, which is the working directory until the test ends. */
export function inCopy(t: Test): void {
  const folder = t.testdir({});
  const before = process.cwd();
  cpSync(example, folder, { recursive: true });
  process.chdir(folder);
  t.teardown(() => process.chdir(before));
}

/** Flags that name the policies of an environment. */
export const law = (environment: string): readonly string[] =>
  ['baseline', 'exceptions', `environments/${environment}`].flatMap((path) => ['-p', path]);

export const list = (value: JsonValue | undefined): readonly JsonValue[] =>
  isArray(value) ? value : [];
export const texts = (value: JsonValue | undefined): readonly string[] =>
  list(value).filter((each) => typeof each === 'string');

/** As the systems read it, to whom `on` is a text. */
export function ciOf(file: string): JsonValue {
  const value: JsonValue = parse(read(file));
  return value;
}

type Steps = { readonly matrix: readonly string[]; readonly lines: readonly string[] };

function stepsOf(file: string): Steps {
  const ci = ciOf(file);
  if (file === gitlab) {
    const job = getIn(ci, ['policies']);
    const [matrix] = list(getIn(job, ['parallel', 'matrix']));
    return { matrix: texts(get(matrix, 'ENVIRONMENT')), lines: texts(get(job, 'script')) };
  }
  const job = getIn(ci, ['jobs', 'policies']);
  const runs = texts(list(get(job, 'steps')).map((step) => get(step, 'run') ?? null));
  const matrix = texts(getIn(job, ['strategy', 'matrix', 'environment']));
  return { matrix, lines: runs.flatMap((text) => text.split('\n')) };
}

/** The arguments of each `sekisho` line of a CI file, for each environment. */
export function commandsOf(file: string): readonly (readonly string[])[] {
  const { matrix, lines } = stepsOf(file);
  const commands = lines.map((line) => line.trim()).filter((line) => line.startsWith('sekisho '));
  return matrix.flatMap((environment) =>
    commands.map((line) =>
      line.replaceAll('$ENVIRONMENT', environment).replaceAll('"', '').split(/\s+/).slice(1),
    ),
  );
}

export type Outcome = { readonly code: number; readonly said: string };

/** What the first command says that does not end with 0, in any environment; the same command is run once. */
export async function outcomeOf(file: string): Promise<Outcome> {
  const lines = new Map(commandsOf(file).map((args) => [args.join(' '), args]));
  for (const [line, args] of lines) {
    const { code, stdout, stderr } = await sekisho('', args);
    if (code > 0) return { code, said: `sekisho ${line}\n${stderr}${stdout}` };
  }
  return { code: 0, said: '' };
}
