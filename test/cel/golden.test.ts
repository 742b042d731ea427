// Every expression of the corpus, against Kubernetes' own CEL environment: refused or not, type, value, error text.
// The golden file was made by test/differential/cel; with Go at hand and SEKISHO_DIFFERENTIAL=1 it is made anew.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'tap';
import { jsonText } from '../../src/base/json-text.ts';
import { activate } from '../../src/cel/activation.ts';
import { compile } from '../../src/cel/compile.ts';
import { corpus, object } from '../fixtures/cel/corpus.ts';
import { differences } from '../fixtures/cel/differences.ts';
import { plain } from './plain.ts';

const golden = new URL('../fixtures/cel/golden.jsonl', import.meta.url);

type Answer = { refused?: true; type?: string; value?: unknown; error?: string; why?: string };

function ask(): string {
  const folder = new URL('../differential/cel', import.meta.url).pathname;
  const text = `${jsonText(object)}`;
  const input = corpus
    .map((e) => `{"expression":${JSON.stringify(e)},"object":${text}}`)
    .join('\n');
  const run = spawnSync('go', ['run', '.'], {
    cwd: folder,
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout;
}

const request = {
  operation: 'CREATE',
  name: 'web',
  namespace: 'shop',
  dryRun: false,
  kind: { group: '', version: 'v1', kind: 'Pod' },
  userInfo: { username: 'alice', groups: ['system:authenticated'] },
};
const namespaceObject = { metadata: { name: 'shop', labels: { env: 'prod' } } };

function ours(expression: string): Answer {
  const scope = { params: true, authorizer: false };
  const compiled = compile(expression, scope, 'any');
  if (!compiled.ok) return { refused: true };
  const roots = { object, oldObject: null, params: null, request, namespaceObject };
  const outcome = compiled.value.evaluate(activate(roots, [], { total: 10_000_000 }));
  return outcome.kind === 'error' ? { error: outcome.message } : { value: plain(outcome.value) };
}

if (process.env['SEKISHO_GOLDEN'] === 'write') writeFileSync(golden, ask());
const texts = readFileSync(golden, 'utf8');
const answers = texts
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Answer);

function disagreement(expression: string, wanted: Answer): string | undefined {
  const found = ours(expression);
  if (wanted.refused || found.refused) {
    return wanted.refused === found.refused
      ? undefined
      : `ours ${found.refused ? 'refuses' : 'takes'} it: ${wanted.why ?? ''}`;
  }
  if (wanted.error !== undefined || found.error !== undefined) {
    return wanted.error === found.error
      ? undefined
      : `ours: ${found.error ?? JSON.stringify(found.value)}; theirs: ${wanted.error ?? JSON.stringify(wanted.value)}`;
  }
  return JSON.stringify(found.value) === JSON.stringify(wanted.value)
    ? undefined
    : `ours: ${JSON.stringify(found.value)}; theirs: ${JSON.stringify(wanted.value)}`;
}

test('the golden file has a line for each expression, and each is there once', (t) => {
  t.equal(answers.length, corpus.length);
  t.equal(new Set(corpus).size, corpus.length);
  t.ok(corpus.length > 500);
  t.end();
});

test('every expression gives what Kubernetes gives, but for the differences that are listed', (t) => {
  const found = new Map<string, string>();
  for (const [i, expression] of corpus.entries()) {
    const why = disagreement(expression, answers[i] ?? {});
    if (why !== undefined) found.set(expression, why);
  }
  const unlisted = [...found].filter(([expression]) => !Object.hasOwn(differences, expression));
  t.same(unlisted, [], 'no other difference');
  const gone = Object.keys(differences).filter((expression) => !found.has(expression));
  t.same(gone, [], 'a listed difference that is gone must leave the list');
  t.end();
});

const live = process.env['SEKISHO_DIFFERENTIAL'] === '1';
test('Go answers as the golden file says', {
  skip: live ? false : 'set SEKISHO_DIFFERENTIAL=1 (needs Go)',
}, (t) => {
  t.equal(ask(), texts);
  t.end();
});
