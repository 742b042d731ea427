// One evaluation of one expression: names, comprehension variables and the work that is left.
import type { Call } from './function.ts';
import { maxWork } from './limits.ts';
import type { Activation } from './program.ts';
import type { Type } from './type.ts';
import type { Value } from './value.ts';

export class Frame implements Call {
  readonly activation: Activation;
  /** Comprehension variables, by slot. */
  readonly locals: Value[];
  /** Cost left; below zero everything winds down, and the result is an error. */
  left: number;
  /** What first readings of variables took, of all that an evaluation took: a second evaluation would not take it. */
  once = 0;
  /** The last short text that was put together, of texts without surrogates. */
  joined = '';
  readonly pattern: Call['pattern'];
  private guard: Call['spend'] | undefined = undefined;

  constructor(activation: Activation, left: number, slots: number, pattern: Call['pattern']) {
    this.activation = activation;
    this.left = left;
    this.locals = slots === 0 ? noLocals : new Array(slots);
    this.pattern = pattern;
  }

  /** What functions may ask of this evaluation. */
  get call(): Call {
    return this;
  }

  /** Made when it is first needed: most evaluations do without. */
  get spend(): Call['spend'] {
    this.guard ??= this.makeGuard();
    return this.guard;
  }

  private makeGuard(): Call['spend'] {
    let work = maxWork;
    return (units) => {
      work -= units;
      // INVARIANT: work that was cut short is over the limit, so that no result of it can be taken for one.
      if (work < 0) this.left = Number.NEGATIVE_INFINITY;
      return work >= 0;
    };
  }
}

const noLocals: Value[] = [];

/** A compiled node. Never throws; what fails gives a CelError. */
export type Run = (frame: Frame) => Value;

export type Node = {
  /** As far as it was known when the node was made: `Unifier.resolve` tells more. */
  readonly type: Type;
  readonly run: Run;
  /** Known at load, and so without cost. */
  readonly constant?: { readonly value: Value };
  /** Of names, selections, has() and ?: (the attributes of cel-go) what they take for themselves, which they do not
   * take as a branch of ?: or between brackets. */
  readonly attribute?: -1 | 0 | 1;
  /** Of selections: what the first one reads from, and the fields one after the other, for one closure to read them all. */
  readonly path?: { readonly root: Run; readonly fields: readonly string[] };
};

/** A node as a branch of ?: or as an index. */
export function inside({ run, attribute = 0 }: Node): Run {
  if (attribute === 0) return run;
  return (frame) => {
    frame.left += attribute;
    return run(frame);
  };
}

export function constantNode(type: Type, value: Value): Node {
  return { type, constant: { value }, run: () => value };
}
