// `make bench`: the gate beside a bare Fastify server, one run, the same body, each server in a process of its own.
// Prints a Markdown table; `--write` puts it into docs/bench.md; `--seconds N` sets the length of each measurement.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeWorkplace, root, serveArguments, startServed, type Workplace } from '../test/gate.ts';
import { bodyBytes, makeBody } from './body.ts';
import { ofFirst } from './figures.ts';
import { drive, type Figures } from './load.ts';
import { memoryOf } from './memory.ts';
import { machine, tableRow, writeSection } from './page.ts';

type Contender = { readonly name: string; readonly args: readonly string[] };
type Row = Figures & {
  readonly name: string;
  readonly connections: number;
  /** MiB of the server after the load. */
  readonly memory: number | undefined;
};

const connectionCounts = [1, 16, 64];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { write: { type: 'boolean' }, seconds: { type: 'string', default: '5' } },
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Error('--seconds takes a number');
  const workplace = await makeWorkplace('bench');
  const rows: Row[] = [];
  for (const contender of contenders(workplace)) {
    rows.push(...(await measure(contender, workplace, seconds)));
  }
  const page = render(rows, seconds);
  process.stdout.write(`\n${page}`);
  if (values.write) writeSection('The gate', page);
}

function contenders(workplace: Workplace): readonly Contender[] {
  const { folder } = workplace;
  const bare = [join(root, 'bench/bare.ts'), join(folder, 'tls.crt'), join(folder, 'tls.key')];
  return [
    { name: 'bare Fastify, constant allow', args: bare },
    { name: 'sekisho, the bundle', args: serveArguments(workplace) },
    {
      name: 'sekisho, the bundle, with records',
      args: serveArguments(workplace, ['--ledger', join(folder, 'ledger')]),
    },
  ];
}

async function measure(
  { name, args }: Contender,
  { ca }: Workplace,
  seconds: number,
): Promise<Row[]> {
  const server = await startServed(args);
  const rows: Row[] = [];
  try {
    for (const connections of connectionCounts) {
      process.stderr.write(`${name}, ${connections} connections, ${seconds} s …\n`);
      const load = { connections, warmUpMs: 1_500, ms: seconds * 1_000 };
      const figures = await drive({ port: server.port, ca }, makeBody(), load);
      rows.push({ ...figures, name, connections, memory: await memoryOf(server.pid) });
    }
  } finally {
    await server.stop();
  }
  return rows;
}

function render(rows: readonly Row[], seconds: number): string {
  return `${[
    `\`make bench\`: a CREATE of a pod with three containers that every rule allows (${bodyBytes} bytes) over keep-alive`,
    `HTTPS on loopback, closed loop, ${seconds} s for each row after 1.5 s of warming up, each answer checked. The bare`,
    'server answers a constant allow: it is what Fastify and TLS alone cost. The load tool shares the machine with the',
    'server, so the ratios say more than the figures.',
    '',
    machine,
    '',
    '| server | connections | requests/s | of bare | p50 ms | p99 ms | memory MiB |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map((row) => renderRow(row, rows)),
  ].join('\n')}\n`;
}

function renderRow(row: Row, rows: readonly Row[]): string {
  return tableRow([
    row.name,
    row.connections,
    row.perSecond.toFixed(0),
    ofFirst(row, rows).toFixed(2),
    row.p50.toFixed(2),
    row.p99.toFixed(2),
    row.memory?.toFixed(0) ?? 'unknown',
  ]);
}

await main();
