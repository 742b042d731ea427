// The ledger of the demo: proven by its public key, and its decisions shown as a table.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { get, getIn, isArray, type JsonValue } from '../../src/base/json.ts';
import { parseKeyList } from '../../src/ledger/format/keys.ts';
import { recordOf } from '../../src/ledger/format/kinds.ts';
import { readLedger } from '../../src/ledger/read/read.ts';
import { verifyLedger } from '../../src/ledger/verify/verify.ts';
import { verifyText } from '../../src/report/ledger/verify.ts';

export type Ledger = {
  /** Records of decisions. */
  readonly records: readonly JsonValue[];
  /** What `sekisho ledger verify` says. */
  readonly proof: readonly string[];
};

/** Throws when the ledger is not proven. */
export async function provenLedger(folder: string): Promise<Ledger> {
  const keys = parseKeyList(readFileSync(join(folder, 'keys.json'), 'utf8'));
  if (!keys.ok) throw new Error(keys.error.join('; '));
  const verification = await verifyLedger([folder], keys.value.keys);
  const proof = verifyText(verification, false).trimEnd().split('\n');
  if (verification.findings.length > 0) throw new Error(proof.join('\n'));
  const records: JsonValue[] = [];
  for await (const { bytes } of readLedger(folder)) {
    const record = recordOf(bytes);
    if (get(record, 'kind') === 'decision' && record !== undefined) records.push(record);
  }
  return { records, proof };
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
