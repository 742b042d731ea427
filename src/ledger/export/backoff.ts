// How long to leave a sink alone: doubling, capped, with jitter, so that replicas do not come back all at once.
import type { SinkFault } from './sink.ts';

const first = 500;
const longest = 60_000;
/** A halted sink is looked at now and then: a mended token or route then needs no restart. */
const halted = 600_000;
/** What a sink may ask for. */
const longestAsked = 600_000;

/** `failures`: in a row, this one counted. `random`: from 0 to 1. */
export function pauseAfter(fault: SinkFault, failures: number, random: number): number {
  const most =
    fault.kind === 'halt' ? halted : Math.min(longest, first * 2 ** Math.min(failures - 1, 20));
  const ours = most / 2 + (most / 2) * random;
  return Math.round(Math.max(ours, Math.min(fault.after ?? 0, longestAsked)));
}
