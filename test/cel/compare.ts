// How two answers to one case are held against each other; why they differ, or undefined.
import type { Answer } from '../fixtures/cel/case.ts';

export type Compare = (found: Answer, wanted: Answer) => string | undefined;
const shown = (value: unknown): string => JSON.stringify(value);

/** Refused or not, value, error. */
export const verdict: Compare = (found, wanted) => {
  if (found.refused !== wanted.refused) {
    return found.refused ? `refused: ${found.why}` : `taken; theirs: ${wanted.why}`;
  }
  const [a, b] = [found, wanted].map(({ value, error }) => shown(error ?? { value }));
  return a === b ? undefined : `ours ${a}; theirs ${b}`;
};

export const type: Compare = (found, wanted) =>
  found.refused || wanted.refused || found.type === wanted.type
    ? undefined
    : `ours ${found.type}; theirs ${wanted.type}`;

export const cost: Compare = (found, wanted) =>
  found.refused || wanted.refused || found.cost === wanted.cost
    ? undefined
    : `ours ${found.cost}; theirs ${wanted.cost}`;
