// What is sent as Authorization: found out from a registry's challenge, kept until it runs out, and given to no host
// but the registry's own and those that its settings name. Upstream: the token and OAuth 2 pages of distribution/spec/auth.
import { get } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { cut, quote } from '../../base/text.ts';
import type { ImageFault } from '../model.ts';
import { readJson } from './body.ts';
import type { Challenge } from './challenge.ts';
import type { Endpoint, Hosts } from './endpoint.ts';
import { discard, type Exchange, type Question, unfit } from './exchange.ts';
import { badStatus, type Failed, fault, notAllowed } from './faults.ts';
import type { Login } from './registry.ts';

/** What is sent, and for how many milliseconds it is good. */
export type Grant = { readonly authorization: string; readonly lasts: number };

const answerLimits = { bytes: 64 * 1024 } as const;
const usualSeconds = 60;
const longestSeconds = 3600;
/** A token that runs out on its way is of no use. */
const marginSeconds = 10;
const basicMs = longestSeconds * 1000;

export async function answerChallenge(
  challenge: Challenge,
  endpoint: Endpoint,
  login: Login | null,
  asking: { readonly exchange: Exchange; readonly hosts: Hosts; readonly signal: AbortSignal },
): Promise<Result<Grant, ImageFault>> {
  if (challenge.kind === 'bearer') return fetchToken(challenge, endpoint, login, asking);
  if (login?.kind === 'password') return ok({ authorization: basic(login), lasts: basicMs });
  const fix = 'give it (registryConfig, or pullSecrets)';
  return fault('registry-denied', `${endpoint.host} wants a name and password: ${fix}`);
}

type Bearer = Extract<Challenge, { kind: 'bearer' }>;
type Asking = Parameters<typeof answerChallenge>[3];

async function fetchToken(
  challenge: Bearer,
  endpoint: Endpoint,
  login: Login | null,
  { exchange, hosts, signal }: Asking,
): Promise<Result<Grant, ImageFault>> {
  const realm = realmOf(challenge, endpoint, login, hosts);
  if (!realm.ok) return realm;
  const question = tokenQuestion(realm.value, challenge, endpoint, login, signal);
  const reply = await exchange(question);
  if (!reply.ok) return err(reply.error.fault);
  const { status, url, body } = reply.value;
  if (status !== 200) {
    discard(body, signal);
    return status === 400
      ? refused(url.host, endpoint)
      : badStatus(url.host, question.what, status);
  }
  const read = await readJson(reply.value, question, answerLimits);
  return read.ok ? grantIn(read.value, url.host) : read;
}

/** Threat: whoever answers for a registry names the realm, and would have credentials sent wherever it likes. */
function realmOf(
  { realm }: Bearer,
  { base, host, tokenHosts }: Endpoint,
  login: Login | null,
  hosts: Hosts,
): Result<URL, ImageFault> {
  const url = URL.parse(realm);
  if (url === null) return fault('registry-answer', `${host} asks for a token from nowhere`);
  const why = unfit(url, hosts);
  if (why !== undefined) return notAllowed(url.host, `(${host} asks for a token from it) ${why}`);
  if (login === null || url.origin === base.origin || tokenHosts.includes(url.host)) return ok(url);
  const where = quote(cut(url.host, 256));
  const fix = `if it is right, add ${where} to tokenHosts of the registry`;
  return fault('registry-denied', `${host} wants its credentials to be sent to ${where}: ${fix}`);
}

function tokenQuestion(
  realm: URL,
  { service, scope: wanted }: Bearer,
  { repository, host }: Endpoint,
  login: Login | null,
  signal: AbortSignal,
): Question {
  const scope = pullScope.test(wanted) ? wanted : `repository:${repository.path}:pull`;
  const query = { ...(service === '' ? {} : { service }), scope };
  const common = { what: `a token for ${host}`, signal };
  if (login?.kind === 'identity-token') {
    const grant = { grant_type: 'refresh_token', client_id: 'sekisho', refresh_token: login.token };
    const headers = { accept: 'application/json', 'content-type': formType };
    const body = new URLSearchParams({ ...grant, ...query }).toString();
    return { method: 'POST', url: realm, headers, authorization: null, body, ...common };
  }
  const url = new URL(realm);
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
  const authorization = login === null ? null : basic(login);
  return { method: 'GET', url, headers: { accept: 'application/json' }, authorization, ...common };
}

/** More than reading is never asked for. */
const pullScope = /^repository:[^\s:]+(?::\d+\/[^\s:]+)?:pull$/;
const formType = 'application/x-www-form-urlencoded';
/** What may stand in a header. */
const tokenForm = /^[\x21-\x7e]{1,32768}$/;

function grantIn(answer: unknown, host: string): Result<Grant, ImageFault> {
  const token = [get(answer, 'token'), get(answer, 'access_token')].find(
    (each) => typeof each === 'string' && tokenForm.test(each),
  );
  if (token === undefined)
    return fault('registry-answer', `${host} gives no token that can be used`);
  const said = get(answer, 'expires_in');
  const seconds = typeof said === 'number' && said > 0 ? said : usualSeconds;
  const lasts = Math.max(0, Math.min(seconds, longestSeconds) - marginSeconds) * 1000;
  return ok({ authorization: `Bearer ${String(token)}`, lasts });
}

function refused(from: string, { host }: Endpoint): Failed {
  return fault('registry-denied', `${from} gives no token for ${host}: look at the credentials`);
}

function basic({ username, password }: Extract<Login, { kind: 'password' }>): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
