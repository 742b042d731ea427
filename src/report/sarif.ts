// SARIF 2.1.0, for code scanning: a result for each place, written as it is decided; then the rules that were met, and
// the faults. Upstream: docs.oasis-open.org/sarif/sarif/v2.1.0, section 3.
import type { Diagnostic } from '../base/diagnostic.ts';
import { jsonText } from '../base/json-text.ts';
import { printable } from '../base/text.ts';
import type { RuleResult, SourcePosition } from '../model/decision.ts';
import { subjectOf } from '../review/refusal.ts';
import type { Entry } from './entry.ts';
import { type Remark, type RemarkKind, remarksOf } from './remarks.ts';
import type { Format } from './report.ts';

const schema = 'https://json.schemastore.org/sarif-2.1.0.json';

/** What was not decided is an open question, and has no level. */
const kinds: Readonly<Record<RemarkKind, { readonly kind: string; readonly level: string }>> = {
  denied: { kind: 'fail', level: 'error' },
  warned: { kind: 'fail', level: 'warning' },
  unknown: { kind: 'open', level: 'none' },
  unjudged: { kind: 'open', level: 'none' },
};

type Rule = { readonly index: number; readonly description: object };

export const sarif: Format = {
  name: 'sarif',
  summary: 'SARIF 2.1.0, for code scanning',
  create() {
    const rules = new Map<string, Rule>();
    let separator = '';
    return {
      begin: () =>
        `{\n"$schema": ${jsonText(schema)},\n"version": "2.1.0",\n"runs": [{\n"results": [`,
      decision(entry) {
        let text = '';
        for (const remark of remarksOf(entry)) {
          const index = ruleIndex(rules, remark.rule, entry);
          text += `${separator}\n${jsonText(resultOf(remark, index, entry))}`;
          separator = ',';
        }
        return text;
      },
      end({ faults }) {
        const driver = {
          name: 'sekisho',
          rules: [...rules.values()].map((rule) => rule.description),
        };
        const invocation = {
          executionSuccessful: faults.length === 0,
          toolExecutionNotifications: faults.map(notificationOf),
        };
        return `],\n"columnKind": "utf16CodeUnits",\n"invocations": ${jsonText([invocation])},\n"tool": ${jsonText({ driver })}\n}]\n}\n`;
      },
    };
  },
};

function ruleIndex(rules: Map<string, Rule>, id: string, { checked }: Entry): number {
  const known = rules.get(id);
  if (known !== undefined) return known.index;
  const result = checked.results.find(({ rule }) => rule === id);
  const index = rules.size;
  rules.set(id, { index, description: ruleOf(id, result) });
  return index;
}

function ruleOf(id: string, result: RuleResult | undefined): object {
  const shortDescription = { text: printable(describe(id, result)) };
  const tags = result?.controls ?? [];
  return { id, shortDescription, ...(tags.length === 0 ? {} : { properties: { tags } }) };
}

function describe(id: string, result: RuleResult | undefined): string {
  const name = id.slice(id.indexOf('/') + 1);
  if (result === undefined || result.kind === 'Sekisho') return `Sekisho: ${name}`;
  if (result.kind === 'PodSecurity') return `Pod Security Standards: ${name}`;
  return `${result.kind} ${result.policy}: ${name}`;
}

function resultOf(
  { kind, rule, text, fix, place }: Remark,
  ruleIndexOf: number,
  { checked }: Entry,
): object {
  const subject = subjectOf(checked);
  return {
    ruleId: rule,
    ruleIndex: ruleIndexOf,
    ...kinds[kind],
    message: { text: plain(`${subject}: ${text}`, fix) },
    locations: [locationOf(place)],
  };
}

function notificationOf(fault: Diagnostic): object {
  const { code, message, fix } = fault;
  return {
    descriptor: { id: code },
    level: 'error',
    message: { text: plain(printable(message), printable(fix ?? '')) },
    locations: [locationOf(fault)],
  };
}

/** Braces are doubled: single ones are placeholders (3.11.5). Nothing becomes a link (3.11.6). */
function plain(text: string, fix: string): string {
  const whole = fix === '' ? text : `${text}\nfix: ${fix}`;
  return whole.replace(/[{}]/g, '$&$&').replaceAll('](', '] (');
}

function locationOf({ file, line, column }: SourcePosition): object {
  const artifactLocation = { uri: uriOf(file) };
  const region = line > 0 ? { region: { startLine: line, startColumn: column } } : {};
  return { physicalLocation: { artifactLocation, ...region } };
}

/** Relative, as the file was named; an absolute path is a file URI. */
function uriOf(file: string): string {
  const path = file.toWellFormed().split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${path}` : path;
}
