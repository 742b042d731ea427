// S3 against a small server that knows how requests must look: places, signatures' shape, checksums, locks, parts.
// It proves nothing about what a real one accepts: no signature is computed anew, no policy or lock is enforced. With
// SEKISHO_S3 (URL of a server with path style, any keys, that may make buckets) the last test asks a real one.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectRetentionCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { type Test, test } from 'tap';
import type { S3Settings } from '../../src/ledger/export/settings.ts';
import { s3Sink } from '../../src/ledger/export/sinks/s3.ts';
import {
  type Answer,
  batchOf,
  never,
  type Received,
  receiver,
  unlimited,
} from './export-harness.ts';

const noon = Date.parse('2026-01-02T12:00:00Z');
const mebi = 1024 * 1024;

async function s3(t: Test, more: Partial<S3Settings> = {}, partBytes?: number) {
  const server = await receiver(t);
  server.answer(answerOf);
  const folder = t.testdir({ id: 'AKIDEXAMPLE\n', secret: 'hunter2\n' });
  const settings: S3Settings = {
    ...{ kind: 'S3', name: 's3', batch: unlimited, bucket: 'records', region: 'eu-central-1' },
    ...{ prefix: 'prod/a', endpoint: server.url, pathStyle: true, caFile: null, objectLock: null },
    credentials: {
      accessKeyIdFile: join(folder, 'id'),
      secretAccessKeyFile: join(folder, 'secret'),
    },
    ...more,
  };
  const sink = s3Sink(settings, () => noon, partBytes);
  t.teardown(() => sink.close());
  return { server, sink, folder };
}

/** As S3 answers when all is well. */
function answerOf({ method, url, headers }: Received): Answer {
  const query = new URL(url, 'http://x').searchParams;
  const checksum = headers['x-amz-checksum-sha256'];
  if (method === 'PUT') {
    const sum = typeof checksum === 'string' ? { 'x-amz-checksum-sha256': checksum } : {};
    return { status: 200, headers: { etag: `"${query.get('partNumber') ?? 'whole'}"`, ...sum } };
  }
  if (method === 'DELETE') return { status: 204 };
  const name = query.has('uploads')
    ? 'InitiateMultipartUploadResult'
    : 'CompleteMultipartUploadResult';
  return xml(200, `<${name}><Bucket>records</Bucket><UploadId>u1</UploadId></${name}>`);
}

