// An object for each batch: PREFIX/REPLICA/DATE/FIRST-LAST-HASH.jsonl.zst. The name holds the hash of the last line, which
// stands for all before it: what is sent again replaces itself, and a ledger that began anew replaces nothing of the old one.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html

import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import type * as Sdk from '@aws-sdk/client-s3';
import { errorCode, messageOf } from '../../../base/cause.ts';
import { ok, type Result } from '../../../base/result.ts';
import { cut, printable } from '../../../base/text.ts';
import { fault, readTls } from '../post.ts';
import type { S3Settings } from '../settings.ts';
import type { Batch, Sink, SinkFault } from '../sink.ts';
import { ndjson } from './http.ts';

const compress = promisify(zstdCompress);
/** What a part must have at least is 5 MiB. */
const defaultPartBytes = 8 * 1024 * 1024;
const dayMs = 86_400_000;

type Loaded = { readonly sdk: typeof Sdk; readonly client: Sdk.S3Client };

export function s3Sink(
  settings: S3Settings,
  now: () => number,
  partBytes = defaultPartBytes,
): Sink {
  let loaded: Promise<Loaded> | undefined;
  return {
    async send(batch, signal) {
      const tls = await readTls({ caFile: settings.caFile, certFile: null, keyFile: null });
      if (!tls.ok) return tls;
      try {
        // Loaded by who uses it: it is large.
        loaded ??= load(settings, tls.value.ca);
        const { sdk, client } = await loaded;
        const body = await compressed(batch);
        const target = { ...placeOf(settings, batch), ...lockOf(settings, now()) };
        const object: Upload = { sdk, client, target, signal };
        if (body.length <= partBytes) await putWhole(object, body);
        else await putParts(object, body, partBytes);
        return ok(undefined);
      } catch (cause) {
        return faultOf(cause);
      }
    },
    async close() {
      (await loaded?.catch(() => undefined))?.client.destroy();
    },
  };
}

async function load(settings: S3Settings, ca: Buffer | undefined): Promise<Loaded> {
  const sdk = await import('@aws-sdk/client-s3');
  const { region, endpoint, pathStyle, credentials } = settings;
  const client = new sdk.S3Client({
    region,
    forcePathStyle: pathStyle,
    ...(endpoint === null ? {} : { endpoint }),
    ...(credentials === null ? {} : { credentials: () => credentialsOf(credentials) }),
    // The exporter's own pauses are longer than the client's would be.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 5_000,
      requestTimeout: 60_000,
      ...(ca === undefined ? {} : { httpsAgent: new Agent({ ca, keepAlive: true }) }),
    },
  });
  return { sdk, client };
}

/** Read again every five minutes: keys are exchanged while we run. */
async function credentialsOf(
  files: NonNullable<S3Settings['credentials']>,
): Promise<{ accessKeyId: string; secretAccessKey: string; expiration: Date }> {
  const read = async (path: string): Promise<string> => (await readFile(path, 'utf8')).trim();
  return {
    accessKeyId: await read(files.accessKeyIdFile),
    secretAccessKey: await read(files.secretAccessKeyFile),
    expiration: new Date(Date.now() + 600_000),
  };
}

function compressed(batch: Batch): Promise<Buffer> {
  const params = { [constants.ZSTD_c_checksumFlag]: 1 };
  return compress(ndjson(batch), { params });
}

type Target = Omit<Sdk.PutObjectCommandInput, 'Body'> & { Bucket: string; Key: string };

function placeOf({ bucket, prefix }: S3Settings, batch: Batch): Target {
  const { replica, records, hash } = batch;
  const [first, last] = [records[0]?.seq ?? 0, records.at(-1)?.seq ?? 0];
  const date = new Date(records[0]?.at ?? 0).toISOString().slice(0, 10);
  const name = `${padded(first)}-${padded(last)}-${hash.slice(0, 16)}.jsonl.zst`;
  const folder = encodeURIComponent(replica);
  return {
    Bucket: bucket,
    Key: [prefix, folder, date, name].filter((part) => part !== '').join('/'),
    ContentType: 'application/zstd',
    Metadata: {
      replica: folder,
      'first-seq': String(first),
      'last-seq': String(last),
      'last-hash': hash,
    },
  };
}

function padded(seq: number): string {
  return String(seq).padStart(20, '0');
}

function lockOf({ objectLock }: S3Settings, now: number): Partial<Target> {
  if (objectLock === null) return {};
  return {
    ObjectLockMode: objectLock.mode,
    ObjectLockRetainUntilDate: new Date(now + objectLock.days * dayMs),
  };
}

type Upload = Loaded & { readonly target: Target; readonly signal: AbortSignal };

async function putWhole({ sdk, client, target, signal }: Upload, body: Buffer): Promise<void> {
  const input = { ...target, Body: body, ChecksumAlgorithm: 'SHA256' as const };
  await client.send(new sdk.PutObjectCommand(input), { abortSignal: signal });
}

/** A half upload is thrown away as well as it can be: parts that nobody completes cost storage. */
async function putParts(upload: Upload, body: Buffer, partBytes: number): Promise<void> {
  const { sdk, client, target, signal } = upload;
  const options = { abortSignal: signal };
  const begun = await client.send(
    new sdk.CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'SHA256' }),
    options,
  );
  const place = { Bucket: target.Bucket, Key: target.Key, UploadId: begun.UploadId };
  try {
    const parts: Sdk.CompletedPart[] = [];
    for (let at = 0; at < body.length; at += partBytes) {
      const part = {
        ...place,
        PartNumber: parts.length + 1,
        Body: body.subarray(at, at + partBytes),
        ChecksumAlgorithm: 'SHA256' as const,
      };
      const sent = await client.send(new sdk.UploadPartCommand(part), options);
      const { ETag, ChecksumSHA256 } = sent;
      parts.push({ ETag, ChecksumSHA256, PartNumber: part.PartNumber });
    }
    const complete = { ...place, MultipartUpload: { Parts: parts } };
    await client.send(new sdk.CompleteMultipartUploadCommand(complete), options);
  } catch (cause) {
    await client.send(new sdk.AbortMultipartUploadCommand(place)).catch(() => {});
    throw cause;
  }
}

function faultOf(cause: unknown): Result<never, SinkFault> {
  const name = cause instanceof Error ? cause.name : '';
  const status = statusOf(cause);
  const what = [name, status === undefined ? '' : `status ${status}`, messageOf(cause)];
  const message = cut(printable(what.filter((part) => part !== '').join(': ')), 300);
  if (name === 'CredentialsProviderError') return fault('halt', 'settings', message);
  if (name === 'TimeoutError') return fault('again', 'timeout', message);
  if (name === 'SlowDown' || name === 'RequestTimeout') return fault('again', 'busy', message);
  // The clock of this machine is off, or was: it may be set.
  if (name === 'RequestTimeTooSkewed') return fault('again', 'refused', message);
  if (status === undefined) {
    const file = errorCode(cause) === 'ENOENT';
    return file ? fault('halt', 'settings', message) : fault('again', 'unreachable', message);
  }
  if (status === 408 || status === 429 || status >= 500) return fault('again', 'busy', message);
  return fault('halt', 'refused', message);
}

function statusOf(cause: unknown): number | undefined {
  if (!(cause instanceof Error) || !('$metadata' in cause)) return undefined;
  const metadata: unknown = cause.$metadata;
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  if (!('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
