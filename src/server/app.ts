// The HTTPS app: limits, arrival times, and answers to what goes wrong before or outside a route. No policy here.
// `logger: false`: a request's log is its record. No body schema: Fastify's would rewrite what it validates.
import type { Server, ServerOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { Code } from '../base/codes.ts';
import type { AnswerDeps } from './answer.ts';
import type { Lifecycle } from './lifecycle.ts';
import { type Answer, notDecided, refused, statusOf, unreadable } from './refuse.ts';
import { type SlowBodies, watchBodies } from './slow-bodies.ts';
import { turnSince } from './turn.ts';

export type App = FastifyInstance<Server>;

declare module 'fastify' {
  interface FastifyInstance {
    slowBodies: SlowBodies;
  }
  interface FastifyRequest {
    /** performance.now() when the headers were read. */
    arrived: number;
    /** Once it is known: our own faults can then still be answered with a review. */
    reviewUid: string | null;
  }
}

export type AppDeps = AnswerDeps & {
  /** Told of callers that never got to ask. */
  readonly refusedCaller: (cause: string, address: string) => void;
};

export function createApp(tls: ServerOptions, deps: AppDeps, lifecycle: Lifecycle): App {
  const { limits } = deps;
  const app: App = fastify<Server>({
    https: {
      ...tls,
      handshakeTimeout: limits.handshake,
      headersTimeout: limits.idle,
      connectionsCheckingInterval: limits.check,
    },
    requestTimeout: limits.idle,
    keepAliveTimeout: limits.idle,
    bodyLimit: limits.bodyBytes,
    logger: false,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (_error, request, reply) => void notFound(deps, request, reply),
    clientErrorHandler: (error, socket) => refuseBytes(deps, bodies, { error, socket }),
  });
  app.server.maxConnections = limits.connections;
  app.decorateRequest('arrived', 0);
  app.decorateRequest('reviewUid', null);
  const bodies = watchBodies(limits, () => deps.bodies.state().waiting > 0);
  app.decorate('slowBodies', bodies);
  app.addHook('onClose', async () => bodies.stop());
  app.addHook('onRequest', (request, reply, done) => {
    request.arrived = performance.now();
    if (lifecycle.phase() === 'closing') reply.header('connection', 'close');
    bodies.began(request.raw);
    // Threat: a body to a path that is not ours would be held outside the room that bodies have.
    if (request.is404) return void notFound(deps, request, reply);
    done();
  });
  // Bodies stay bytes: they are read by our own parser, within our own bounds.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, ({ raw }, body, done) => {
    bodies.ended(raw);
    done(null, body);
  });
  app.setNotFoundHandler((request, reply) => notFound(deps, request, reply));
  setErrorHandler(app, deps);
  return app;
}

/** What is sent to a path that is not ours leaves a record like all that cannot be read; who only looks does not. */
async function notFound(
  deps: AnswerDeps,
  { method, arrived }: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const code = 'path-unknown';
  if (method === 'GET' || method === 'HEAD') return send(reply, refusal(code));
  const read = { ...refused(code), uid: null, body: undefined };
  return send(reply, await unreadable(deps, read, turnSince(arrived ?? performance.now())));
}

const statusLines: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

type Broken = { readonly error: NodeJS.ErrnoException; readonly socket: Duplex };

/** Bytes that are no HTTP: answered in our own words, recorded, and the connection ends. */
function refuseBytes(deps: AppDeps, bodies: SlowBodies, { error, socket }: Broken): void {
  // A handshake that fails ends here too: it has brought no request yet.
  const isHttp = /^(HPE|ERR_HTTP)_/.test(error.code ?? '');
  if (!isHttp || !socket.writable) {
    if (!isHttp) tellRefused(deps, error, socket);
    socket.destroy();
    return;
  }
  const refusal = refused('review-syntax');
  const body = JSON.stringify(refusal);
  const head = [
    `HTTP/1.1 ${statusLines[error.code ?? ''] ?? '400 Bad Request'}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  // A body that broke off is told by whoever was reading it.
  if (bodies.isComing(socket)) return;
  const read = { ...refusal, uid: null, body: undefined };
  void unreadable(deps, read, turnSince(performance.now()));
}

/** A certificate that is not believed, none at all, or bytes that are no TLS. Who only hangs up is not told: probes do. */
function tellRefused(deps: AppDeps, error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!(socket instanceof TLSSocket)) return;
  const { authorizationError, remoteAddress = '' } = socket;
  const cause = authorizationError ? String(authorizationError) : (error.code ?? 'ERR_TLS');
  if (!/^E(CONN|PIPE)/.test(cause)) deps.refusedCaller(cause, remoteAddress);
}

/** A sender's fault is refused by its code. Our own is a denial when the uid is known, and always logged. */
function setErrorHandler(app: App, deps: AnswerDeps): void {
  app.setErrorHandler<FastifyError>(async (error, request, reply) => {
    const code = codeOf(error);
    if (code !== 'internal-error') {
      const read = { ...refused(code), uid: null, body: undefined };
      return send(reply, await unreadable(deps, read, turnSince(request.arrived)));
    }
    deps.log.error({ err: error, uid: request.reviewUid }, 'a fault of Sekisho itself');
    const { reviewUid: uid } = request;
    if (uid === null) return send(reply, refusal(code));
    return send(reply, notDecided(deps, uid, refused(code)));
  });
}

function codeOf({ code, statusCode }: FastifyError): Code {
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'review-too-large';
  if (statusCode === 415) return 'content-type';
  // What is left of 4xx: a body that ends early, or is longer or shorter than it said.
  return statusCode !== undefined && statusCode < 500 ? 'review-syntax' : 'internal-error';
}

export function refusal(code: Code): Answer {
  return { status: statusOf(code), body: refused(code) };
}

export function send(reply: FastifyReply, { status, body }: Answer) {
  return reply.code(status).header('content-type', 'application/json').send(JSON.stringify(body));
}
