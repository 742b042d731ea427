// Records that no event names, and whether the log should have named them: only where it holds another request of the
// same user, verb, resource and namespace (and name, but for CREATE) does its policy record such requests.
import { get, getIn, type JsonObject, type JsonValue } from '../../../base/json.ts';
import { type Finding, found, type Place } from '../finding.ts';
import type { AuditEvent } from './audit-log.ts';

type Record = {
  readonly seq: number;
  readonly at: number;
  readonly place: Place;
  /** An event of the same request holds it: the API server asked more than once, and notes only the first answer. */
  again: boolean;
};

/** `sorted`: by time. */
type Group = { readonly records: Record[]; recorded: boolean; sorted: boolean };

export type Unclaimed = {
  /** False: it cannot be told. */
  add(seq: number, at: number, place: Place, record: JsonObject | undefined): boolean;
  readonly isEmpty: () => boolean;
  /** Told every event of the log once more. */
  watch(event: AuditEvent): void;
  conclude(): { readonly findings: readonly Finding[]; readonly untold: number };
};

/** Beyond so many it is only counted that they cannot be told. */
const maxKept = 100_000;

export function createUnclaimed(): Unclaimed {
  const groups = new Map<string, Group>();
  /** A collection that is deleted is one request, asked about object by object. */
  const collections = new Map<string, Group>();
  let kept = 0;

  function file(into: Map<string, Group>, key: string, record: Record): void {
    const group = into.get(key) ?? { records: [], recorded: false, sorted: false };
    group.records.push(record);
    into.set(key, group);
  }

  return {
    add(seq, at, place, record) {
      const keyed = keyedOf(record);
      if (keyed === undefined || kept >= maxKept) return false;
      kept += 1;
      const own: Record = { seq, at, place, again: false };
      file(groups, keyOf(keyed), own);
      if (keyed.verb === 'delete') file(collections, collectionKey(keyed), own);
      return true;
    },
    isEmpty: () => kept === 0,
    watch(event) {
      if (!event.complete) return;
      const group = groups.get(keyOf(event));
      if (group !== undefined && event.claims.some(({ seq }) => seq !== null)) {
        group.recorded = true;
      }
      markAgain(group, event);
      if (event.verb === 'deletecollection') {
        markAgain(collections.get(collectionKey(event)), event);
      }
    },
    conclude() {
      const findings: Finding[] = [];
      let untold = 0;
      for (const { records, recorded } of groups.values()) {
        for (const { seq, place, again } of records) {
          if (recorded && !again) findings.push(unwitnessed(seq, place));
          else untold += 1;
        }
      }
      return { findings: findings.sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0)), untold };
    },
  };
}

function unwitnessed(seq: number, place: Place): Finding {
  const text = `no event of the audit log names record ${seq}, and the log has other requests like it`;
  return found('unwitnessed', place, [seq, null], text);
}

/** Clocks of two machines. */
const skew = 1000;

/** Found by halving: a log of millions of events asks about a hundred thousand records. */
function markAgain(group: Group | undefined, { received, staged }: AuditEvent): void {
  if (group === undefined || Number.isNaN(received + staged)) return;
  const { records } = group;
  if (!group.sorted) records.sort((a, b) => a.at - b.at);
  group.sorted = true;
  let [from, to] = [0, records.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((records[middle]?.at ?? 0) < received - skew) from = middle + 1;
    else to = middle;
  }
  for (let at = from; at < records.length; at++) {
    const record = records[at];
    if (record === undefined || record.at > staged + skew) return;
    record.again = true;
  }
}

/** By the kind of the options: the operation alone does not say the verb. */
const verbs: Readonly<{ [kind: string]: string }> = {
  CreateOptions: 'create',
  UpdateOptions: 'update',
  PatchOptions: 'patch',
  DeleteOptions: 'delete',
};

function keyedOf(record: JsonObject | undefined): Keyed | undefined {
  const attempt = get(record, 'attempt');
  const kind = getIn(attempt, ['options', 'kind']);
  const verb = typeof kind === 'string' && Object.hasOwn(verbs, kind) ? verbs[kind] : undefined;
  const user = getIn(attempt, ['userInfo', 'username']);
  const resource = getIn(attempt, ['requestResource', 'resource']);
  const group = getIn(attempt, ['requestResource', 'group']);
  if (verb === undefined || typeof user !== 'string' || typeof resource !== 'string') {
    return undefined;
  }
  return {
    ...{ verb, user },
    resource: typeof group === 'string' && group !== '' ? `${group}/${resource}` : resource,
    subresource: text(get(attempt, 'requestSubResource')),
    namespace: text(get(attempt, 'namespace')),
    name: text(get(attempt, 'name')),
  };
}

type Keyed = Pick<AuditEvent, 'verb' | 'user' | 'resource' | 'subresource' | 'namespace' | 'name'>;

function collectionKey(keyed: Keyed): string {
  return keyOf({ ...keyed, verb: 'deletecollection', name: '' });
}

function keyOf({ verb, user, resource, subresource, namespace, name }: Keyed): string {
  const place = resource === 'namespaces' ? '' : namespace;
  const object = verb === 'create' ? '' : name;
  return JSON.stringify([verb, user, resource, subresource, place, object]);
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
