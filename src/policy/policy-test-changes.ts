// Changes to an object at JSON pointers (RFC 6901): the values to be there, or null for what is to be taken out.
import { pointerSteps } from '../base/field-path.ts';
import {
  get,
  isArray,
  isObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  setOwn,
} from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { quote } from '../base/text.ts';

/** `pointer`: the change that cannot be made. */
export type ChangeFault = { readonly pointer: string; readonly message: string };

/** Deeper than any object that can be read. */
const maxSteps = 256;

/** A copy with all changes made, one after the other. Mappings that lie between are made; a list takes the next index,
 * or `-`, for one more item. A fault for each change that would do nothing, or does not fit what is there. */
export function changed(
  object: JsonObject,
  changes: JsonObject,
): Result<JsonObject, readonly ChangeFault[]> {
  let made: JsonValue = object;
  const faults: ChangeFault[] = [];
  for (const [pointer, value] of Object.entries(changes)) {
    const steps = pointerSteps(pointer);
    const next: Put = steps.length > maxSteps ? err('it leads too deep') : put(made, steps, value);
    if (next.ok) made = next.value;
    else faults.push({ pointer, message: next.error });
  }
  if (faults.length > 0) return err(faults);
  return isObject(made) ? ok(made) : err([{ pointer: '', message: 'no object is left' }]);
}

type Put = Result<JsonValue, string>;

function put(at: JsonValue | undefined, steps: readonly string[], wanted: JsonValue): Put {
  const [step, ...rest] = steps;
  if (step === undefined) return ok(wanted);
  if (isArray(at)) return putItem(at, step, rest, wanted);
  if (at === undefined || at === null) {
    return wanted === null ? err(nothing(step)) : putMember({}, step, rest, wanted);
  }
  if (isObject(at)) return putMember(at, step, rest, wanted);
  return err(`${quote(step)} lies in a value that is neither a mapping nor a list`);
}

function putMember(at: JsonObject, step: string, rest: readonly string[], wanted: JsonValue): Put {
  const copy: Record<string, JsonValue> = {};
  for (const [key, each] of Object.entries(at)) setOwn(copy, key, each);
  if (rest.length === 0 && wanted === null) {
    if (!Object.hasOwn(at, step)) return err(nothing(step));
    delete copy[step];
    return ok(copy);
  }
  const inner = put(get(at, step), rest, wanted);
  if (!inner.ok) return inner;
  setOwn(copy, step, inner.value);
  return ok(copy);
}

function putItem(at: JsonArray, step: string, rest: readonly string[], wanted: JsonValue): Put {
  const index = step === '-' ? at.length : Number(step);
  if (step !== '-' && !/^(?:0|[1-9]\d*)$/.test(step)) {
    return err(`${quote(step)} is no index of a list`);
  }
  const takenOut = rest.length === 0 && wanted === null;
  if (index > at.length || (takenOut && index === at.length)) {
    return err(`the list has only ${at.length} items`);
  }
  if (takenOut) return ok(at.toSpliced(index, 1));
  const inner = put(at[index], rest, wanted);
  return inner.ok ? ok([...at.slice(0, index), inner.value, ...at.slice(index + 1)]) : inner;
}

function nothing(step: string): string {
  return `there is no ${quote(step)} to be taken out`;
}
