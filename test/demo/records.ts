// The ledger of the demo: proven line by line, and shown as a table.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { get, getIn, isArray, type JsonValue } from '../../src/base/json.ts';
import { verifySegment } from '../../src/ledger/verify.ts';

export type Ledger = {
  readonly path: string;
  readonly records: readonly JsonValue[];
  /** What following the chain showed. */
  readonly proof: string;
};

/** Reads the one segment of a ledger folder; throws when the chain does not hold. */
export function readLedger(folder: string): Ledger {
  const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  const path = join(folder, names[0] ?? '');
  const text = readFileSync(path, 'utf8');
  const proof = verifySegment(text);
  if (proof.kind !== 'ok')
    throw new Error(`${path}: the chain does not hold: ${JSON.stringify(proof)}`);
  const records = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const head = proof.head.hash.slice(0, 12);
  return {
    path,
    records,
    proof: `${proof.records} records, unbroken; the head is sha256:${head}…`,
  };
}

const columns = ['seq', 'time', 'who', 'what', 'verdict', 'rules that it breaks'] as const;

/** Lines of equal columns. */
export function table(records: readonly JsonValue[]): readonly string[] {
  const rows = [[...columns], ...records.map(rowOf)];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function rowOf(record: JsonValue): string[] {
  const attempt = get(record, 'attempt') ?? null;
  const results = getIn(record, ['decision', 'results']);
  const failed = (isArray(results) ? results : []).filter((r) => get(r, 'evaluation') === 'fail');
  const broken = failed.filter((result) => {
    const actions = get(result, 'actions');
    return isArray(actions) && actions.includes('deny');
  });
  const rules = [...new Set(broken.map((result) => text(result, ['rule'])))];
  return [
    text(record, ['seq']),
    text(record, ['at']).slice(11, 19),
    text(attempt, ['userInfo', 'username']),
    `${text(attempt, ['kind', 'kind'])} ${text(attempt, ['namespace'])}/${text(attempt, ['name'])}`,
    getIn(record, ['decision', 'allowed']) === true ? 'allowed' : 'denied',
    rules.length <= 2
      ? rules.join(', ')
      : `${rules.slice(0, 2).join(', ')} and ${rules.length - 2} more`,
  ];
}

function text(value: JsonValue, path: readonly string[]): string {
  return String(getIn(value, path) ?? '');
}
