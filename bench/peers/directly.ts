// One load tool against each server in turns, alone on the machine; and the CPU time that each request costs the server,
// which a busy machine moves less than anything else.
import { readFileSync } from 'node:fs';
import { busyMachine, median, ofFirst } from '../figures.ts';
import { drive, type Figures } from '../load.ts';
import { memoryOf } from '../memory.ts';
import { tableRow } from '../page.ts';
import type { Turns } from '../peers.ts';
import { alone } from './alone.ts';
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

export type Asked = {
  readonly servers: readonly Server[];
  readonly review: string;
  /** Processes that are no servers, but run: the control plane. */
  readonly beside: readonly number[];
};

/** Of each server, before its first sample: V8 optimizes for some ten thousand requests before it is done. */
const warmUpMs = 12_000;
/** Before each sample, unseen: a server that was stopped opens connections, and its caches are cold. */
const settleMs = 500;

type Sample = { readonly figures: Figures; readonly cpu: number };

export async function directly(
  { servers, review, beside }: Asked,
  { rounds, seconds }: Turns,
): Promise<readonly Row[]> {
  const measured = servers.filter(({ policies }) => policies !== 'in-tree');
  const running = [...servers.map(({ pid }) => pid), ...beside];
  const runs = measured.flatMap((server) =>
    connectionCounts.map((connections) => ({ server, connections, samples: [] as Sample[] })),
  );
  for (const { name, pid, target } of measured) {
    process.stderr.write(`warming up: ${name} …\n`);
    const load = { connections: 16, warmUpMs: 0, ms: warmUpMs };
    await alone(pid, running, () => drive(target, review, load));
  }
  for (let round = 1; round <= rounds; round++) {
    process.stderr.write(`round ${round} of ${rounds}, asked directly …\n`);
    for (const { server, connections, samples } of runs) {
      const ms = seconds * 1_000;
      const take = (): Promise<Sample> => sample(server, review, { connections, ms });
      samples.push(await alone(server.pid, running, take));
    }
  }
  return Promise.all(
    runs.map(async ({ server, connections, samples }) => ({
      name: server.name,
      connections,
      perSecond: median(samples.map(({ figures }) => figures.perSecond)),
      p50: median(samples.map(({ figures }) => figures.p50)),
      p99: median(samples.map(({ figures }) => figures.p99)),
      cpu: median(samples.map(({ cpu }) => cpu)),
      memory: await memoryOf(server.pid),
    })),
  );
}

async function sample(
  { target, pid }: Server,
  review: string,
  { connections, ms }: { readonly connections: number; readonly ms: number },
): Promise<Sample> {
  await drive(target, review, { connections, warmUpMs: 0, ms: settleMs });
  const before = cpuOf(pid);
  const figures = await drive(target, review, { connections, warmUpMs: 0, ms });
  return { figures, cpu: (cpuOf(pid) - before) / figures.requests };
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
    `its bundle checks. Each server is warmed up for ${warmUpMs / 1_000} s; then they are measured in turns, ${rounds} rounds of ${seconds} s for each row, each`,
    'answer checked. While one is measured all the others, and the control plane, are stopped: it has the machine to itself and',
    'the load tool. The figures are medians of the rounds. A server in Go may use both cores, which the load tool needs too;',
    'CPU is what one request costs the server, on all its threads. The aim for the row "Sekisho, Pod Security restricted" is',
    'twice the official webhook.',
    '',
    busyMachine(),
    '',
    '| server | connections | requests/s | of the official webhook | p50 ms | p99 ms | CPU ms | memory MiB |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map((row) => renderRow(row, rows)),
  ].join('\n');
}

function renderRow(row: Row, rows: readonly Row[]): string {
  return tableRow([
    row.name,
    row.connections,
    row.perSecond.toFixed(0),
    ofFirst(row, rows).toFixed(2),
    row.p50.toFixed(2),
    row.p99.toFixed(2),
    Number.isNaN(row.cpu) ? 'unknown' : row.cpu.toFixed(2),
    row.memory?.toFixed(0) ?? 'unknown',
  ]);
}
