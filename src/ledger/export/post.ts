// One POST over HTTP or HTTPS, with what it needs read anew from its files, bounded in time and in what it reads back.
// Redirects are not followed: a record goes where the settings say, or nowhere.

import { readFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { messageOf } from '../../base/cause.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { cut, printable } from '../../base/text.ts';
import type { TlsFiles } from './settings.ts';
import type { FaultCause, SinkFault } from './sink.ts';

export type Post = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly tls: TlsFiles;
  readonly timeoutMs: number;
  /** For HTTP dates in Retry-After. */
  readonly now: () => number;
};

const told = 200;

/** Ok is a status from 200 to 299. */
export async function post(what: Post, signal: AbortSignal): Promise<Result<void, SinkFault>> {
  const tls = await readTls(what.tls);
  if (!tls.ok) return tls;
  const timeout = AbortSignal.timeout(what.timeoutMs);
  const options: RequestOptions & TlsOptions = {
    ...tls.value,
    method: 'POST',
    agent: false,
    headers: { ...what.headers, 'content-length': String(what.body.length) },
    signal: AbortSignal.any([signal, timeout]),
  };
  try {
    return answerOf(await exchange(what.url, options, what.body), what.now());
  } catch (cause) {
    if (timeout.aborted) return fault('again', 'timeout', `no answer in ${what.timeoutMs} ms`);
    return fault('again', 'unreachable', messageOf(cause));
  }
}

type Answer = { readonly status: number; readonly retryAfter: string; readonly text: string };

function exchange(url: string, options: RequestOptions, body: Buffer): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const start = url.startsWith('https:') ? httpsRequest : httpRequest;
  const request = start(url, options, (response) => {
    readStart(response).then(resolve, reject);
  });
  // A receiver that answers before it has read everything ends the writing: its answer counts.
  request.on('error', reject);
  request.end(body);
  return promise;
}

/** The beginning of an answer is enough to tell somebody; the rest is not read. */
async function readStart(response: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response) {
    if (!Buffer.isBuffer(part)) continue;
    parts.push(part);
    length += part.length;
    if (length >= told * 4) break;
  }
  response.destroy();
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'] ?? '',
    text: cut(printable(Buffer.concat(parts).toString('utf8').trim()), told),
  };
}

function answerOf({ status, retryAfter, text }: Answer, now: number): Result<void, SinkFault> {
  if (status >= 200 && status < 300) return ok(undefined);
  const message = text === '' ? `status ${status}` : `status ${status}: ${text}`;
  const after = milliseconds(retryAfter, now);
  const more = after === undefined ? {} : { after };
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return err({ kind: 'again', cause: 'busy', message, ...more });
  }
  return fault('halt', 'refused', message);
}

/** Retry-After: seconds, or an HTTP date (RFC 9110, 10.2.3). */
function milliseconds(text: string, now: number): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

export type TlsOptions = { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };

/** Read each time: certificates are renewed while we run. */
export async function readTls(files: TlsFiles): Promise<Result<TlsOptions, SinkFault>> {
  const named = { ca: files.caFile, cert: files.certFile, key: files.keyFile };
  const read: Record<string, Buffer> = {};
  for (const [name, path] of Object.entries(named)) {
    if (path === null) continue;
    const bytes = await readFile(path).catch(messageOf);
    if (typeof bytes === 'string') return fault('halt', 'settings', bytes);
    read[name] = bytes;
  }
  return ok(read);
}

/** A secret in a file, without the line break at its end. */
export async function readSecret(path: string): Promise<Result<string, SinkFault>> {
  try {
    const text = (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
    return text === '' ? fault('halt', 'settings', `${path} is empty`) : ok(text);
  } catch (cause) {
    return fault('halt', 'settings', messageOf(cause));
  }
}

export function fault(
  kind: SinkFault['kind'],
  cause: FaultCause,
  message: string,
): Result<never, SinkFault> {
  return err({ kind, cause, message });
}
