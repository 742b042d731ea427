// One question over HTTP and where it leads: redirects are few, stay with https, and never take credentials elsewhere.
// Upstream: RFC 9110 section 15.4; golang.org/src/net/http redirectBehavior.
import type { Dispatcher } from 'undici';
import { errorCode } from '../../base/cause.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { ImageFault } from '../model.ts';
import type { Hosts } from './endpoint.ts';
import { type Failed, fault, noAnswer, notAllowed } from './faults.ts';
import { forbiddenUrl } from './guard.ts';
import type { Reach } from './reach.ts';

export type Question = {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Only goes to the origin of `url`. */
  readonly authorization: string | null;
  readonly body?: string;
  /** For messages: "the manifest 1.4 of shop/web". */
  readonly what: string;
  readonly signal: AbortSignal;
};

export type Reply = {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly body: Dispatcher.ResponseData['body'];
  /** Where it came from in the end. */
  readonly url: URL;
  /** Whether the host that was asked answered, and never sent us elsewhere. */
  readonly isOwn: boolean;
};

export type Exchange = (question: Question) => Promise<Result<Reply, Unanswered>>;

/** `lost`: the connection was, and another one may do. `late`: our own time was up. `refused`: by us, where it leads. */
export type Unanswered = {
  readonly kind: 'lost' | 'late' | 'silent' | 'refused';
  readonly fault: ImageFault;
};

const maxRedirects = 3;
const redirects = new Set([301, 302, 303, 307, 308]);
const lost = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

export function exchangeOver(reach: Reach, hosts: Hosts): Exchange {
  return async (question) => {
    let [url, isOwn] = [question.url, true];
    for (let hops = 0; ; hops++) {
      const sent = await send(reach, question, url, isOwn);
      if (!sent.ok) return sent;
      const { statusCode: status, headers, body } = sent.value;
      if (!redirects.has(status)) return ok({ status, headers, body, url, isOwn });
      discard(body, question.signal);
      const isEnough = hops === maxRedirects || question.method === 'POST';
      const next = isEnough ? tooMany(question) : nextUrl(headers['location'], url, hosts);
      if (!next.ok) return err({ kind: 'refused', fault: next.error });
      // What once left its host does not come back as its own: others chose the way.
      isOwn &&= next.value.origin === url.origin;
      url = next.value;
    }
  };
}

async function send(
  reach: Reach,
  { method, headers, authorization, body, what, signal }: Question,
  url: URL,
  isOwn: boolean,
): Promise<Result<Dispatcher.ResponseData, Unanswered>> {
  const credentials = isOwn && authorization !== null ? { authorization } : {};
  try {
    const sent = await reach.dispatcherFor(url).request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method,
      headers: { ...headers, ...credentials },
      body: body ?? null,
      signal,
    });
    // Threat: an error that nobody listens for, of a body that was left, would end the process.
    sent.body.on('error', () => {});
    return ok(sent);
  } catch (cause) {
    const { error } = noAnswer(url.host, what, cause, signal.aborted);
    return err({ kind: kindOf(cause, error, signal), fault: error });
  }
}

function kindOf(cause: unknown, { code }: ImageFault, signal: AbortSignal): Unanswered['kind'] {
  if (signal.aborted) return 'late';
  if (code === 'registry-not-allowed') return 'refused';
  return lost.has(errorCode(cause)) ? 'lost' : 'silent';
}

/** What is not read must not keep its connection. */
export function discard(body: Reply['body'], signal: AbortSignal): void {
  body.dump({ limit: 16 * 1024, signal }).catch(() => {});
}

function nextUrl(
  location: string | string[] | undefined,
  from: URL,
  hosts: Hosts,
): Result<URL, ImageFault> {
  const url = typeof location === 'string' ? URL.parse(location, from.href) : null;
  if (url === null) return fault('registry-answer', `${from.host} redirects to nowhere`);
  const why = unfit(url, hosts);
  return why === undefined
    ? ok(url)
    : notAllowed(url.host, `(${from.host} redirects to it) ${why}`);
}

/** Why a URL that a registry names is not followed; undefined: it may be. */
export function unfit(url: URL, hosts: Hosts): string | undefined {
  const isPlain = url.protocol === 'http:' && hosts.settingsOf(url)?.insecure === true;
  if (url.protocol !== 'https:' && !isPlain) return 'would be asked without TLS';
  if (url.username !== '' || url.password !== '') return 'is named with credentials';
  return forbiddenUrl(url, hosts);
}

function tooMany({ method, url, what }: Question): Failed {
  const most = method === 'POST' ? 'redirects' : `redirects more than ${maxRedirects} times`;
  return fault('registry-answer', `${url.host} ${most} when asked for ${what}`);
}
