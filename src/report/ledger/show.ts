// Records as `ledger show` prints them: a table, each in full, one JSON document, or the lines as they are.
// Threat: a terminal obeys what records may hold, so on one their unprintable characters stand as JSON's \u escapes.
import type { JsonObject } from '../../base/json.ts';
import { printable } from '../../base/text.ts';
import type { LedgerRecord } from '../../ledger/report/records.ts';
import { fullText } from './record.ts';
import { createTable, type TableOptions } from './table.ts';

export type Printer = {
  /** Texts end with a line break. */
  begin(): string;
  record(at: LedgerRecord, record: JsonObject): string;
  end(): string;
};

export type PrinterOptions = TableOptions & { readonly terminal: boolean };

export function createPrinter(
  format: 'table' | 'full' | 'json' | 'jsonl',
  options: PrinterOptions,
): Printer {
  const asIs = ({ bytes }: LedgerRecord): string => {
    const line = bytes.toString('utf8');
    return options.terminal ? printable(line) : line;
  };
  switch (format) {
    case 'table': {
      const table = createTable(options);
      return { begin: table.begin, record: table.row, end: () => '' };
    }
    case 'full':
      return separated((at, record) => fullText({ at, record }, options), '\n');
    case 'json':
      return document(asIs);
    case 'jsonl':
      return { begin: () => '', record: (at) => `${asIs(at)}\n`, end: () => '' };
  }
}

function separated(textOf: Printer['record'], between: string): Printer {
  let some = false;
  return {
    begin: () => '',
    record(at, record) {
      const before = some ? between : '';
      some = true;
      return before + textOf(at, record);
    },
    end: () => '',
  };
}

/** INVARIANT: each record is the text of its line, so nothing is lost to a number that a double cannot hold. */
function document(asIs: (at: LedgerRecord) => string): Printer {
  let some = false;
  return {
    begin: () => '{"records": [',
    record(at) {
      const before = some ? ',\n' : '\n';
      some = true;
      return before + asIs(at);
    },
    end: () => '\n]}\n',
  };
}
