// Faults on standard error: FILE:LINE:COLUMN: code: message, all of them at once.
import { type Diagnostic, formatDiagnostic } from '../base/diagnostic.ts';
import { printable } from '../base/text.ts';
import { withoutAssignments } from '../redact/detectors.ts';
import type { Io } from './command.ts';

export async function tellFaults(faults: readonly Diagnostic[], { stderr }: Io): Promise<void> {
  if (faults.length > 0) await stderr.write(`${faults.map(safeText).join('\n')}\n`);
}

/** What was loaded but hardly meant, such as an exception that has expired. */
export async function tellWarnings(warnings: readonly Diagnostic[], io: Io): Promise<void> {
  const told = warnings.map((each) => ({ ...each, message: `warning: ${each.message}` }));
  await tellFaults(told, io);
}

/** Threat: names and messages come from whoever wrote the file, and the line itself may hold a credential. */
function safeText({ excerpt, ...fault }: Diagnostic): string {
  const shown = excerpt === undefined ? fault : { ...fault, excerpt: withoutAssignments(excerpt) };
  return formatDiagnostic(shown).split('\n').map(printable).join('\n');
}