function xml(status: number, text: string): Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>${text}`;
  return { status, headers: { 'content-type': 'application/xml' }, body };
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64');
const signature =
  /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/s3\/aws4_request, SignedHeaders=[a-z0-9;-]*x-amz-checksum-sha256[a-z0-9;-]*, Signature=[0-9a-f]{64}$/;

test('S3: a batch is one compressed object, named by replica, date, records and content', async (t) => {
  const { server, sink } = await s3(t);
  const batch = batchOf(['{"a":1}', '{"a":2}'], 41, noon);
  t.match(await sink.send(batch, never), { ok: true });
  t.match(await sink.send(batch, never), { ok: true });
  const [got, again] = server.got;
  if (got === undefined) throw new Error('nothing arrived');
  const name = `${'41'.padStart(20, '0')}-${'42'.padStart(20, '0')}-${batch.hash.slice(0, 16)}.jsonl.zst`;
  t.equal(got.method, 'PUT');
  t.equal(got.url.split('?')[0], `/records/prod/a/replica%25200/2026-01-02/${name}`);
  t.equal(zstdDecompressSync(got.body).toString(), '{"a":1}\n{"a":2}\n');
  t.match(got.headers, {
    authorization: signature,
    'x-amz-checksum-sha256': sha256(got.body),
    'x-amz-meta-first-seq': '41',
    'x-amz-meta-last-seq': '42',
    'x-amz-meta-last-hash': batch.hash,
    'content-type': 'application/zstd',
  });
  t.notMatch(got.headers, { 'x-amz-object-lock-mode': /./ });
  t.equal(again?.url, got.url, 'what is sent again has the same name');
  t.same(again?.body, got.body);
});

test('S3: an object is locked until its day, whole or in parts', async (t) => {
  const lock = {
    'x-amz-object-lock-mode': 'COMPLIANCE',
    'x-amz-object-lock-retain-until-date': /^2027-02-06T12:00:00(\.000)?Z$/,
  };
  for (const partBytes of [undefined, 10]) {
    const objectLock = { mode: 'COMPLIANCE', days: 400 } as const;
    const { server, sink } = await s3(t, { objectLock }, partBytes);
    t.match(await sink.send(batchOf(['{}'], 1, noon), never), { ok: true });
    t.match(server.got[0]?.headers, lock);
  }
});

test('S3: a large object goes in parts, each with its checksum, and is completed with all of them', async (t) => {
  const { server, sink } = await s3(t, {}, 5 * mebi);
  // Hardly compressible.
  const noise = Array.from({ length: 800 }, (_, i) =>
    createHash('shake256', { outputLength: 8192 }).update(String(i)).digest('hex'),
  );
  t.match(await sink.send(batchOf(noise), never), { ok: true });
  const [create, ...rest] = server.got;
  const [complete, parts] = [rest.at(-1), rest.slice(0, -1)];
  t.match(create, { method: 'POST', headers: { 'x-amz-checksum-algorithm': 'SHA256' } });
  t.match(create?.url, /\?uploads/);
  t.ok(parts.length >= 2, `${parts.length} parts`);
  for (const [i, part] of parts.entries()) {
    t.match(part.url, new RegExp(`partNumber=${i + 1}&uploadId=u1`));
    t.match(part.headers, { authorization: signature, 'x-amz-checksum-sha256': sha256(part.body) });
    t.ok(i === parts.length - 1 || part.body.length === 5 * mebi);
  }
  const body = Buffer.concat(parts.map((part) => part.body));
  t.equal(zstdDecompressSync(body).toString(), `${noise.join('\n')}\n`);
  const listed = complete?.body.toString() ?? '';
  t.match(complete?.url, /uploadId=u1/);
  for (const [i, part] of parts.entries()) {
    t.match(listed, `<PartNumber>${i + 1}</PartNumber>`);
    t.match(listed, `<ChecksumSHA256>${sha256(part.body)}</ChecksumSHA256>`);
  }
});

test('S3: an upload that fails on the way is thrown away, and tried again', async (t) => {
  const { server, sink } = await s3(t, {}, 10);
  server.answer((request) =>
    request.url.includes('partNumber=2')
      ? xml(503, '<Error><Code>SlowDown</Code></Error>')
      : answerOf(request),
  );
  t.match(await sink.send(batchOf(['{"a":1}']), never), {
    error: { kind: 'again', cause: 'busy' },
  });
  t.match(server.got.at(-1), { method: 'DELETE', url: /uploadId=u1/ });
});

const answers: readonly (readonly [number, string, object])[] = [
  [503, 'SlowDown', { kind: 'again', cause: 'busy' }],
  [500, 'InternalError', { kind: 'again', cause: 'busy' }],
  [403, 'AccessDenied', { kind: 'halt', cause: 'refused' }],
  [403, 'RequestTimeTooSkewed', { kind: 'again', cause: 'refused' }],
  [404, 'NoSuchBucket', { kind: 'halt', cause: 'refused' }],
  [400, 'InvalidRequest', { kind: 'halt', cause: 'refused' }],
  [301, 'PermanentRedirect', { kind: 'halt', cause: 'refused' }],
];

for (const [status, code, fault] of answers) {
  test(`S3: ${status} ${code} is a fault of its kind, and nothing else is asked`, async (t) => {
    const { server, sink } = await s3(t);
    server.answer(() => xml(status, `<Error><Code>${code}</Code><Message>no</Message></Error>`));
    const sent = await sink.send(batchOf(['{}']), never);
    t.match(sent, { ok: false, error: { ...fault, message: new RegExp(code) } });
    t.notMatch(JSON.stringify(sent), 'hunter2');
    t.equal(server.got.length, 1);
  });
}

test('S3: nobody there, a stop, and a file of keys that is not there', async (t) => {
  const gone = await s3(t, { endpoint: 'http://127.0.0.1:1' });
  t.match(await gone.sink.send(batchOf(['{}']), never), {
    error: { kind: 'again', cause: 'unreachable' },
  });
  const { server, sink } = await s3(t);
  server.answer(() => undefined);
  const stop = new AbortController();
  const sending = sink.send(batchOf(['{}']), stop.signal);
  while (server.got.length === 0) await new Promise(setImmediate);
  stop.abort();
  t.match(await sending, { error: { kind: 'again' } });
  const keys = { accessKeyIdFile: '/none', secretAccessKeyFile: '/none' };
  const keyless = await s3(t, { credentials: keys });
  t.match(await keyless.sink.send(batchOf(['{}']), never), {
    error: { kind: 'halt', cause: 'settings' },
  });
});

test('S3: with the bucket in the host name, and no prefix', async (t) => {
  const { server, sink } = await s3(t, { pathStyle: false, prefix: '' });
  await sink.send(batchOf(['{}'], 1, noon), never);
  t.match(server.got[0]?.headers.host ?? 'unresolved', /^(records\.localhost:\d+|unresolved)$/);
  if (server.got[0] !== undefined) t.match(server.got[0].url, /^\/replica%25200\/2026-01-02\//);
});

const real = process.env['SEKISHO_S3'] ?? '';
const skip = real === '' && 'no server: SEKISHO_S3 is not set';

test('S3: a real server keeps whole objects and those in parts', { skip }, async (t) => {
  const folder = t.testdir({ id: 'test', secret: 'test' });
  const bucket = `sekisho-${process.pid}-${Date.now()}`;
  const client = new S3Client({
    ...{ endpoint: real, region: 'us-east-1', forcePathStyle: true },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  t.teardown(() => client.destroy());
  await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
  const files = {
    accessKeyIdFile: join(folder, 'id'),
    secretAccessKeyFile: join(folder, 'secret'),
  };
  const sink = s3Sink(
    {
      ...{ kind: 'S3', name: 's3', batch: unlimited, bucket, region: 'us-east-1', prefix: 'p' },
      ...{ endpoint: real, pathStyle: true, caFile: null, credentials: files },
      objectLock: { mode: 'GOVERNANCE', days: 1 },
    },
    Date.now,
    5 * mebi,
  );
  t.teardown(() => sink.close());
  const noise = Array.from({ length: 800 }, (_, i) =>
    createHash('shake256', { outputLength: 8192 }).update(String(i)).digest('hex'),
  );
  for (const bodies of [['{}'], noise]) {
    const batch = { ...batchOf(bodies, 1, noon), replica: 'r' };
    t.match(await sink.send(batch, never), { ok: true });
    const last = String(bodies.length).padStart(20, '0');
    const name = `${'1'.padStart(20, '0')}-${last}-${batch.hash.slice(0, 16)}.jsonl.zst`;
    const Key = `p/r/2026-01-02/${name}`;
    const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
    const version = { Bucket: bucket, Key, VersionId: object.VersionId };
    const { Retention } = await client.send(new GetObjectRetentionCommand(version));
    t.equal(Retention?.Mode, 'GOVERNANCE');
    await t.rejects(client.send(new DeleteObjectCommand(version)), 'what is locked stays');
    const body = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
    t.equal(zstdDecompressSync(body).toString(), `${bodies.join('\n')}\n`);
  }
});
