// The API server's side and kubectl's: a review is posted over HTTPS, and its answer becomes the lines that a
// developer reads. The wording of kubectl 1.35 and of the API server before it.
import { once } from 'node:events';
import { type Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { get, getIn, isArray, type JsonValue } from '../../src/base/json.ts';
import type { Posted } from './reviews.ts';

export type Outcome = { readonly allowed: boolean; readonly lines: readonly string[] };

const webhook = 'gate.sekisho.dev';

/** Posts the review to `/validate` of the server; throws when the answer is not one to this review. */
export async function create(
  agent: Agent,
  port: number,
  posted: Posted,
  file: string,
): Promise<Outcome> {
  const call = request({
    agent,
    host: '127.0.0.1',
    servername: 'localhost',
    port,
    path: '/validate?timeout=10s',
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, */*' },
  });
  call.end(JSON.stringify(posted.review));
  const [answer] = await once(call, 'response');
  const body = await text(answer);
  const response = getIn(JSON.parse(body), ['response']);
  if (answer.statusCode !== 200 || get(response, 'uid') !== posted.uid) {
    throw new Error(`the gate answered ${answer.statusCode}: ${body}`);
  }
  return outcome(response, posted, file);
}

function outcome(response: JsonValue | undefined, { title }: Posted, file: string): Outcome {
  const given = get(response, 'warnings');
  const warnings = (isArray(given) ? given : []).map((warning) => `Warning: ${String(warning)}`);
  if (get(response, 'allowed') === true)
    return { allowed: true, lines: [...warnings, `${title} created`] };
  const message = String(getIn(response, ['status', 'message']) ?? '');
  const reason = String(getIn(response, ['status', 'reason']) ?? '');
  const who = `Error from server (${reason}): error when creating "${file}": admission webhook "${webhook}"`;
  return { allowed: false, lines: [...warnings, `${who} denied the request: ${message}`] };
}
