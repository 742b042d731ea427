// One load tool against each server in turns, as bench/bench.ts does it with one after the other; and the CPU time that each
// request costs the server, which a busy machine moves less than anything else.
import { readFileSync } from 'node:fs';

import { drive, type Figures } from '../load.ts';
import { memoryOf } from '../memory.ts';

import type { Turns } from '../peers.ts';
import { busyMachine, median } from './figures.ts';
import { refusedCount } from './refused.ts';
import type { Server } from './servers.ts';

const connectionCounts = [1, 16];

export type Row = {
  readonly name: string;
  readonly connections: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Milliseconds for a request, of all threads; NaN where /proc does not tell. */
  readonly cpu: number;
  /** MiB of the server after all rounds. */
  readonly memory: number | undefined;
};

export async function directly(
  servers: readonly Server[],
  review: string,
  { rounds, seconds }: Turns,
): Promise<readonly Row[]> {
  const measured = servers.filter(({ policies }) => policies !== 'in-tree');
  const runs = measured.flatMap((server) =>
    connectionCounts.map((connections) => ({
      server,
      connections,
      figures: [] as Figures[],
      cpu: [] as number[],
    })),
  );
  for (const { target } of measured) {
    await drive(target, review, { connections: 16, warmUpMs: 2_000, ms: 100 });
  }
  for (let round = 1; round <= rounds; round++) {
    process.stderr.write(`round ${round} of ${rounds}, asked directly …\n`);
    for (const { server, connections, figures, cpu } of runs) {
      await drive(server.target, review, { connections, warmUpMs: 0, ms: 300 });
      const before = cpuOf(server.pid);
      const load = { connections, warmUpMs: 0, ms: seconds * 1_000 };
      const taken = await drive(server.target, review, load);
      figures.push(taken);
      cpu.push((cpuOf(server.pid) - before) / taken.requests);
    }
  }
  return Promise.all(
    runs.map(async ({ server, connections, figures, cpu }) => ({
      name: server.name,
      connections,
      perSecond: median(figures.map((each) => each.perSecond)),
      p50: median(figures.map((each) => each.p50)),
      p99: median(figures.map((each) => each.p99)),
      cpu: median(cpu),
      memory: await memoryOf(server.pid),
    })),
  );
}

/** Milliseconds of CPU time that a process has used; Linux counts them in hundredths of a second. */
function cpuOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

export function renderDirectly(rows: readonly Row[], { rounds, seconds }: Turns): string {
  return [
    '`node bench/peers.ts`, also a part of `make bench` where Go and etcd are present: the same body, TLS and load tool as for',
    'the gate above. The official Pod Security webhook of Kubernetes, Open Policy Agent and the gate hold pods to the restricted',
    `level, and each refuses ${refusedCount} pods that break it in one place before it is measured; the last rows are the gate with all that`,
    `its bundle checks. All servers run from the start and are measured in turns, ${rounds} rounds of ${seconds} s for each row, each answer`,
    'checked; the figures are medians of the rounds. A server in Go may use both cores, which the load tool needs too;',
    'CPU is what one request costs the server, on all its threads.',
    '',
    busyMachine(),
    '',
    '| server | connections | requests/s | of the official webhook | p50 ms | p99 ms | CPU ms | memory MiB |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map((row) => renderRow(row, rows)),
  ].join('\n');
}

/** The first server is the one that all are compared with. */
function renderRow(row: Row, rows: readonly Row[]): string {
  const official = rows.find(({ connections }) => connections === row.connections);
  const ratio = row.perSecond / (official?.perSecond ?? Number.NaN);
  return `| ${[
    row.name,
    row.connections,
    row.perSecond.toFixed(0),
    ratio.toFixed(2),
    row.p50.toFixed(2),
    row.p99.toFixed(2),
    Number.isNaN(row.cpu) ? 'unknown' : row.cpu.toFixed(2),
    row.memory?.toFixed(0) ?? 'unknown',
  ].join(' | ')} |`;
}
