// Runs `sekisho ledger show`: reads, filters and prints, one batch of text at a time, in bounded memory.
import type { JsonObject } from '../../base/json.ts';
import { quote } from '../../base/text.ts';
import { recordOf } from '../../ledger/format/kinds.ts';
import { matches, mayMatch } from '../../ledger/report/filter.ts';
import { findRecords } from '../../ledger/report/find.ts';
import { lastOf } from '../../ledger/report/last.ts';
import {
  type LedgerRecord,
  mergedRecords,
  openSources,
  type Source,
} from '../../ledger/report/records.ts';
import { fullText } from '../../report/ledger/record.ts';
import { createPrinter, type Printer } from '../../report/ledger/show.ts';
import type { ExitCode, Io } from '../command.ts';
import { tellFaults } from '../faults.ts';
import { flagFault } from '../flags.ts';
import { createBatches } from './batches.ts';
import { followRecords } from './follow.ts';
import { createOddities, type Oddities } from './oddities.ts';
import type { ShowSettings } from './show-settings.ts';

export async function runShow(settings: ShowSettings, color: boolean, io: Io): Promise<ExitCode> {
  const { sources, faults } = await openSources(settings.paths);
  if (faults.length > 0) {
    await tellFaults(faults, io);
    return 2;
  }
  const odd = createOddities();
  const show = { settings, color, io, sources, odd };
  const code = settings.id === null ? await list(show) : await one(show, settings.id);
  await tellFaults(odd.faults(), io);
  return odd.code() === 0 ? code : odd.code();
}

type Show = {
  readonly settings: ShowSettings;
  readonly color: boolean;
  readonly io: Io;
  readonly sources: readonly Source[];
  readonly odd: Oddities;
};

function printerOf({ settings, color, io: { stdout }, sources }: Show): Printer {
  return createPrinter(settings.format, {
    color,
    terminal: stdout.isTerminal,
    width: stdout.columns?.() ?? 80,
    replicas: sources.map(({ replica, path }) => (replica === '' ? path : replica)),
  });
}

async function one(show: Show, id: string): Promise<ExitCode> {
  const { settings, color, io, sources, odd } = show;
  const found = await findRecords(sources, id, { tell: odd.tell });
  if (found.length === 0) {
    await tellFaults([flagFault('ID', `no record is called ${quote(id)}`)], io);
    return 1;
  }
  if (settings.format === 'full') {
    await io.stdout.write(found.map((each) => fullText(each, { color })).join('\n'));
    return 0;
  }
  const printer = printerOf(show);
  const texts = found.map(({ at, record }) => printer.record(at, record));
  await io.stdout.write(printer.begin() + texts.join('') + printer.end());
  return 0;
}

/** On the way to a file or a program nothing is left out. */
const unasked: readonly string[] = ['segment', 'checkpoint'];

async function list(show: Show): Promise<ExitCode> {
  const { settings, io, sources, odd } = show;
  const { filter, format, limit, last, follow } = settings;
  const quiet = format === 'table' || format === 'full';
  const named = filter.kinds.length > 0 || filter.ids.length > 0;
  const isAsked = (at: LedgerRecord): boolean =>
    (named || !quiet || !unasked.includes(at.kind)) && mayMatch(filter, at);
  const wantedBy = (read: (at: LedgerRecord) => JsonObject | undefined) => (at: LedgerRecord) => {
    const record = isAsked(at) ? read(at) : undefined;
    return record !== undefined && matches(filter, at.kind, record) ? record : undefined;
  };
  const wanted = wantedBy(({ bytes }) => recordOf(bytes));
  const printer = printerOf(show);
  const out = createBatches(io.stdout);
  await out.write(printer.begin());
  if (follow) {
    await followRecords({ sources, settings, wanted, io, out, print: printer.record });
  } else {
    const options =
      last === null
        ? { tell: odd.tell }
        : { tell: odd.tell, from: await lastOf(sources, wanted, last) };
    // Not while the last ones are looked for: what is told then would be told twice.
    const shown = wantedBy(odd.recordOf);
    let left = limit ?? Number.POSITIVE_INFINITY;
    for await (const at of mergedRecords(sources, options)) {
      const record = shown(at);
      if (record === undefined) continue;
      await out.write(printer.record(at, record));
      left -= 1;
      if (left === 0) break;
    }
  }
  await out.write(printer.end());
  await out.flush();
  return 0;
}
