// Runs `sekisho cel`. Loaded only when it is asked for.
import { jsonText } from '../../base/json-text.ts';
import { paints } from '../../report/paint.ts';
import type { ExitCode, Io } from '../command.ts';
import { tellFaults } from '../faults.ts';
import { answerTo, exitCodeOf } from './answer.ts';
import { answerJson } from './answer-json.ts';
import { answerText, diagnosticOf } from './answer-text.ts';
import { answerLines } from './lines.ts';
import { rootsOf } from './roots.ts';
import type { CelSettings } from './settings.ts';

export async function runCel(settings: CelSettings, color: boolean, io: Io): Promise<ExitCode> {
  if (settings.kind === 'lines') return answerLines(process.stdin, io);
  const { expression, files, json } = settings;
  const roots = await rootsOf(files, io.now());
  if (!roots.ok) {
    await tellFaults(roots.error, io);
    return 2;
  }
  const answer = answerTo(expression, roots.value);
  if (json) await io.stdout.write(`${jsonText(answerJson(answer, expression), 2)}\n`);
  if (answer.kind === 'faults') {
    await tellFaults(
      answer.faults.map((fault) => diagnosticOf(fault, expression)),
      io,
    );
  } else if (!json) await io.stdout.write(answerText(answer, expression, paints(color)));
  return exitCodeOf(answer);
}
