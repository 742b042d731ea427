// Parts of a record in full: who, where, under which law, what was left out, and its place in the chain.
import { get, isObject, type JsonObject } from '../../base/json.ts';
import type { DecisionFacts } from '../../ledger/report/decision-facts.ts';
import type { FoundRecord } from '../../ledger/report/find.ts';
import { objectsAt, textAt, textOrNullAt, textsAt } from '../../ledger/report/members.ts';
import type { LedgerRecord } from '../../ledger/report/records.ts';

/** `link`, `coveredBy`, `withdrawn` are absent where nobody looked. */
export type Shown = {
  readonly at: LedgerRecord;
  readonly record: JsonObject;
} & Partial<FoundRecord>;

export function whoLines(record: JsonObject): readonly string[] {
  const user = get(get(record, 'attempt'), 'userInfo');
  const groups = textsAt(user, 'groups').join(', ');
  const uid = textAt(user, 'uid');
  const extra = get(user, 'extra');
  return [
    `${textAt(user, 'username')}${uid === '' ? '' : ` (uid ${uid})`}`,
    ...(groups === '' ? [] : [`groups ${groups}`]),
    ...(isObject(extra)
      ? Object.keys(extra).map((key) => `${key} ${textsAt(extra, key).join(', ')}`)
      : []),
  ];
}

export function whereLines(record: JsonObject, { source }: LedgerRecord): readonly string[] {
  const attempt = get(record, 'attempt');
  const cluster = textAt(record, 'cluster') || source.cluster;
  const replica = textAt(record, 'replica') || source.replica;
  const [kind, asked] = [get(attempt, 'kind'), get(attempt, 'requestKind')];
  const uid = textAt(attempt, 'uid');
  const versions = kindText(kind) === kindText(asked) ? '' : `, asked for as ${kindText(asked)}`;
  return [
    `replica ${replica}${cluster === '' ? '' : `, cluster ${cluster}`}`,
    ...(uid === '' ? [] : [`request ${uid} of the API server`]),
    `${resourceText(attempt)}, ${kindText(kind)}${versions}`,
  ];
}

function kindText(kind: unknown): string {
  const [group, version, name] = ['group', 'version', 'kind'].map((key) => textAt(kind, key));
  return `${group === '' ? '' : `${group}/`}${version} ${name}`;
}

function resourceText(attempt: unknown): string {
  const resource = textAt(get(attempt, 'resource'), 'resource');
  const sub = textAt(attempt, 'subResource');
  return `resource ${resource}${sub === '' ? '' : `/${sub}`}`;
}

export function lawLines(
  record: JsonObject,
  { policySet }: DecisionFacts,
  { source }: LedgerRecord,
): readonly string[] {
  const revision = textOrNullAt(record, 'revision');
  const hex = /^sha256:([0-9a-f]{64})$/.exec(policySet)?.[1];
  return [
    `policies ${policySet}`,
    ...(hex === undefined ? [] : [`their text: ${source.path}/policies/${hex}.jsonl`]),
    revision === null ? 'revision not told' : `revision ${revision}`,
    `engine ${textAt(record, 'engine')}`,
  ];
}

export function leftOutLines(record: JsonObject): readonly string[] {
  const redacted = objectsAt(record, 'redacted').map((place) => {
    const digest = textAt(place, 'digest');
    return `redacted ${textAt(place, 'pointer')}${digest === '' ? '' : `: ${digest}`}`;
  });
  return [...redacted, ...textsAt(record, 'cut').map((pointer) => `too large ${pointer}`)];
}

export function placeLines({ at, record, link, coveredBy }: Shown): readonly string[] {
  const prev = textAt(record, 'prev');
  const own = link === undefined ? [] : linkLines(link);
  const covered =
    coveredBy === undefined
      ? []
      : [
          coveredBy === null
            ? 'no checkpoint covers it yet'
            : `record ${coveredBy} holds the first checkpoint over it`,
          'the chain and the signatures are proven by `sekisho ledger verify`, not here',
        ];
  return [
    `${at.source.path}/${at.file}:${at.line}`,
    `record ${at.seq}, after the line with sha256 ${prev}`,
    ...own,
    ...covered,
  ];
}

function linkLines(link: NonNullable<Shown['link']>): readonly string[] {
  if (typeof link === 'string') return [`NOT WHAT WAS WRITTEN: ${link}`];
  return [`its line has sha256 ${link.hash}`, 'its own sum holds'];
}
