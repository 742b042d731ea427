// What `ledger verify` proved, for people: each ledger at a glance, what is no fault, then each finding with its place.
import { count, cut, printable } from '../../base/text.ts';
import {
  type Finding,
  type Found,
  faultKinds,
  type LedgerSummary,
  type Remark,
  type RemarkKind,
  remarkKinds,
  type Verification,
  type WitnessSummary,
} from '../../ledger/verify/finding.ts';
import { type Paint, paints } from '../paint.ts';

/** Nothing is proven of what could not be read. */
export function isProven({ findings, unread }: Verification): boolean {
  return findings.length === 0 && unread.length === 0;
}

/** One JSON document: the same, for programs. */
export function verifyJson(verification: Verification): string {
  return `${JSON.stringify({ proven: isProven(verification), ...verification }, null, 2)}\n`;
}

export function verifyText(verification: Verification, color: boolean): string {
  const paint = paints(color);
  const { ledgers, findings, remarks, witness, more } = verification;
  const parts = [
    ...ledgers.map((ledger) => ledgerLines(ledger, remarks)),
    ...(witness === null ? [] : [witnessLines(witness)]),
    remarkLines(remarks),
    ...findings.map((finding) => findingLines(finding, paint)),
    more > 0 ? [`and ${more} more that are not listed`] : [],
    [lastLine(verification, paint)],
  ];
  const texts = parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${texts.join('\n\n')}\n`;
}

function ledgerLines(ledger: LedgerSummary, remarks: readonly Remark[]): string[] {
  const { path, replica, cluster, records, first, last, segments, bytes, covered } = ledger;
  const name = [replica, cluster].filter((each) => each !== null && each !== '').join(' in ');
  const span =
    first === null || last === null
      ? 'no record'
      : `${first.seq} to ${last.seq}, from ${first.at} to ${last.at}`;
  const { gaps, checkpoints, epochs } = ledger;
  const rows: [string, string][] = [
    ['ledger', ledger.ledger ?? 'not told'],
    ['records', `${count(records, 'record')}: ${span}`],
    ['segments', `${count(segments, 'segment')}, ${sizeText(bytes)}`],
    ['checkpoints', `${count(checkpoints, 'checkpoint')}${epochText(epochs)}`],
    ['vouched for', covered === null ? 'nothing' : `up to record ${covered.seq}, ${covered.at}`],
    [
      'gaps',
      gaps.count === 0
        ? 'none declared'
        : `${count(gaps.count, 'gap')} declared: ${gaps.denied} denied, ${gaps.allowed} allowed without a record`,
    ],
  ];
  const removed = remarks.find(({ kind, file }) => kind === 'retention' && file.startsWith(path));
  if (removed !== undefined)
    rows.push(['retention', `records ${removed.seq} to ${removed.to} were removed`]);
  return [
    `${shown(path)}${name === '' ? '' : `: ${shown(name)}`}`,
    ...rows.map(([label, text]) => `  ${label.padEnd(12)} ${shown(text)}`),
  ];
}

function epochText(epochs: LedgerSummary['epochs']): string {
  if (epochs === null) return '';
  const { first, last } = epochs;
  return first === last ? `, epoch ${first}` : `, epochs ${first} to ${last}`;
}

function witnessLines(witness: WitnessSummary): string[] {
  const { files, events, from, to, matched, witnessed, untold, withoutRecord, failedOpen } =
    witness;
  const rows: [string, string][] = [
    [
      'events',
      `${count(events, 'event')} that name a record, from ${from ?? 'nothing'} to ${to ?? 'nothing'}`,
    ],
    ['matched', `${matched} of them have their record`],
    [
      'records',
      `${witnessed} within its time are witnessed; of ${untold} it cannot be told whether it should know them`,
    ],
    ['no record', `${count(withoutRecord, 'answer')} that say that they could not be recorded`],
    ['failed open', `${count(failedOpen, 'request')} that no webhook was asked about`],
  ];
  if (witness.unreadable > 0)
    rows.push(['unread', `${count(witness.unreadable, 'line')} that are no audit events`]);
  return [
    `audit log of the API server, ${count(files, 'file')}`,
    ...rows.map(([label, text]) => `  ${label.padEnd(12)} ${shown(text)}`),
  ];
}

/** A few of each kind; the JSON has all of them. */
const maxOfKind = 5;

function remarkLines(remarks: readonly Remark[]): string[] {
  const byKind = Map.groupBy(remarks, ({ kind }) => kind);
  return [...byKind].flatMap(([kind, each]: [RemarkKind, Remark[]]) => [
    `note: ${kind}: ${remarkKinds[kind]}`,
    ...each.slice(0, maxOfKind).map((remark) => `  ${placeOf(remark)}: ${shown(remark.message)}`),
    ...(each.length > maxOfKind ? [`  and ${each.length - maxOfKind} more`] : []),
  ]);
}

function findingLines(finding: Finding, paint: Paint): string[] {
  const { kind, seq, to, message } = finding;
  const records = seq === null ? '' : seq === to ? ` record ${seq}` : ` records ${seq} to ${to}`;
  return [
    `${paint.bad(kind)}:${records} ${faultKinds[kind]}`.replace(/: (?=\S)/, ': '),
    `  ${placeOf(finding)}`,
    `  ${shown(message)}`,
  ];
}

function placeOf({ file, line }: Found<unknown>): string {
  return line === 0 ? shown(file) : `${shown(file)}:${line}`;
}

function lastLine(verification: Verification, paint: Paint): string {
  const { ledgers, findings, unread, more } = verification;
  const records = ledgers.reduce((sum, each) => sum + each.records, 0);
  const what = `${count(records, 'record')} in ${count(ledgers.length, 'ledger')}`;
  if (findings.length > 0) {
    const faults = count(findings.length, 'fault');
    return paint.bad(`NOT PROVEN: ${what}, ${faults}${more > 0 ? ' or more' : ''}`);
  }
  if (unread.length > 0)
    return paint.bad(`NOT PROVEN: ${count(unread.length, 'file')} could not be read`);
  return `proven: ${what}, no fault`;
}

function sizeText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [size, unit] = [bytes, 0];
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}

/** Threat: file names, names of replicas and causes come from elsewhere. */
function shown(text: string): string {
  return cut(printable(text), 1000);
}
