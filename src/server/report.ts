// How the operator hears of files that were loaded or refused: in the log with every place, and as a count.
import type { Logger } from 'pino';
import { type Diagnostic, formatDiagnostic } from '../base/diagnostic.ts';
import type { Result } from '../base/result.ts';
import type { Metrics } from './metrics.ts';

/** `warnings`: of what was loaded. */
export type Report = (
  what: 'policies' | 'cluster-objects' | 'tls',
  result: Result<unknown, readonly Diagnostic[]>,
  warnings?: readonly Diagnostic[],
) => void;

export function reporter(log: Logger, metrics: Metrics): Report {
  return (what, result, warnings = []) => {
    metrics.reloaded(what, result.ok ? 'loaded' : 'refused');
    for (const warning of warnings) log.warn({ what }, formatDiagnostic(warning));
    if (result.ok) {
      log.info({ what }, `${what} loaded`);
      return;
    }
    for (const fault of result.error) log.error({ what }, formatDiagnostic(fault));
    log.error({ what }, `${what} refused; what was in force stays in force`);
  };
}
