// A fault as programs get it.
import type { Diagnostic } from '../base/diagnostic.ts';
import { withoutAssignments } from '../redact/detectors.ts';

/** The excerpt is the whole line, and JSON files often are one line: for many faults that is no small file. */
const maxExcerpt = 1000;

/** Without its excerpt, where that is longer than anybody reads, and without credentials in it. */
export function faultForJson({ excerpt, ...fault }: Diagnostic): Diagnostic {
  if (excerpt === undefined || excerpt.length > maxExcerpt) return fault;
  return { ...fault, excerpt: withoutAssignments(excerpt) };
}
