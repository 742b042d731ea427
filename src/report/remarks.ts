// What a decision has to say to whoever mends the manifest, one remark for each place: for the formats that mark lines.
// INVARIANT: what is denied has a remark that says so, whatever its results hold.
import { cut, printable } from '../base/text.ts';
import type { Finding, RuleResult, SourcePosition } from '../model/decision.ts';
import { refusal, sentence } from '../review/refusal.ts';
import { toldOf } from '../review/told.ts';
import type { CheckedDecision, Entry } from './entry.ts';

/** `unknown`: not decided for want of an input. `unjudged`: an error that denies nothing. */
export type RemarkKind = 'denied' | 'warned' | 'unknown' | 'unjudged';

export type Remark = {
  readonly kind: RemarkKind;
  /** A rule id; `sekisho/warning` for a warning that is of no single rule. */
  readonly rule: string;
  /** What is wrong: one line that is safe to print. */
  readonly text: string;
  /** "" where there is none. */
  readonly fix: string;
  readonly place: SourcePosition;
};

const maxText = 1000;

/** In the order of the results; of remarks with the same rule, text and place only the first, denials before others. */
export function remarksOf({ checked, place }: Entry): readonly Remark[] {
  const all = checked.results.flatMap((result) => ofResult(result, checked, place));
  const denied = all.filter(({ kind }) => kind === 'denied');
  const others = all.filter(({ kind }) => kind !== 'denied');
  const warnings = warningsLeft(checked).map((text) =>
    remark('warned', 'sekisho/warning', text, place),
  );
  const sorted = [...denied, ...lostDenial(checked, denied, place), ...others, ...warnings];
  const byContent = new Map<string, Remark>();
  for (const each of sorted) {
    const key = JSON.stringify([each.rule, each.text, each.place]);
    if (!byContent.has(key)) byContent.set(key, each);
  }
  return [...byContent.values()];
}

function ofResult(
  result: RuleResult,
  checked: CheckedDecision,
  place: SourcePosition,
): readonly Remark[] {
  const kind = kindOf(result, checked);
  if (kind === undefined) return [];
  const { rule, code } = result;
  const audited = kind === 'warned' && !result.actions.includes('warn') ? auditOnly : '';
  const message = `${result.message}${audited}`;
  const told = toldOf(result);
  if (told.length > 0)
    return told.map(({ finding }) => ofFinding(kind, rule, noted(finding, audited), place));
  const why = code === null || result.evaluation === 'fail' ? message : `${message} (${code})`;
  return [remark(kind, rule, why, place)];
}

const auditOnly = ' (not refused: mode AuditOnly)';

function noted(finding: Finding, note: string): Finding {
  return note === '' ? finding : { ...finding, message: `${finding.message}${note}` };
}

function kindOf(
  { rule, actions, evaluation, exception }: RuleResult,
  { wouldDeny = [] }: CheckedDecision,
): RemarkKind | undefined {
  if (actions.includes('deny')) return 'denied';
  if (evaluation === 'unknown') return 'unknown';
  // What is excused has its own warning.
  if (exception !== null || evaluation === 'pass' || evaluation === 'skip') return undefined;
  if (actions.includes('warn') || wouldDeny.includes(rule)) return 'warned';
  return evaluation === 'error' ? 'unjudged' : undefined;
}

function ofFinding(
  kind: RemarkKind,
  rule: string,
  finding: Finding,
  place: SourcePosition,
): Remark {
  const at = finding.position ?? place;
  return { ...remark(kind, rule, sentence(finding), at), fix: safe(finding.remedy) };
}

function remark(kind: RemarkKind, rule: string, text: string, place: SourcePosition): Remark {
  return { kind, rule, text: safe(text), fix: '', place };
}

/** Threat: names and values come from whoever wrote the manifest. */
function safe(text: string): string {
  return cut(printable(text), maxText);
}

/** Warnings that no rule's own remark tells: of exceptions that end, of labels that cannot be read. */
function warningsLeft({ warnings, results }: CheckedDecision): readonly string[] {
  const told = results
    .filter(({ actions, exception }) => actions.includes('warn') && exception === null)
    .map(({ message }) => message)
    .filter((message) => message !== '');
  return warnings.filter((warning) => !told.some((message) => warning.includes(message)));
}

function lostDenial(
  checked: CheckedDecision,
  denied: readonly Remark[],
  place: SourcePosition,
): readonly Remark[] {
  if (checked.allowed || denied.length > 0) return [];
  return [remark('denied', 'sekisho/denied', refusal(checked).replaceAll('\n', ' '), place)];
}
