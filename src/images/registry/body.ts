// The bytes of an answer, at most as many as are wanted, and their digest; what is larger is not read to its end.
// Threat: who may name an image names one whose answers hold the event loop: what is parsed is counted while it arrives.
import { createHash } from 'node:crypto';
import { type Digest, parseDigest } from '../../base/brand.ts';
import { ok, type Result } from '../../base/result.ts';
import type { ImageFault } from '../model.ts';
import type { Question, Reply } from './exchange.ts';
import { type Failed, fault, noAnswer, tooManyParts } from './faults.ts';

/** `parts`: objects, lists and members of JSON, on which the time to parse it depends; absent: as many as there are. */
export type BodyLimits = { readonly bytes: number; readonly parts?: number };
export type Body = { readonly bytes: Buffer; readonly digest: Digest };

export async function readBody(
  { body, headers, url }: Reply,
  { what, signal }: Pick<Question, 'what' | 'signal'>,
  { bytes, parts = Number.POSITIVE_INFINITY }: BodyLimits,
): Promise<Result<Body, ImageFault>> {
  if (Number(headers['content-length'] ?? 0) > bytes) {
    body.destroy();
    return tooLarge(url.host, what, bytes);
  }
  const pieces: Buffer[] = [];
  const hash = createHash('sha256');
  let [size, left] = [0, parts];
  try {
    for await (const piece of body) {
      size += piece.length;
      // Leaving the loop destroys the body.
      if (size > bytes) return tooLarge(url.host, what, bytes);
      left -= partsIn(piece, left);
      if (left < 0) return tooManyParts(url.host, what);
      pieces.push(piece);
      hash.update(piece);
    }
  } catch (cause) {
    return noAnswer(url.host, what, cause, signal.aborted);
  }
  return ok({ bytes: Buffer.concat(pieces), digest: digestOf(hash.digest('hex')) });
}

const marks = [...'{[,'].map((mark) => mark.charCodeAt(0));

/** Those in strings too. One more than `most` is enough to know. */
function partsIn(piece: Buffer, most: number): number {
  if (most === Number.POSITIVE_INFINITY) return 0;
  let found = 0;
  for (const mark of marks) {
    for (let at = piece.indexOf(mark); at >= 0 && found <= most; found++) {
      at = piece.indexOf(mark, at + 1);
    }
  }
  return found;
}

function digestOf(hex: string): Digest {
  const digest = parseDigest(`sha256:${hex}`);
  if (digest === undefined) throw new Error('a digest has another form');
  return digest;
}

/** JSON of an answer; undefined for what is none. */
export async function readJson(
  reply: Reply,
  question: Pick<Question, 'what' | 'signal'>,
  limits: BodyLimits,
): Promise<Result<unknown, ImageFault>> {
  const read = await readBody(reply, question, limits);
  if (!read.ok) return read;
  try {
    return ok(JSON.parse(read.value.bytes.toString()));
  } catch {
    return ok(undefined);
  }
}

function tooLarge(host: string, what: string, limit: number): Failed {
  return fault('registry-limit', `${host} sends more than ${limit} bytes as ${what}`);
}
