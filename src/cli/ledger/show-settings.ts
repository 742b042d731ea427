// Flags of `sekisho ledger show`, all faults at once.
import { stat } from 'node:fs/promises';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { quote } from '../../base/text.ts';
import { recordKinds } from '../../ledger/format/kinds.ts';
import { type Filter, isIdText, outcomeNames } from '../../ledger/report/filter.ts';
import { whenOf } from '../../ledger/report/when.ts';
import type { Flags } from '../command.ts';
import { flagFault, listFlag, switchFlag, textFlag } from '../flags.ts';

export const showFormats = ['table', 'full', 'json', 'jsonl'] as const;
export type ShowFormat = (typeof showFormats)[number];

export type ShowSettings = {
  readonly paths: readonly string[];
  /** One record in full. */
  readonly id: string | null;
  readonly filter: Filter;
  readonly format: ShowFormat;
  readonly follow: boolean;
  /** The first so many, the last so many; null: all. */
  readonly limit: number | null;
  readonly last: number | null;
};

export async function showSettings(
  args: readonly string[],
  flags: Flags,
  now: string,
): Promise<Result<ShowSettings, readonly Diagnostic[]>> {
  const faults: Diagnostic[] = [...wordFaults(flags)];
  const [paths, id] = await pathsAndId(args);
  if (paths.length === 0) faults.push(flagFault('<dir...>', 'no folder of a ledger is given'));
  const [from, to] = ['from', 'to'].map((name) => timeFlag(flags, name, now, faults));
  const [limit, last] = ['limit', 'last'].map((name) => numberFlag(flags, name, faults));
  const follow = switchFlag(flags, 'follow');
  const ids = listFlag(flags, 'id');
  const strange = ids.find((each) => !isIdText(each));
  if (strange !== undefined)
    faults.push(flagFault('--id', `${quote(strange)} is no id of a record`, idFix));
  for (const [given, name] of [
    [id !== null, 'an ID'],
    [to !== null, '--to'],
    [limit !== null, '--limit'],
  ] as const) {
    if (follow && given)
      faults.push(flagFault('--follow', `it has no end, and ${name} asks for one`));
  }
  if (limit !== null && last !== null) {
    faults.push(flagFault('--limit', '--limit and --last cannot both be given'));
  }
  const format = textFlag(flags, 'output') ?? (id === null ? 'table' : 'full');
  if (follow && format === 'json') {
    faults.push(flagFault('--follow', 'a JSON document has an end', 'use -o jsonl'));
  }
  if (faults.length > 0) return err(faults);
  return ok({
    ...{ paths, id, follow, limit: limit ?? null, last: last ?? null },
    format: showFormats.find((each) => each === format) ?? 'table',
    filter: filterOf(flags, from ?? null, to ?? null),
  });
}

const idFix = 'give the whole id, its last 8 to 12 digits, or the sequence number of the record';

/** The last argument is an ID where it looks like one and no such path is there. */
async function pathsAndId(args: readonly string[]): Promise<[readonly string[], string | null]> {
  const last = args.at(-1);
  if (args.length < 2 || last === undefined || !isIdText(last)) return [args, null];
  const there = await stat(last).catch(() => undefined);
  return there === undefined ? [args.slice(0, -1), last] : [args, null];
}

function filterOf(flags: Flags, from: number | null, to: number | null): Filter {
  return {
    ...{ from, to },
    kinds: listFlag(flags, 'kind'),
    ids: listFlag(flags, 'id'),
    users: listFlag(flags, 'user'),
    namespaces: listFlag(flags, 'namespace'),
    policies: listFlag(flags, 'policy'),
    rules: listFlag(flags, 'rule'),
    outcomes: listFlag(flags, 'outcome'),
    operations: listFlag(flags, 'operation').map((each) => each.toUpperCase()),
    resources: listFlag(flags, 'resource'),
  };
}

/** null: not given, or a fault that was told. */
export function timeFlag(
  flags: Flags,
  name: string,
  now: string,
  faults: Diagnostic[],
): number | null {
  const text = textFlag(flags, name);
  if (text === undefined) return null;
  const when = whenOf(text, now);
  if (when.ok) return when.value;
  faults.push(flagFault(`--${name}`, `${quote(text)} ${when.error}`));
  return null;
}

/** Enough for people; programs read all. */
const most = 1_000_000;

function numberFlag(flags: Flags, name: string, faults: Diagnostic[]): number | null {
  const text = textFlag(flags, name);
  if (text === undefined) return null;
  const number = /^[1-9]\d{0,6}$/.test(text) ? Number(text) : most + 1;
  if (number <= most) return number;
  faults.push(flagFault(`--${name}`, `${quote(text)} is no number from 1 to ${most}`));
  return null;
}

/** Words of a closed list, with what was given of others. */
function wordFaults(flags: Flags): readonly Diagnostic[] {
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['kind', recordKinds],
    ['outcome', outcomeNames],
  ];
  return lists.flatMap(([name, known]) =>
    listFlag(flags, name)
      .filter((word) => !known.includes(word))
      .map((word) =>
        flagFault(`--${name}`, `${quote(word)} is none`, `use one of ${known.join(', ')}`),
      ),
  );
}
