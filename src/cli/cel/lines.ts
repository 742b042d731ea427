// JSON Lines in, JSON Lines out, one answer for each line and in order: for editors and other programs.
// Threat: a line may be of any length and hold anything; what is wrong with it is its answer, and the next one is read.
import { setImmediate } from 'node:timers/promises';
import { get, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { jsonText } from '../../base/json-text.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { joinQuote } from '../../base/text.ts';
import type { Roots } from '../../cel/program.ts';
import { parseJson } from '../../yaml/json.ts';
import type { ExitCode, Io } from '../command.ts';
import { answerTo, exitCodeOf } from './answer.ts';
import { answerJson } from './answer-json.ts';

/** Of one line: an object, an old object and params of the largest size, and then some. */
const maxBytes = 16 * 1024 * 1024;
const maxDepth = 512;

/** 2 when a line could not be read or compiled, else 1 when one ended in an error. */
export async function answerLines(
  input: AsyncIterable<unknown>,
  { stdout }: Pick<Io, 'stdout'>,
): Promise<ExitCode> {
  let worst: ExitCode = 0;
  let number = 0;
  for await (const line of linesIn(input)) {
    number++;
    if (isBlank(line)) continue;
    const { code, json } = answerLine(line, number);
    if (code > worst) worst = code;
    await stdout.write(`${jsonText(json)}\n`);
    // Whoever asks may also want to stop us.
    await setImmediate();
  }
  return worst;
}

function isBlank(line: Uint8Array | undefined): boolean {
  return line?.every((byte) => byte === 0x20 || byte === 0x0d) ?? false;
}

type Answered = { readonly code: ExitCode; readonly json: JsonObject };

function answerLine(line: Uint8Array | undefined, number: number): Answered {
  const question = line === undefined ? err(tooLong) : questionIn(line);
  if (!question.ok) {
    const message = `line ${number} ${question.error.message}`;
    const error = { code: 'line-malformed', message };
    return { code: 2, json: { ...question.error.id, line: number, error } };
  }
  const { id, expression, roots } = question.value;
  const answer = answerTo(expression, roots);
  return { code: exitCodeOf(answer), json: { ...id, ...answerJson(answer, expression) } };
}

type Question = {
  /** `{id}`, or {} when the line has none. */
  readonly id: JsonObject;
  readonly expression: string;
  readonly roots: Roots;
};
type Unusable = { readonly id: JsonObject; readonly message: string };

const tooLong: Unusable = { id: {}, message: `has more than ${maxBytes} bytes` };

function questionIn(line: Uint8Array): Result<Question, Unusable> {
  const read = parseJson(line, { maxBytes, maxDepth });
  if (!read.ok) return err({ id: {}, message: faults[read.error.code] ?? 'is not JSON in UTF-8' });
  const given = get(read.value, 'id');
  const id = given === undefined ? {} : { id: given };
  const wrong = (message: string): Result<never, Unusable> => err({ id, message });
  const expression = get(read.value, 'expression');
  if (typeof expression !== 'string') return wrong('has no "expression", a string');
  const variables = get(read.value, 'variables') ?? {};
  if (!isObject(variables)) return wrong('has "variables" that are no object');
  const unknown = Object.keys(variables).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    return wrong(`has variables ${joinQuote(unknown)}; known are ${joinQuote(names)}`);
  }
  return ok({ id, expression, roots: rootsIn(variables) });
}

const faults: Readonly<Record<string, string>> = {
  'review-too-deep': `is nested more than ${maxDepth} levels deep`,
  'review-duplicate-key': 'has an object with the same key twice',
};

const names = ['object', 'oldObject', 'params', 'request', 'namespaceObject'];

/** `params` is a name only where the line has it. */
function rootsIn(variables: JsonObject): Roots {
  const value = (name: string): JsonValue => get(variables, name) ?? null;
  const params = get(variables, 'params');
  return {
    object: value('object'),
    oldObject: value('oldObject'),
    request: get(variables, 'request') ?? {},
    namespaceObject: value('namespaceObject'),
    ...(params === undefined ? {} : { params }),
  };
}

/** Lines without their LF; undefined for one that is too long, of which no more than the limit is kept. */
async function* linesIn(input: AsyncIterable<unknown>): AsyncGenerator<Uint8Array | undefined> {
  let parts: Uint8Array[] = [];
  let size = 0;
  const keep = (part: Uint8Array): void => {
    size += part.length;
    if (size > maxBytes) parts = [];
    else parts.push(part);
  };
  const line = (): Uint8Array | undefined => (size > maxBytes ? undefined : Buffer.concat(parts));
  for await (const chunk of input) {
    let rest = Buffer.from(chunk as Buffer);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      keep(rest.subarray(0, end));
      yield line();
      [parts, size] = [[], 0];
      rest = rest.subarray(end + 1);
    }
    keep(rest);
  }
  if (size > 0) yield line();
}
