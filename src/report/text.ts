// For people: each refusal in the very words that kubectl would show, under the places to look at; warnings; one line
// that sums up. Golden files pin it.
import { count, cut, printable } from '../base/text.ts';
import type { RuleResult, SourcePosition } from '../model/decision.ts';
import { refusal } from '../review/refusal.ts';
import { toldOf } from '../review/told.ts';
import type { CheckedDecision, Closing, Entry } from './entry.ts';
import { type Paint, paints } from './paint.ts';
import type { Format, ReportOptions } from './report.ts';

/** A terminal's height, as in the refusal itself. */
const maxPlaces = 20;
const maxLine = 1000;

export const text: Format = {
  name: 'text',
  summary: 'refusals, warnings and a summary, for people',
  create(options) {
    const paint = paints(options.color);
    const noted = new Set<string>();
    let auditOnly = false;
    return {
      begin: () => '',
      decision(entry) {
        auditOnly ||= entry.checked.mode === 'AuditOnly';
        const lines = linesOf(entry, options, paint, noted);
        return lines.map((line) => `${line}\n`).join('');
      },
      end: (closing) =>
        options.quiet || !closing.ran
          ? ''
          : `${sumUp(closing, paint)}${auditOnly ? auditOnlyNote : ''}\n`,
    };
  },
};

const auditOnlyNote = '; mode AuditOnly: nothing is refused';

function linesOf(
  entry: Entry,
  { quiet }: ReportOptions,
  paint: Paint,
  noted: Set<string>,
): readonly string[] {
  const { checked, place } = entry;
  const told = (kind: string, message: string): string => remark(place, kind, message, paint);
  const of = (evaluation: RuleResult['evaluation']): readonly RuleResult[] =>
    checked.results.filter((r) => r.evaluation === evaluation && !r.actions.includes('deny'));
  const unknown = of('unknown').map((r) => told('unknown', `${r.rule}: ${r.message}`));
  const refused = checked.allowed ? [] : refusedLines(entry, paint);
  if (quiet) return [...refused, ...unknown];
  const notes = (checked.source.notes ?? []).filter((note) => !noted.has(note));
  for (const note of notes) noted.add(note);
  return [
    ...refused,
    ...unknown,
    ...of('error').map((r) => told('not evaluated', `${r.rule}: ${r.message}`)),
    ...wouldBeRefused(entry).map(({ at, rule }) => remark(at, 'would be refused', rule, paint)),
    ...new Set(excusedBy(checked).map((text) => told('excused', text))),
    ...checked.warnings.map((warning) => told('warning', warning)),
    ...notes.map((note) => told('note', note)),
  ];
}

type PlacedRule = { readonly at: SourcePosition; readonly rule: string };

/** Under AuditOnly: every rule once, at the first place that it was found. */
function wouldBeRefused({ checked, place }: Entry): readonly PlacedRule[] {
  return (checked.wouldDeny ?? []).map((rule) => {
    const findings = checked.results.filter((r) => r.rule === rule).flatMap((r) => r.findings);
    return { at: findings.find(({ position }) => position)?.position ?? place, rule };
  });
}

function excusedBy({ results }: CheckedDecision): readonly string[] {
  return results
    .filter((result) => result.exception !== null)
    .map(({ rule, exception }) => `${rule} is broken, and permitted by exception ${exception}`);
}

function refusedLines({ checked, place }: Entry, paint: Paint): readonly string[] {
  const places = [...new Set(placesOf(checked, place))];
  const more = places.length - maxPlaces;
  const [first = '', ...rest] = refusal(checked).split('\n');
  return [
    ...places.slice(0, maxPlaces),
    ...(more > 0 ? [`+${more} more places`] : []),
    paint.bad(first),
    ...rest,
    '',
  ];
}

/** `FILE:LINE:COLUMN: RULE`, in the order of the refusal. */
function placesOf({ results }: CheckedDecision, place: SourcePosition): readonly string[] {
  return results
    .filter((result) => result.actions.includes('deny'))
    .flatMap((result) => {
      const places = toldOf(result).map(({ finding }) => finding.position ?? place);
      const { rule } = result;
      return (places.length > 0 ? places : [place]).map((at) => line(`${shown(at)}: ${rule}`));
    });
}

function remark(place: SourcePosition, kind: string, message: string, paint: Paint): string {
  return `${line(shown(place))}: ${paint.mild(kind)}: ${line(message)}`;
}

function shown({ file, line, column }: SourcePosition): string {
  return `${file}:${line}:${column}`;
}

/** Threat: file names and messages come from whoever wrote the manifest. */
function line(text: string): string {
  return cut(printable(text), maxLine);
}

/** `5 manifests: 3 allowed, 2 denied, 1 warning; 12 rules ran`. */
function sumUp({ summary, faults, rulesRun, notVerified }: Closing, paint: Paint): string {
  const { attempts, allowed, denied, warned, errors, unknown } = summary;
  const parts = [
    `${allowed} allowed`,
    ...(denied > 0 ? [paint.bad(`${denied} denied`)] : []),
    ...(warned > 0 ? [`${warned} with warnings`] : []),
    ...(errors > 0 ? [count(errors, 'error')] : []),
    ...(unknown > 0 ? [paint.bad(`${unknown} unknown`)] : []),
  ];
  const ran = `${count(rulesRun, 'rule')} ran`;
  const unread = faults.length > 0 ? `; ${paint.bad(count(faults.length, 'fault'))}` : '';
  const images =
    notVerified > 0 ? `; ${count(notVerified, 'image')} not verified (--verify-images)` : '';
  return `${count(attempts, 'manifest')}: ${parts.join(', ')}; ${ran}${images}${unread}`;
}
