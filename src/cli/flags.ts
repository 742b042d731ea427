// Flags by type, and faults of flags. What the table of a command declares is what the parser gives.
import type { Diagnostic } from '../base/diagnostic.ts';
import type { Flags } from './command.ts';

export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

export function listFlag(flags: Flags, name: string): readonly string[] {
  const value = flags[name];
  return Array.isArray(value) ? value.map(String) : [];
}

export function switchFlag(flags: Flags, name: string): boolean {
  return flags[name] === true;
}

/** `where`: the flag or argument, such as `--namespace`. */
export function flagFault(where: string, message: string, fix?: string): Diagnostic {
  const mend = fix === undefined ? {} : { fix };
  return { code: 'flag-invalid', message, file: where, line: 0, column: 0, ...mend };
}

/** Standard input can be read once. */
export function stdinFaults(paths: readonly string[]): readonly Diagnostic[] {
  const times = paths.filter((path) => path === '-').length;
  if (times < 2) return [];
  return [flagFault('-', 'standard input is named more than once, but can be read only once')];
}
