// POST of a batch as NDJSON. 2xx confirms all of it. 408, 425, 429, 5xx and a broken connection: again, later.
// Anything else will not change by sending it again: told, and the sink halts; nothing is dropped.
import { err, ok, type Result } from '../../../base/result.ts';
import { fault, post, readSecret } from '../post.ts';
import type { HttpSettings } from '../settings.ts';
import type { Batch, Sink, SinkFault } from '../sink.ts';

const timeoutMs = 30_000;
const newline = Buffer.from('\n');

export function httpSink(settings: HttpSettings, now: () => number): Sink {
  return {
    async send(batch, signal) {
      const headers = await headersOf(settings.headersFile);
      if (!headers.ok) return headers;
      return post(
        {
          url: settings.url,
          headers: { ...headers.value, ...ownHeaders(batch) },
          body: ndjson(batch),
          tls: settings.tls,
          timeoutMs,
          now,
        },
        signal,
      );
    },
    close: async () => {},
  };
}

/** Lines as they are in the ledger. */
export function ndjson({ records }: Batch): Buffer {
  return Buffer.concat(records.flatMap(({ bytes }) => [bytes, newline]));
}

/** What a receiver needs to leave out what it has already. */
function ownHeaders({ replica, records, hash }: Batch): Record<string, string> {
  return {
    'content-type': 'application/x-ndjson',
    'user-agent': 'sekisho',
    'sekisho-replica': encodeURIComponent(replica),
    'sekisho-first-seq': String(records[0]?.seq ?? 0),
    'sekisho-last-seq': String(records.at(-1)?.seq ?? 0),
    'sekisho-last-hash': hash,
  };
}

/** RFC 9110: a token, a colon, visible characters. */
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\t]*)$/;

async function headersOf(
  path: string | null,
): Promise<Result<Readonly<Record<string, string>>, SinkFault>> {
  if (path === null) return ok({});
  const read = await readSecret(path);
  if (!read.ok) return err(read.error);
  const headers: Record<string, string> = {};
  for (const [i, line] of read.value.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [, name, value] = headerLine.exec(line) ?? [];
    // The line itself may hold a secret.
    if (name === undefined || value === undefined) {
      return fault('halt', 'settings', `${path}:${i + 1} is not "Name: value"`);
    }
    headers[name.toLowerCase()] = value.trim();
  }
  return ok(headers);
}
