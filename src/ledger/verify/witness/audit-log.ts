// The API server's audit log: JSON Lines of audit.k8s.io/v1 Events, plain or gzip, as far as they tell of admission.
// Upstream: k8s.io/apiserver/pkg/apis/audit/v1 Event; annotations of a webhook are `<webhook name>/<key>`.
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { get, getIn, isObject, type JsonObject, type JsonValue } from '../../../base/json.ts';
import { createSplitter, type RawLine } from '../../read/lines.ts';

export type Claim = {
  readonly id: string;
  /** null: the answer says that it could not be recorded. */
  readonly seq: number | null;
  /** `sum` of the record, 64 hex digits. */
  readonly head: string | null;
};

export type AuditEvent = {
  /** Index of the file. */
  readonly file: number;
  readonly line: number;
  readonly claims: readonly Claim[];
  readonly failedOpen: number;
  /** Milliseconds since 1970. */
  readonly received: number;
  readonly staged: number;
  /** Whether annotations are complete. */
  readonly complete: boolean;
  readonly verb: string;
  readonly user: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
};

/** Events with whole objects can be large; what is longer is not read. */
const maxEvent = 16 * 1024 * 1024;

/** Yields null for a line that is no event. Rejects when a file cannot be read. */
export async function* readAuditLog(
  path: string,
  file: number,
): AsyncGenerator<readonly (AuditEvent | null)[]> {
  const splitter = createSplitter(maxEvent);
  for await (const chunk of bytesOf(path)) {
    for (const lines of splitter.push(chunk)) yield eventsOf(lines, file);
  }
  yield eventsOf(splitter.end(), file);
}

function bytesOf(path: string): AsyncIterable<Buffer> {
  const raw = createReadStream(path, { highWaterMark: 1024 * 1024 });
  if (!path.endsWith('.gz')) return raw;
  const inflate = createGunzip({ chunkSize: 1024 * 1024 });
  // Faults of either stream end the iteration.
  pipeline(raw, inflate, () => {});
  return inflate;
}

function eventsOf(lines: readonly RawLine[], file: number): (AuditEvent | null)[] {
  return lines
    .filter(({ bytes }) => bytes.length > 0)
    .map(({ bytes, line }) => eventOf(bytes, file, line));
}

function eventOf(bytes: Buffer, file: number, line: number): AuditEvent | null {
  let event: unknown;
  try {
    event = JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
  if (!isObject(event) || get(event, 'kind') !== 'Event') return null;
  const object = get(event, 'objectRef');
  const group = text(object, 'apiGroup');
  const stage = text(event, 'stage');
  return {
    ...{ file, line },
    ...annotated(get(event, 'annotations')),
    received: Date.parse(text(event, 'requestReceivedTimestamp')),
    staged: Date.parse(text(event, 'stageTimestamp')),
    complete: stage === 'ResponseComplete' || stage === 'Panic',
    verb: text(event, 'verb'),
    user: userOf(event),
    resource: group === '' ? text(object, 'resource') : `${group}/${text(object, 'resource')}`,
    subresource: text(object, 'subresource'),
    namespace: text(object, 'namespace'),
    name: text(object, 'name'),
  };
}

/** Admission sees whom a request is made for. */
function userOf(event: JsonObject): string {
  const acting = getIn(event, ['impersonatedUser', 'username']);
  return typeof acting === 'string' ? acting : text(get(event, 'user'), 'username');
}

function annotated(annotations: JsonValue | undefined): Pick<AuditEvent, 'claims' | 'failedOpen'> {
  if (!isObject(annotations)) return { claims: [], failedOpen: 0 };
  const claims: Claim[] = [];
  let failedOpen = 0;
  for (const [key, value] of Object.entries(annotations)) {
    if (key.startsWith('failed-open.validating.webhook.admission.k8s.io/')) failedOpen += 1;
    if (!key.endsWith('/decision-id') || typeof value !== 'string') continue;
    const webhook = key.slice(0, -'decision-id'.length);
    const seq = get(annotations, `${webhook}ledger-seq`);
    const head = get(annotations, `${webhook}ledger-head`);
    const place = typeof seq === 'string' && /^[1-9]\d{0,14}$/.test(seq) ? Number(seq) : null;
    claims.push({ id: value, seq: place, head: typeof head === 'string' ? head : null });
  }
  return { claims, failedOpen };
}

function text(value: unknown, key: string): string {
  const member = get(value, key);
  return typeof member === 'string' ? member : '';
}
