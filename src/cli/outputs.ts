// `-o FORMAT[=FILE]`, any number of them: one report each, written as it is made.

import { type FileHandle, open } from 'node:fs/promises';
import { messageOf } from '../base/cause.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { err, ok, type Result } from '../base/result.ts';
import { quote } from '../base/text.ts';
import type { Closing, Entry } from '../report/entry.ts';
import type { Format, Report, ReportOptions } from '../report/report.ts';
import type { Output } from './command.ts';
import { flagFault } from './flags.ts';

/** `file` null: standard output. */
export type Wanted<E = Entry, C = Closing> = {
  readonly format: Format<E, C>;
  readonly file: string | null;
};

export type Outputs<E = Entry, C = Closing> = {
  decision(entry: E): Promise<void>;
  /** Ends every report and closes every file. */
  end(closing: C): Promise<void>;
};

/** `formats`: those that the command has. */
export function parseOutputs<E, C>(
  values: readonly string[],
  formats: readonly Format<E, C>[],
): Result<readonly Wanted<E, C>[], readonly Diagnostic[]> {
  const faults: Diagnostic[] = [];
  const wanted: Wanted<E, C>[] = [];
  for (const value of values.length > 0 ? values : ['text']) {
    const at = value.indexOf('=');
    const name = at < 0 ? value : value.slice(0, at);
    const file = at < 0 || value.slice(at + 1) === '-' ? null : value.slice(at + 1);
    const format = formats.find((known) => known.name === name);
    if (format === undefined) faults.push(unknownFormat(name, formats));
    else if (file === '') faults.push(flagFault('--output', `${quote(value)} names no file`));
    else wanted.push({ format, file });
  }
  for (const [index, { file }] of wanted.entries()) {
    if (wanted.findIndex((other) => other.file === file) === index) continue;
    const where = file === null ? 'standard output' : quote(file);
    faults.push(flagFault('--output', `two reports cannot both go to ${where}`));
  }
  return faults.length > 0 ? err(faults) : ok(wanted);
}

function unknownFormat(name: string, formats: readonly { readonly name: string }[]): Diagnostic {
  const known = formats.map((format) => format.name).join(', ');
  return flagFault('--output', `${quote(name)} is no output format`, `use one of ${known}`);
}

type Target<E, C> = { readonly report: Report<E, C>; readonly output: Pick<Output, 'write'> };

/** Opens every file before anything is decided. Codes: file-unwritable. */
export async function openOutputs<E, C>(
  wanted: readonly Wanted<E, C>[],
  stdout: Output,
  options: ReportOptions,
): Promise<Result<Outputs<E, C>, readonly Diagnostic[]>> {
  const targets: Target<E, C>[] = [];
  const handles: FileHandle[] = [];
  const faults: Diagnostic[] = [];
  for (const { format, file } of wanted) {
    if (file === null) {
      targets.push({ report: format.create(options), output: stdout });
      continue;
    }
    const opened = await openFile(file);
    if (!opened.ok) {
      faults.push(opened.error);
      continue;
    }
    const handle = opened.value;
    handles.push(handle);
    const output = { write: (text: string) => handle.appendFile(text) };
    targets.push({ report: format.create({ ...options, color: false }), output });
  }
  const close = async (): Promise<void> => {
    for (const handle of handles) await handle.close();
  };
  if (faults.length > 0) {
    await close();
    return err(faults);
  }
  await tell(targets, (report) => report.begin());
  return ok({
    decision: (entry) => tell(targets, (report) => report.decision(entry)),
    async end(closing) {
      await tell(targets, (report) => report.end(closing));
      await close();
    },
  });
}

async function tell<E, C>(
  targets: readonly Target<E, C>[],
  textOf: (report: Report<E, C>) => string,
): Promise<void> {
  for (const { report, output } of targets) {
    const text = textOf(report);
    if (text !== '') await output.write(text);
  }
}

async function openFile(file: string): Promise<Result<FileHandle, Diagnostic>> {
  try {
    return ok(await open(file, 'w'));
  } catch (cause) {
    const message = messageOf(cause);
    return err({ code: 'file-unwritable', message, file, line: 0, column: 0 });
  }
}
