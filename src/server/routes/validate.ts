// POST /validate, and the two paths that evaluate only the policies of one failurePolicy.
import type { FailurePolicy } from '../../policy/model.ts';
import { type AnswerDeps, answer, refused, unreadable } from '../answer.ts';
import { type App, send } from '../app.ts';
import { isJson } from '../content-type.ts';
import { turnSince } from '../turn.ts';

const routes: readonly [path: string, failurePolicy: FailurePolicy | undefined][] = [
  ['/validate', undefined],
  ['/validate/fail', 'Fail'],
  ['/validate/ignore', 'Ignore'],
];

export function validateRoutes(app: App, deps: AnswerDeps): void {
  for (const [path, failurePolicy] of routes) {
    app.route<{ Querystring: { timeout?: unknown } }>({
      method: 'POST',
      url: path,
      // Before the body is read: what is not ours costs no memory.
      onRequest: async (request, reply) => {
        if (isReadable(request.headers)) return;
        const read = { ...refused('content-type'), uid: null, body: undefined };
        const refusal = await unreadable(deps, read, turnSince(request.arrived));
        return send(reply.header('connection', 'close'), refusal);
      },
      handler: async (request, reply) => {
        const question = {
          body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
          failurePolicy,
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

/** JSON that is not compressed: the API server sends nothing else. */
function isReadable(headers: NodeJS.Dict<string | string[]>): boolean {
  const { 'content-type': type, 'content-encoding': encoding = 'identity' } = headers;
  return typeof type === 'string' && isJson(type) && encoding === 'identity';
}
