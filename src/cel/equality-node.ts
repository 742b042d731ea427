// `==` and `!=` as they run: both sides are evaluated, and a tenth of the shorter one is the cost.
// Upstream: evalEq and evalNe of cel-go; the K8s types in CallCost of k8s.io/apiserver/pkg/cel/library/cost.go.
import { equal, incomparable } from './equality.ts';
import type { Run } from './frame.ts';
import { sizeOfOperand } from './library/cost.ts';
import { CelError, Opaque, type Value } from './value.ts';

/** `wanted`: the result for equal values. */
export function equality(left: Run, right: Run, wanted: boolean): Run {
  return (frame) => {
    const a = left(frame);
    const b = right(frame);
    frame.left -= cost(a, b, wanted);
    if (typeof a === 'string' && typeof b === 'string') return (a === b) === wanted;
    if (a instanceof CelError) return a;
    if (b instanceof CelError) return b;
    if (a === b) return wanted;
    const same = equal(a, b, frame.call.spend);
    if (!(same instanceof CelError)) return same === wanted;
    // As in-tree, where `!=` only asks whether `==` is true.
    return same === incomparable && !wanted ? true : same;
  };
}

function cost(a: Value, b: Value, wanted: boolean): number {
  const of = typeof a;
  if (of === typeof b) {
    if (of === 'boolean' || of === 'number') return 1;
    if (typeof a === 'string' && typeof b === 'string') {
      const shorter = Math.min(a.length, b.length);
      if (shorter <= 10) return shorter === 0 ? 0 : 1;
    }
  }
  if (wanted && a instanceof Opaque) return 1;
  return Math.ceil(Math.min(sizeOfOperand(a), sizeOfOperand(b)) * 0.1);
}
