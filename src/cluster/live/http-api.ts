// The API over HTTPS: bounded answers, a stream of lines for watches, an end for everything that waits.
// A kubeconfig is read again when the server does not know us or cannot be reached: certificates and tokens change.
import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { get, isObject, type JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { cut, printable } from '../../base/text.ts';
import { parseJson } from '../../yaml/json.ts';
import { type Api, type ApiFault, statusFault } from './api.ts';
import { type Access, loadAccess, type Whereabouts } from './kubeconfig.ts';
import { lineReader } from './lines.ts';

/** One page of a list, or one event. */
const limits = { maxBytes: 64 * 1024 * 1024, maxDepth: 200 };
const maxMessage = 300;
/** Milliseconds without a byte before the first answer of a watch. */
const answerTimeout = 10_000;

type Call = { readonly method: string; readonly path: string; readonly body?: string };

export function httpApi(where: Whereabouts): Api {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 4, timeout: 0 });
  let access: Promise<Result<Access, string>> | undefined;
  const settled = <T>(result: Result<T, ApiFault>): Result<T, ApiFault> => {
    const suspicious = !result.ok && /^(unreachable|forbidden)$/.test(result.error.kind);
    if (suspicious) access = undefined;
    return result;
  };
  const open = async (call: Call, signal: AbortSignal): Promise<IncomingMessage> => {
    access ??= loadAccess(where);
    const known = await access;
    if (!known.ok) throw new Error(`the cluster's address cannot be used: ${known.error}`);
    const options = { agent, ...(await known.value.options()), signal };
    return respond(known.value.server, call, options);
  };
  const ask = async (call: Call, timeout: number): Promise<Result<JsonObject, ApiFault>> => {
    try {
      const response = await open(call, AbortSignal.timeout(timeout));
      return settled(answerOf(response, await bodyOf(response)));
    } catch (error) {
      return settled(err(unreachable(error)));
    }
  };
  return {
    get: (path, timeout) => ask({ method: 'GET', path }, timeout),
    post: (path, body, timeout) =>
      ask({ method: 'POST', path, body: JSON.stringify(body) }, timeout),
    async watch(path, told, signal) {
      try {
        return settled(await follow(await open({ method: 'GET', path }, signal), told));
      } catch (error) {
        return signal.aborted ? ok(null) : settled(err(unreachable(error)));
      }
    },
    close: () => agent.destroy(),
  };
}

function respond(
  server: URL,
  { method, path, body }: Call,
  options: RequestOptions,
): Promise<IncomingMessage> {
  const prefix = server.pathname.replace(/\/$/, '');
  const headers = {
    ...options.headers,
    accept: 'application/json',
    'user-agent': 'sekisho',
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  };
  return new Promise((resolve, reject) => {
    const target = new URL(`${prefix}${path}`, server);
    const sent = request(target, { ...options, method, headers }, resolve);
    sent.setTimeout(answerTimeout, () => sent.destroy(new Error('no answer in time')));
    sent.once('response', () => sent.setTimeout(0));
    sent.once('error', reject);
    sent.end(body);
  });
}

async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const piece = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += piece.length;
    if (size > limits.maxBytes) throw new Error('the answer is larger than the limit');
    chunks.push(piece);
  }
  return Buffer.concat(chunks);
}

function answerOf(response: IncomingMessage, body: Buffer): Result<JsonObject, ApiFault> {
  const { statusCode = 0 } = response;
  const parsed = parseJson(body, limits);
  const value = parsed.ok && isObject(parsed.value) ? parsed.value : undefined;
  if (statusCode < 200 || statusCode > 299) return err(refusal(response, value));
  return value === undefined ? err(unreachable('the answer is no JSON object')) : ok(value);
}

function refusal(response: IncomingMessage, body: JsonObject | undefined): ApiFault {
  const said = get(body, 'message');
  const message = typeof said === 'string' ? said : (response.statusMessage ?? '');
  const wait = Number(response.headers['retry-after'] ?? Number.NaN);
  const retryAfter = Number.isFinite(wait) && wait >= 0 ? wait * 1000 : null;
  return statusFault(response.statusCode ?? 0, shown(message), retryAfter);
}

async function follow(
  response: IncomingMessage,
  told: (event: JsonObject) => void,
): Promise<Result<null, ApiFault>> {
  if (response.statusCode !== 200) {
    const refused = answerOf(response, await bodyOf(response));
    return refused.ok ? err(unreachable('no watch was opened')) : refused;
  }
  const lines = lineReader(limits.maxBytes);
  for await (const chunk of response) {
    for (const line of lines.take(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)))) {
      const event = parseJson(line, limits);
      if (!event.ok || !isObject(event.value)) return err(unreachable('an event is no JSON'));
      told(event.value);
    }
  }
  return ok(null);
}

function unreachable(error: unknown): ApiFault {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return { kind: 'unreachable', message: shown(text), retryAfter: null };
}

function shown(text: string): string {
  return cut(printable(text), maxMessage);
}
