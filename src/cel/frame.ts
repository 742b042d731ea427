// One evaluation of one expression: names, comprehension variables and the work that is left.
import type { Call } from './function.ts';
import type { Activation } from './program.ts';
import type { Type } from './type.ts';
import type { Value } from './value.ts';

export type Frame = {
  readonly activation: Activation;
  /** Comprehension variables, by slot. */
  readonly locals: Value[];
  readonly call: Call;
  /** Work units left; below zero everything winds down, and the result is an error. */
  left: number;
};

/** A compiled node. Never throws; what fails gives a CelError. */
export type Run = (frame: Frame) => Value;
export type Node = { readonly type: Type; readonly run: Run };
