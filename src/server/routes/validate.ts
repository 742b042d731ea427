// POST /validate, and /validate/ENTRY, which evaluates only the policies of one entry of the webhook configuration:
// `fail` and `ignore` are all policies of that failurePolicy. A name that no policy set can have is no path.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isEntryName } from '../../policy/registration/entries.ts';
import { type AnswerDeps, answer } from '../answer.ts';
import { type App, send } from '../app.ts';
import type { Release } from '../capacity.ts';
import { isJson } from '../content-type.ts';
import { deadlineOf } from '../deadline.ts';
import { overloaded, refused, unreadable } from '../refuse.ts';
import { turnSince } from '../turn.ts';

const routes = ['/validate', '/validate/:entry'] as const;

type Asking = Pick<FastifyRequest, 'headers' | 'arrived'> & {
  readonly query: { readonly timeout?: unknown };
};

export function validateRoutes(app: App, deps: AnswerDeps): void {
  for (const url of routes) {
    app.route<{ Querystring: { timeout?: unknown }; Params: { entry?: string } }>({
      method: 'POST',
      url,
      // Before the body is read: what is not ours costs no memory.
      onRequest: (request, reply, done) => {
        const { entry } = request.params;
        if (entry !== undefined && !isEntryName(entry)) return reply.callNotFound();
        if (!isReadable(request.headers)) return refuse(deps, request, reply);
        // Fastify waits for a promise, or for `done`: what has room goes on at once.
        return makeRoom(deps, request, reply) ?? done();
      },
      handler: async (request, reply) => {
        const question = {
          body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
          entry: request.params.entry,
          timeout: request.query.timeout,
          turn: turnSince(request.arrived),
        };
        const answered = await answer(deps, question, (uid) => {
          request.reviewUid = uid;
        });
        return send(reply, answered);
      },
    });
  }
}

/** What is not ours to read is refused before its body comes. */
async function refuse(
  deps: AnswerDeps,
  { arrived }: Asking,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const read = { ...refused('content-type'), uid: null, body: undefined };
  const refusal = await unreadable(deps, read, turnSince(arrived));
  return send(reply.header('connection', 'close'), refusal);
}

/** Waits until the body fits beside the others; meanwhile nothing of it is read, and the sender's socket fills up. */
function makeRoom(
  deps: AnswerDeps,
  { headers, query, arrived }: Asking,
  reply: FastifyReply,
): Promise<void> | undefined {
  const announced = Number(headers['content-length'] ?? Number.NaN);
  const bytes = Number.isSafeInteger(announced) ? announced : deps.limits.bodyBytes;
  // One that is too large is refused without being read.
  if (bytes > deps.limits.bodyBytes) return undefined;
  const patience = deadlineOf(query.timeout).decide / 2 - turnSince(arrived).elapsed();
  const entered = deps.bodies.enter(bytes, patience);
  if (entered instanceof Promise) return entered.then((leave) => hold(deps, reply, leave));
  hold(deps, reply, entered);
  return undefined;
}

/** Until the answer has gone; without room the sender is told to try again. */
function hold(deps: AnswerDeps, reply: FastifyReply, leave: Release | undefined): void {
  if (leave === undefined) {
    send(reply.header('connection', 'close'), overloaded(deps, { body: nothing }));
    return;
  }
  reply.server.slowBodies.admitted(reply.request.raw);
  reply.raw.once('close', leave);
  // A sender that went away while it waited has closed its answer already.
  if (reply.raw.destroyed) leave();
}

const nothing = new Uint8Array(0);

/** JSON that is not compressed: the API server sends nothing else. */
function isReadable(headers: NodeJS.Dict<string | string[]>): boolean {
  const { 'content-type': type, 'content-encoding': encoding = 'identity' } = headers;
  return typeof type === 'string' && isJson(type) && encoding === 'identity';
}
