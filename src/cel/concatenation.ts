// `a + b` of short texts, without more ado: the cost needs the number of code points, and to count those of a text that was
// just put together would copy it, so an evaluation remembers the last one.
import type { Frame, Run } from './frame.ts';
import { hasSurrogate } from './library/text.ts';
import type { Value } from './value.ts';

const short = 100;

/** `otherwise`: for all other values. */
export function concatenation(
  left: Run,
  right: Run,
  otherwise: (a: Value, b: Value, frame: Frame) => Value,
): Run {
  return (frame) => {
    const a = left(frame);
    const b = right(frame);
    if (typeof a !== 'string' || typeof b !== 'string') return otherwise(a, b, frame);
    const size = a.length + b.length;
    const known = size < short && (a === frame.joined || !hasSurrogate(a)) && !hasSurrogate(b);
    if (!known) return otherwise(a, b, frame);
    frame.left -= Math.ceil(size * 0.1);
    frame.joined = a + b;
    return frame.joined;
  };
}
