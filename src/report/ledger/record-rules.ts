// Why a decision came out as it did: each rule that was broken with its fields, values and fixes, what permitted it,
// and in one line each what passed and what was not evaluated.
import { get } from '../../base/json.ts';
import { jsonText } from '../../base/json-text.ts';
import { count, cut, printable } from '../../base/text.ts';
import {
  type DecisionFacts,
  type ExceptionFacts,
  exceptionsOf,
  isTold,
  type RuleFacts,
} from '../../ledger/report/decision-facts.ts';
import { textAt, textsAt } from '../../ledger/report/members.ts';
import type { Paint } from '../paint.ts';

/** Of one line; what is longer is in the JSON. */
const longest = 2000;
const mostNames = 40;

export function safe(text: string): string {
  return cut(printable(text), longest);
}

/** Printable lines, with colours. */
export function ruleLines(decision: DecisionFacts, paint: Paint): readonly string[] {
  const { rules, exceptions, auditOnly, allowed, cut: isCut } = decision;
  const told = rules.filter(isTold);
  const lines = [
    ...(auditOnly ? ['mode AuditOnly: nothing is refused'] : []),
    ...told.flatMap((rule) => toldLines(rule, decision, paint)),
    ...exceptions.flatMap(exceptionLines),
    ...namesLine('passed', rules, 'pass'),
    ...skipLines(rules),
  ];
  if (lines.length > 0) return lines;
  if (isCut) return ['not recorded: the record was too large'];
  return [allowed ? 'no rule was about it' : 'no rule is recorded'];
}

function toldLines(rule: RuleFacts, decision: DecisionFacts, paint: Paint): readonly string[] {
  const about = [
    ...(rule.binding === null || rule.binding === rule.policy ? [] : [`binding ${rule.binding}`]),
    ...(rule.param === null ? [] : [`param ${rule.param}`]),
    ...(rule.mode === null ? [] : [`mode ${rule.mode}`]),
    ...(rule.code === null ? [] : [rule.code]),
  ].join(', ');
  const controls = rule.controls.join(', ');
  return [
    `${verdict(rule, decision, paint)} ${safe(rule.rule)}${about === '' ? '' : safe(` (${about})`)}`,
    ...(rule.message === '' ? [] : [safe(`  ${rule.message}`)]),
    ...rule.findings.flatMap(findingLines),
    ...(controls === '' ? [] : [safe(`  controls  ${controls}`)]),
  ];
}

function verdict(rule: RuleFacts, { wouldDeny }: DecisionFacts, { bad, mild }: Paint): string {
  const word = rule.evaluation === 'error' ? 'error' : 'broken';
  if (rule.actions.includes('deny')) return bad(`${word}, denied:`);
  if (exceptionsOf(rule).length > 0) return mild(`${word}, excused:`);
  if (wouldDeny.includes(rule.rule)) return mild(`${word}, would be denied:`);
  return mild(`${word}, ${rule.actions.includes('warn') ? 'warned' : 'noted'}:`);
}

function findingLines(finding: RuleFacts['findings'][number]): readonly string[] {
  const [path, message, remedy] = ['path', 'message', 'remedy'].map((key) => textAt(finding, key));
  const allowed = textsAt(finding, 'allowed').join(', ');
  const exception = textAt(finding, 'exception');
  const rows: readonly (readonly [string, string])[] = [
    ['field', path ?? ''],
    ['is', message ?? ''],
    ['value', jsonText(get(finding, 'value') ?? null)],
    ['allowed', allowed],
    ['fix', remedy ?? ''],
    ['excused', exception === '' ? '' : `by exception ${exception}`],
  ];
  return rows
    .filter(([, text]) => text !== '')
    .map(([label, text], i) => safe(`  ${i === 0 ? '- ' : '  '}${label.padEnd(8)} ${text}`));
}

function exceptionLines(exception: ExceptionFacts): readonly string[] {
  const { name, rules, reason, owner, ticket, approvedBy, expires } = exception;
  return [
    `exception ${name}, for ${rules.join(', ')}`,
    `  reason    ${reason}`,
    `  owner     ${owner}${ticket === '' ? '' : `, ticket ${ticket}`}`,
    `  approved  by ${approvedBy === '' ? 'nobody' : approvedBy}, says its file; that is verified by nobody`,
    `  expires   ${expires}`,
  ].map(safe);
}

function namesLine(
  label: string,
  rules: readonly RuleFacts[],
  evaluation: string,
): readonly string[] {
  const names = [...new Set(rules.filter((r) => r.evaluation === evaluation).map((r) => r.rule))];
  if (names.length === 0) return [];
  const shown = names.slice(0, mostNames).join(', ');
  const more = names.length > mostNames ? `, and ${names.length - mostNames} more` : '';
  return [safe(`${label}: ${count(names.length, 'rule')}: ${shown}${more}`)];
}

function skipLines(rules: readonly RuleFacts[]): readonly string[] {
  const skipped = rules.filter(({ evaluation }) => evaluation === 'skip');
  const byCode = Map.groupBy(skipped, ({ code }) => code ?? 'no reason');
  return [...byCode].flatMap(([code, own]) => namesLine(`skipped (${code})`, own, 'skip'));
}
