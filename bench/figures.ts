// What the pages say of many measurements: the middle, which a round that was disturbed does not move; how one server
// compares with another; and how busy the machine was meanwhile.
import { loadavg } from 'node:os';
import { machine } from './page.ts';

/** To be asked right after a measurement: the load of the last five minutes is that of the servers too. */
export function busyMachine(): string {
  return `${machine} Load average over five minutes: ${loadavg()[1]?.toFixed(1)}.`;
}

/** Of an even count the mean of the two in the middle; NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = low] = sorted.slice(
    Math.ceil(middle) - 1,
    Math.floor(middle) + 1,
  );
  return (low + high) / 2;
}

export type Rate = { readonly connections: number; readonly perSecond: number };

/** The first server is the one that all are compared with, at so many connections. */
export function ofFirst({ connections, perSecond }: Rate, rates: readonly Rate[]): number {
  const first = rates.find((each) => each.connections === connections);
  return perSecond / (first?.perSecond ?? Number.NaN);
}
