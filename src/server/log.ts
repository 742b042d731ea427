// The operator's log: JSON lines on standard error. Standard output belongs to records and reports.
import pino, { type Logger } from 'pino';

/** Not written synchronously: a reader that stops reading must not stop decisions. What does not fit is dropped. */
export function createLog(level = 'info'): Logger {
  const destination = pino.destination({ fd: 2, sync: false, maxLength: 4 * 1024 * 1024 });
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
