// One load tool against each server in turns, as bench/bench.ts does it with one after the other.

import { drive, type Figures } from '../load.ts';
import { memoryOf } from '../memory.ts';
import { machine } from '../page.ts';
import type { Turns } from '../peers.ts';
import { median } from './median.ts';
import { refusedCount } from './refused.ts';
import type { Server } from './servers.ts';

const connectionCounts = [1, 16];

export type Row = {
  readonly name: string;
  readonly connections: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
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
    connectionCounts.map((connections) => ({ server, connections, figures: [] as Figures[] })),
  );
  for (const { target } of measured) {
    await drive(target, review, { connections: 16, warmUpMs: 3_000, ms: 100 });
  }
  for (let round = 1; round <= rounds; round++) {
    process.stderr.write(`round ${round} of ${rounds}, asked directly …\n`);
    for (const { server, connections, figures } of runs) {
      const load = { connections, warmUpMs: 300, ms: seconds * 1_000 };
      figures.push(await drive(server.target, review, load));
    }
  }
  return Promise.all(
    runs.map(async ({ server, connections, figures }) => ({
      name: server.name,
      connections,
      perSecond: median(figures.map((each) => each.perSecond)),
      p50: median(figures.map((each) => each.p50)),
      p99: median(figures.map((each) => each.p99)),
      memory: await memoryOf(server.pid),
    })),
  );
}

export function renderDirectly(rows: readonly Row[], { rounds, seconds }: Turns): string {
  return [
    '`node bench/peers.ts`, also a part of `make bench` where Go and etcd are present: the same body, TLS and load tool as for',
    'the gate above. The official Pod Security webhook of Kubernetes, Open Policy Agent and the gate hold pods to the restricted',
    `level, and each refuses ${refusedCount} pods that break it in one place before it is measured; the last rows are the gate with all that`,
    `its bundle checks. All servers run from the start and are measured in turns, ${rounds} rounds of ${seconds} s for each row, each answer`,
    'checked; the figures are medians of the rounds. A server in Go may use both cores, which the load tool needs too.',
    '',
    machine,
    '',
    '| server | connections | requests/s | of the official webhook | p50 ms | p99 ms | memory MiB |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
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
    row.memory?.toFixed(0) ?? 'unknown',
  ].join(' | ')} |`;
}
