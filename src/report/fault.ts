// A fault as programs get it.
import type { Diagnostic } from '../base/diagnostic.ts';

/** The excerpt is the whole line, and JSON files often are one line: for many faults that is no small file. */
const maxExcerpt = 1000;

/** Without its excerpt, where that is longer than anybody reads. */
export function faultForJson(fault: Diagnostic): Diagnostic {
  if (fault.excerpt === undefined || fault.excerpt.length <= maxExcerpt) return fault;
  const { excerpt: _, ...rest } = fault;
  return rest;
}
