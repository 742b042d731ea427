// The bytes of an answer, at most as many as are wanted; what is larger is not read to its end.
import { ok, type Result } from '../../base/result.ts';
import type { ImageFault } from '../model.ts';
import type { Question, Reply } from './exchange.ts';
import { type Failed, fault, noAnswer } from './faults.ts';

export async function readBody(
  { body, headers, url }: Reply,
  { what, signal }: Pick<Question, 'what' | 'signal'>,
  limit: number,
): Promise<Result<Buffer, ImageFault>> {
  if (Number(headers['content-length'] ?? 0) > limit) {
    body.destroy();
    return tooLarge(url.host, what, limit);
  }
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of body) {
      size += part.length;
      // Leaving the loop destroys the body.
      if (size > limit) return tooLarge(url.host, what, limit);
      parts.push(part);
    }
  } catch (cause) {
    return noAnswer(url.host, what, cause, signal.aborted);
  }
  return ok(Buffer.concat(parts));
}

/** JSON of an answer; undefined for what is none. */
export async function readJson(
  reply: Reply,
  question: Pick<Question, 'what' | 'signal'>,
  limit: number,
): Promise<Result<unknown, ImageFault>> {
  const read = await readBody(reply, question, limit);
  if (!read.ok) return read;
  try {
    return ok(JSON.parse(read.value.toString()));
  } catch {
    return ok(undefined);
  }
}

function tooLarge(host: string, what: string, limit: number): Failed {
  return fault('registry-limit', `${host} sends more than ${limit} bytes as ${what}`);
}
