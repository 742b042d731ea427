// One record as a person wants to read it: who did what to which object, what was decided and why, under which law,
// what was left out, and where it stands in the chain.
import { get, isArray, isObject, type JsonObject } from '../../base/json.ts';
import { jsonText } from '../../base/json-text.ts';
import { decisionFacts } from '../../ledger/report/decision-facts.ts';
import { textAt } from '../../ledger/report/members.ts';
import { nameOfSource } from '../../ledger/report/records.ts';
import { type Paint, paints } from '../paint.ts';
import { objectLines } from './record-object.ts';
import {
  lawLines,
  leftOutLines,
  placeLines,
  type Shown,
  whereLines,
  whoLines,
} from './record-parts.ts';
import { ruleLines, safe } from './record-rules.ts';
import { eventText, objectText, outcomeText } from './summary-line.ts';

/** INVARIANT: lines are printable already; only colours of our own are in them. */
type Part = readonly [title: string, lines: readonly string[]];

const titleWidth = 10;

export function fullText(shown: Shown, { color }: { readonly color: boolean }): string {
  const paint = paints(color);
  const parts = shown.at.kind === 'decision' ? decisionParts(shown, paint) : eventParts(shown);
  const lines = [headLine(shown, paint), ...parts.flatMap(partLines)];
  return `${lines.join('\n')}\n`;
}

function headLine({ at, record, withdrawn }: Shown, paint: Paint): string {
  const place = `record ${at.seq} of ${safe(nameOfSource(at.source))}`;
  if (at.kind !== 'decision')
    return `${at.kind.toUpperCase()}  ${safe(eventText(at.kind, record))}  (${place})`;
  const decision = decisionFacts(record);
  const outcome = outcomeText(at.kind, decision);
  const word =
    outcome === 'allowed'
      ? 'ALLOWED'
      : outcome === 'denied'
        ? paint.bad('DENIED')
        : paint.mild(`ALLOWED, ${outcome}`);
  const but = withdrawn ? paint.bad(' AND WITHDRAWN') : '';
  const dry = decision.dryRun ? ' (dry run)' : '';
  return `${word}${but}  ${safe(`${decision.operation} ${objectText(decision)}`)}${dry}  (${place})`;
}

function decisionParts(shown: Shown, paint: Paint): readonly Part[] {
  const { record } = shown;
  const facts = decisionFacts(record);
  return [
    part('id', [shown.at.id]),
    part('withdrawn', shown.withdrawn ? withdrawnLines(shown.withdrawn) : []),
    part('who', whoLines(record)),
    part('when', whenLines(record)),
    part('where', whereLines(record, shown.at)),
    ['why', ruleLines(facts, paint)],
    part('warnings', facts.warnings),
    part('law', lawLines(record, facts, shown.at)),
    part('object', objectLines(record)),
    part('inputs', inputLines(record)),
    part('audit log', annotationLines(record)),
    part('left out', leftOutLines(record)),
    part('chain', placeLines(shown)),
  ];
}

function withdrawnLines({ seq, cause }: { seq: number; cause: string }): readonly string[] {
  return [`it was durable too late, and the answer was a denial: ${cause} (record ${seq})`];
}

function whenLines(record: JsonObject): readonly string[] {
  const stages = get(record, 'stages');
  const ms = (key: string, owner: unknown = stages): string => `${String(get(owner, key) ?? 0)} ms`;
  const parts = isObject(stages)
    ? `: ${ms('queue')} waiting, ${ms('read')} reading, ${ms('decide')} deciding`
    : '';
  const stepped = textAt(record, 'clock') === 'stepped';
  return [
    `${textAt(record, 'at')}, decided in ${ms('durationMs', record)}${parts}`,
    ...(stepped ? ['the clock was set back just before: order is by record number'] : []),
  ];
}

function inputLines(record: JsonObject): readonly string[] {
  const inputs = get(get(record, 'decision'), 'inputs');
  if (!isArray(inputs)) return [];
  return inputs.flatMap((input) => [
    `${textAt(input, 'port')} ${jsonText(get(input, 'question') ?? null)} at ${textAt(input, 'at')}`,
    `  ${jsonText(get(input, 'answer') ?? null)}`,
  ]);
}

function annotationLines(record: JsonObject): readonly string[] {
  const annotations = get(get(record, 'decision'), 'auditAnnotations');
  if (!isObject(annotations)) return [];
  return Object.entries(annotations).map(([key, value]) => `${key}: ${String(value)}`);
}

const framed = ['v', 'seq', 'prev', 'kind', 'id', 'at', 'sum'];

/** Every member, for records that are no decisions. */
function eventParts(shown: Shown): readonly Part[] {
  const { record, at } = shown;
  const members = Object.entries(record).filter(([key]) => !framed.includes(key));
  return [
    part('id', [at.id]),
    part('when', [at.at]),
    ...members.map(([key, value]) => part(key, memberLines(value))),
    part('chain', placeLines(shown)),
  ];
}

function memberLines(value: JsonObject[string]): readonly string[] {
  if (typeof value === 'string') return value.trimEnd().split('\n');
  if (isArray(value) || isObject(value)) return jsonText(value, 2).split('\n');
  return [String(value)];
}

function part(title: string, lines: readonly string[]): Part {
  return [safe(title), lines.map(safe)];
}

function partLines([title, lines]: Part): readonly string[] {
  return lines.map((line, index) => {
    const label = (index === 0 ? title : '').padEnd(titleWidth);
    return `  ${label} ${line}`.trimEnd();
  });
}
