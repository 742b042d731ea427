// Decisions that were denied, warned about, excused or in error as CSV (RFC 4180), a line for each: for spreadsheets.
// Threat: a spreadsheet runs a cell that begins as a formula, and names are from whoever asked.

import { get, type JsonObject } from '../../base/json.ts';
import { cut, printable } from '../../base/text.ts';
import { controlParts, podSecurityControls } from '../../ledger/report/catalogue.ts';
import {
  decisionFacts,
  denies,
  isTold,
  mainOutcome,
  outcomesOf,
  type RuleFacts,
} from '../../ledger/report/decision-facts.ts';
import { textAt } from '../../ledger/report/members.ts';
import { type LedgerRecord, nameOfSource } from '../../ledger/report/records.ts';

export const csvColumns = [
  ...['time', 'outcome', 'user', 'operation', 'group', 'version', 'kind', 'subresource'],
  ...['namespace', 'name', 'dry_run', 'denied_by', 'warned_by', 'noted_by', 'errors_in'],
  ...['exceptions', 'tickets', 'approved_by_claimed', 'exception_expires', 'controls', 'messages'],
  ...['policy_set', 'revision', 'engine', 'cluster', 'replica', 'record', 'id', 'request_uid'],
] as const;

export function csvHead(): string {
  return csvLine(csvColumns);
}

/** undefined: the decision simply allows. `framework`: only controls of this one. */
export function csvRow(
  at: LedgerRecord,
  record: JsonObject,
  framework: string | null,
): string | undefined {
  const decision = decisionFacts(record);
  const outcomes = outcomesOf(decision);
  const told = decision.rules.filter(isTold);
  if (outcomes.join() === 'allowed' && told.length === 0) return undefined;
  const { exceptions } = decision;
  const attempt = get(record, 'attempt');
  const texts: Readonly<Record<(typeof csvColumns)[number], string>> = {
    time: at.at,
    outcome: mainOutcome(decision),
    user: decision.user,
    operation: decision.operation,
    group: decision.group,
    version: decision.version,
    kind: decision.kind,
    subresource: decision.subResource,
    namespace: decision.namespace,
    name: decision.name,
    dry_run: String(decision.dryRun),
    denied_by: list(told.filter(denies).map(({ rule }) => rule)),
    warned_by: list(told.filter(({ actions }) => actions.includes('warn')).map(({ rule }) => rule)),
    noted_by: list([...told.filter(isNoted).map(({ rule }) => rule), ...decision.wouldDeny]),
    errors_in: list(told.filter((r) => r.evaluation === 'error').map(({ rule }) => rule)),
    exceptions: list(exceptions.map(({ name }) => name)),
    tickets: list(exceptions.map(({ ticket }) => ticket)),
    approved_by_claimed: list(exceptions.map(({ approvedBy }) => approvedBy)),
    exception_expires: list(exceptions.map(({ expires }) => expires)),
    controls: list(told.flatMap((rule) => controlsOf(rule, framework))),
    messages: list(told.map(({ message }) => message)),
    policy_set: decision.policySet,
    revision: textAt(record, 'revision'),
    engine: textAt(record, 'engine'),
    cluster: textAt(record, 'cluster'),
    replica: nameOfSource(at.source),
    record: String(at.seq),
    id: at.id,
    request_uid: textAt(attempt, 'uid'),
  };
  return csvLine(csvColumns.map((column) => texts[column]));
}

function isNoted({ actions, exception }: RuleFacts): boolean {
  return exception === null && !actions.includes('deny') && !actions.includes('warn');
}

function controlsOf(rule: RuleFacts, framework: string | null): readonly string[] {
  const own = rule.kind === 'PodSecurity' ? podSecurityControls(rule.rule) : rule.controls;
  return own.filter((control) => framework === null || controlParts(control)[0] === framework);
}

function list(texts: readonly string[]): string {
  return [...new Set(texts)].filter((text) => text !== '').join('; ');
}

/** Excel takes no longer cell. */
const longest = 32_000;

export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** Also the full-width forms, which some spreadsheets read likewise, and after blanks. */
const formula = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/;

/** Threat: where lists are separated by `;`, a spreadsheet begins a cell after it, quoted or not. */
const formulaWithin = /(?<=[;\t\r\n][\s"]*)[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/g;

function csvCell(text: string): string {
  const shown = cut(printable(text.replace(formulaWithin, "'$&")).toWellFormed(), longest);
  const harmless = formula.test(text) || /^[\t\r\n]/.test(text) ? `'${shown}` : shown;
  return /[",\r\n';]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
