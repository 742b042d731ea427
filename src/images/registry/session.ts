// Asking one repository as somebody: the place in line, the patience and the login that every question of ours needs.
import { ok, type Result } from '../../base/result.ts';
import type { ImageFault } from '../model.ts';
import { type Breaker, breaker } from './breaker.ts';
import { parseChallenge } from './challenge.ts';
import { loginFor } from './credentials.ts';
import { type Endpoint, endpointsOf, type Hosts } from './endpoint.ts';
import { discard, type Exchange, type Question, type Reply } from './exchange.ts';
import { badStatus, noAnswer } from './faults.ts';
import { kept } from './kept.ts';
import { inOrder } from './mirrors.ts';
import { type Pace, pace } from './pace.ts';
import { patiently } from './patience.ts';
import { type Places, places } from './places.ts';
import type { RegistryPorts } from './ports.ts';
import type { Asking, Login, Repository } from './registry.ts';
import type { RegistrySettings } from './settings.ts';
import { answerChallenge } from './tokens.ts';

/** `path` below the repository, `manifests/1.4`, or the whole URL of a further page. */
export type Wanted = {
  readonly method: 'GET' | 'HEAD';
  readonly path: string;
  readonly accept: string;
  readonly what: string;
  /** Statuses by which the registry says that there is no such thing; 404 where nothing is said. */
  readonly absent?: ReadonlySet<number>;
};

type Use<T> = (reply: Reply, question: Question) => Promise<Result<T, ImageFault>>;

/** null: the registry says that there is no such thing. `use` reads the answer before the place in line is given back. */
export type Ask = <T>(
  repository: Repository,
  wanted: Wanted,
  asking: Asking,
  use: Use<T>,
) => Promise<Result<T | null, ImageFault>>;

type Conduct = { readonly places: Places; readonly pace: Pace; readonly breaker: Breaker };
type Grants = ReturnType<typeof kept<{ readonly authorization: string; readonly until: number }>>;

const mostHosts = 256;
const mostGrants = 1024;

export function openAsk(
  settings: RegistrySettings,
  ports: RegistryPorts,
  hosts: Hosts,
  exchange: Exchange,
): Ask {
  const conducts = kept<Conduct>(mostHosts);
  const grants: Grants = kept(mostGrants);
  const conductOf = (host: string): Conduct => {
    const known = conducts.get(host);
    if (known !== undefined) return known;
    const { now } = ports;
    const made = { places: places(settings.concurrency), pace: pace(now), breaker: breaker(now) };
    conducts.set(host, made);
    return made;
  };
  const askAt = async <T>(endpoint: Endpoint, wanted: Wanted, asking: Asking, use: Use<T>) => {
    const conduct = conductOf(endpoint.host);
    const place = await inTurn(conduct, ports, asking.signal).catch(() => undefined);
    if (place === undefined)
      return noAnswer(endpoint.host, wanted.what, asking.signal.reason, true);
    try {
      const ask = patiently(exchange, conduct.breaker, ports);
      const session = { ask, exchange, hosts, grants, ports, settings, endpoint };
      return await answered(session, wanted, asking, use);
    } finally {
      place();
    }
  };
  return async (repository, wanted, asking, use) => {
    const endpoints = endpointsOf(repository, hosts, ports.allowed);
    if (!endpoints.ok) return endpoints;
    const own = endpoints.value.filter(({ base }) => isBelow(wanted, base));
    return inOrder(own, asking, settings.mirrorMs, (endpoint, bounded) =>
      askAt(endpoint, wanted, bounded, use),
    );
  };
}

/** A further page is only there where the first one was. */
function isBelow({ path }: Wanted, base: URL): boolean {
  return new URL(path, base).origin === base.origin;
}

/** A function that gives the place back; rejects with the signal's reason. */
async function inTurn(
  { places: line, pace: rate }: Conduct,
  { sleep }: RegistryPorts,
  signal: AbortSignal,
): Promise<() => void> {
  const leave = await line.take(signal);
  const pause = rate.next();
  if (pause === 0) return leave;
  try {
    await sleep(pause, signal);
    return leave;
  } catch (reason) {
    leave();
    throw reason;
  }
}

type Session = {
  readonly ask: (question: Question) => Promise<Result<Reply, ImageFault>>;
  readonly exchange: Exchange;
  readonly hosts: Hosts;
  readonly grants: Grants;
  readonly ports: RegistryPorts;
  readonly settings: RegistrySettings;
  readonly endpoint: Endpoint;
};

export const notFound: ReadonlySet<number> = new Set([404]);

async function answered<T>(
  session: Session,
  { method, path, accept, what, absent = notFound }: Wanted,
  asking: Asking,
  use: Use<T>,
): Promise<Result<T | null, ImageFault>> {
  const { base, host } = session.endpoint;
  const headers = { accept, 'accept-encoding': 'identity', 'user-agent': 'sekisho' };
  const { signal } = asking;
  const question = { method, url: new URL(path, base), headers, authorization: null, what, signal };
  const reply = await withLogin(session, question, asking);
  if (!reply.ok) return reply;
  const { status, isOwn, body } = reply.value;
  if (status === 200) return use(reply.value, question);
  discard(body, signal);
  // Only the registry itself knows that there is no such thing.
  if (absent.has(status) && isOwn) return ok(null);
  return badStatus(isOwn ? host : reply.value.url.host, what, status);
}

/** With what was granted before; else, or once that is refused, as the challenge of the registry wants it. */
async function withLogin(
  session: Session,
  question: Question,
  { credentials }: Asking,
): Promise<Result<Reply, ImageFault>> {
  const { ask, grants, ports, endpoint } = session;
  const key = JSON.stringify([endpoint.base.href, credentials?.id ?? null]);
  const known = grants.get(key);
  const isFresh = known !== undefined && ports.now() < known.until;
  const first = await ask({ ...question, authorization: isFresh ? known.authorization : null });
  if (!first.ok || first.value.status !== 401 || !first.value.isOwn) return first;
  const challenge = parseChallenge([first.value.headers['www-authenticate'] ?? []].flat());
  if (challenge === undefined) return first;
  discard(first.value.body, question.signal);
  const login = await loginOf(session, credentials, question.signal);
  if (!login.ok) return login;
  const asking = { ...session, signal: question.signal };
  const grant = await answerChallenge(challenge, endpoint, login.value, asking);
  if (!grant.ok) return grant;
  const { authorization, lasts } = grant.value;
  const second = await ask({ ...question, authorization });
  const isGood = second.ok && second.value.status !== 401;
  if (isGood) grants.set(key, { authorization, until: ports.now() + lasts });
  else grants.delete(key);
  return second;
}

/** The pod's own, then the operator's, then the cloud's. */
async function loginOf(
  { settings, ports, endpoint: { repository } }: Session,
  credentials: Asking['credentials'],
  signal: AbortSignal,
): Promise<Result<Login | null, ImageFault>> {
  for (const each of [credentials, settings.credentials]) {
    const login = each === null ? undefined : loginFor(each, repository);
    if (login !== undefined) return ok(login);
  }
  return (await ports.ambient?.(repository.registry, signal)) ?? ok(null);
}
