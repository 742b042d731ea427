// Bytes per record, for docs/scale.md: each review of test/fixtures/reviews many times over, with other names and uids each
// time, through a whole server with the bundle; then what the ledger holds, plain and with zstd. `node bench/records.ts`.
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { makeWorkplace, root, serveArguments, startServed } from '../test/gate.ts';

const { values } = parseArgs({ options: { times: { type: 'string', default: '500' } } });
const times = Number(values.times);
const reviews = join(root, 'test/fixtures/reviews');
const names = readdirSync(reviews).filter((name) => name.endsWith('.json'));

/** As on the wire, without white space. */
const bodies = names.map((name) =>
  JSON.stringify(JSON.parse(readFileSync(join(reviews, name), 'utf8'))),
);

const uuid = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;

/** One uid stays one uid within a request, and is another one in the next. */
function fresh(body: string): string {
  const made = new Map<string, string>();
  return body.replace(uuid, (each) => {
    const other = made.get(each) ?? randomUUID();
    made.set(each, other);
    return other;
  });
}

const workplace = await makeWorkplace('records');
const folder = join(workplace.folder, 'ledger');
const server = await startServed(serveArguments(workplace, ['--ledger', folder]));
const agent = new Agent({ ca: workplace.ca, keepAlive: true, maxSockets: 16 });

function post(body: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const options = {
    agent,
    ...{ host: '127.0.0.1', port: server.port, path: '/validate', method: 'POST' },
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  };
  const sent = request(options, (response) => {
    response.resume();
    response.on('end', resolve);
  });
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

for (let i = 0; i < times; i++) await Promise.all(bodies.map((body) => post(fresh(body))));
agent.destroy();
await server.stop();

type Seen = { count: number; bytes: number };
const byKind = new Map<string, Seen>();
const decisions: Buffer[] = [];
for (const name of readdirSync(folder).filter((each) => /^\d{20}\.jsonl/.test(each))) {
  const raw = readFileSync(join(folder, name));
  const plain = name.endsWith('.zst') ? zstdDecompressSync(raw) : raw;
  for (const line of plain.toString().trimEnd().split('\n')) {
    const { kind, attempt } = JSON.parse(line) as {
      kind: string;
      attempt?: { operation: string; kind: { kind: string }; subResource: string };
    };
    const { operation = '', subResource = '' } = attempt ?? {};
    const object = [attempt?.kind.kind ?? '', subResource].filter((part) => part !== '').join('/');
    const label = attempt === undefined ? kind : `${operation} ${object}`;
    const seen = byKind.get(label) ?? { count: 0, bytes: 0 };
    byKind.set(label, { count: seen.count + 1, bytes: seen.bytes + line.length + 1 });
    if (kind === 'decision') decisions.push(Buffer.from(`${line}\n`));
  }
}

const total = decisions.reduce((sum, { length }) => sum + length, 0);
const zstd = (lines: readonly Buffer[]): number => zstdCompressSync(Buffer.concat(lines)).length;
/** As a segment, as a batch of S3, and alone. */
const pieces = (bytes: number): number => {
  let [sum, held, batch]: [number, number, Buffer[]] = [0, 0, []];
  for (const line of decisions) {
    batch.push(line);
    held += line.length;
    if (held >= bytes) [sum, held, batch] = [sum + zstd(batch), 0, []];
  }
  return batch.length === 0 ? sum : sum + zstd(batch);
};
const n = decisions.length;
const sent = bodies.reduce((sum, body) => sum + body.length, 0) / bodies.length;
const rows = [...byKind].sort((a, b) => b[1].bytes / b[1].count - a[1].bytes / a[1].count);
const sorted = decisions.map(({ length }) => length).sort((a, b) => a - b);
console.log(`decisions ${n}, request ${sent.toFixed(0)} B`);
console.log(
  `plain ${(total / n).toFixed(0)} B, median ${sorted[n >> 1]}, largest ${sorted.at(-1)}`,
);
console.log(`zstd whole ${(zstd(decisions) / n).toFixed(0)} B`);
console.log(
  `zstd 8 MiB ${(pieces(8 << 20) / n).toFixed(0)} B, 64 KiB ${(pieces(1 << 16) / n).toFixed(0)} B`,
);
console.log(`each alone ${(pieces(1) / n).toFixed(0)} B`);
for (const [label, { count, bytes }] of rows) {
  console.log(`| ${label} | ${count} | ${(bytes / count).toFixed(0)} |`);
}
