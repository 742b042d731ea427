// What keeps a ledger from being read as it should be, told at the end: at most twenty lines, and how many more.
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { JsonObject } from '../../base/json.ts';
import { count } from '../../base/text.ts';
import { recordOf } from '../../ledger/format/kinds.ts';
import type { LedgerRecord, Oddity } from '../../ledger/report/records.ts';
import type { ExitCode } from '../command.ts';

export type Oddities = {
  tell(oddity: Oddity): void;
  /** Of a line that only begins as a record does, undefined; it is told. */
  recordOf(at: LedgerRecord): JsonObject | undefined;
  faults(): readonly Diagnostic[];
  code(): ExitCode;
};

const mostTold = 20;

/** Lines that are no records do not keep the others from being shown; they are told at the end. */
export function createOddities(): Oddities {
  const told: Diagnostic[] = [];
  let damaged = 0;
  let unread = false;
  const fault = (file: string, line: number, message: string): void => {
    if (told.length < mostTold) {
      told.push({ code: 'file-unreadable', message, file, line, column: line === 0 ? 0 : 1 });
    }
  };
  const tell = (oddity: Oddity): void => {
    // A crash's tail was never acknowledged: it is no record that could be missed.
    if (oddity.kind === 'torn') return;
    if (oddity.kind === 'unread') {
      unread = true;
      fault(oddity.fault.file, 0, oddity.fault.message);
      return;
    }
    damaged += 1;
    fault(`${oddity.source.path}/${oddity.file}`, oddity.line, 'this line is no record');
  };
  return {
    tell,
    recordOf({ bytes, source, file, line }) {
      const record = recordOf(bytes);
      if (record === undefined) tell({ kind: 'damaged', source, file, line });
      return record;
    },
    faults: () => {
      const more = damaged - told.length;
      if (more <= 0) return told;
      const message = `and ${count(more, 'more line')} that are no records`;
      return [...told, { code: 'file-unreadable', message, file: 'ledger', line: 0, column: 0 }];
    },
    code: () => (unread ? 2 : damaged > 0 ? 1 : 0),
  };
}
