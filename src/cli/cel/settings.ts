// What `sekisho cel` was asked for: one expression over files, or questions on standard input.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Flags } from '../command.ts';
import { flagFault, stdinFaults, textFlag } from '../flags.ts';

/** Flag to the root that its file holds. */
export const rootFlags = {
  object: '--object',
  old: '--old',
  params: '--params',
  namespaceObject: '--namespace-object',
} as const;

export type RootFlag = keyof typeof rootFlags;
export type RootFiles = { readonly [flag in RootFlag]?: string };

export type CelSettings =
  | { readonly kind: 'lines' }
  | {
      readonly kind: 'expression';
      readonly expression: string;
      readonly files: RootFiles;
      readonly json: boolean;
    };

export function celSettings(
  args: readonly string[],
  flags: Flags,
): Result<CelSettings, readonly Diagnostic[]> {
  const [expression = '', ...rest] = args;
  if (rest.length > 0) {
    const fix = "put the expression in quotes: 'object.spec.replicas > 1'";
    return err([flagFault('EXPRESSION', 'there must be one expression', fix)]);
  }
  const files = filesOf(flags);
  if (expression === '-') return linesOnly(flags);
  const faults = stdinFaults(Object.values(files));
  if (faults.length > 0) return err(faults);
  return ok({ kind: 'expression', expression, files, json: textFlag(flags, 'output') === 'json' });
}

function filesOf(flags: Flags): RootFiles {
  const named = Object.keys(rootFlags).flatMap((name) => {
    const file = textFlag(flags, name);
    return file === undefined ? [] : [[name, file] as const];
  });
  return Object.fromEntries(named);
}

function linesOnly(flags: Flags): Result<CelSettings, readonly Diagnostic[]> {
  const given = { ...rootFlags, output: '--output' };
  const faults = Object.entries(given)
    .filter(([name]) => textFlag(flags, name) !== undefined)
    .map(([, flag]) =>
      flagFault(flag, 'with - each line says what it is about, and is answered in JSON'),
    );
  return faults.length > 0 ? err(faults) : ok({ kind: 'lines' });
}
