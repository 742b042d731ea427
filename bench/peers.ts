// The gate beside its peers, where Go and etcd are present: `node bench/peers.ts` prints Markdown tables, `--write` puts them
// into docs/bench.md; `--only direct` or `--only through` measures one half. All servers run from the start, are warmed up, and
// are measured in turns, in short rounds, so that what disturbs the machine disturbs all alike; the medians are compared.
import { parseArgs } from 'node:util';
import { startCluster } from '../test/e2e/cluster.ts';
import { buildOpa, buildPrograms, missingProgram } from '../test/e2e/programs.ts';
import { makeBody } from './body.ts';
import { writeSection } from './page.ts';
import { directly, renderDirectly } from './peers/directly.ts';
import { proveRefusals, withHostNetwork } from './peers/refused.ts';
import { isAllowed, type Server, startServers } from './peers/servers.ts';
import { prepareCluster, renderThrough, through } from './peers/through.ts';

export type Turns = { readonly rounds: number; readonly seconds: number };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      write: { type: 'boolean' },
      seconds: { type: 'string', default: '1.5' },
      rounds: { type: 'string', default: '5' },
      only: { type: 'string' },
    },
  });
  const reason = missingProgram();
  if (reason !== undefined) {
    process.stdout.write(`The gate is not measured beside its peers here: ${reason}.\n`);
    return;
  }
  const turns = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
  if (!(turns.rounds > 0 && turns.seconds > 0)) {
    throw new Error('--rounds and --seconds take a number');
  }
  const sections = await measure(turns, values.only);
  for (const [title, page] of sections) {
    process.stdout.write(`\n## ${title}\n\n${page}\n`);
    if (values.write) writeSection(title, page);
  }
}

type Sections = readonly (readonly [title: string, page: string])[];

async function measure(turns: Turns, only: string | undefined): Promise<Sections> {
  const [programs, opa] = [await buildPrograms(), await buildOpa()];
  const cluster = await startCluster();
  const servers: Server[] = [];
  try {
    await prepareCluster(cluster);
    const review = makeBody();
    servers.push(...(await startServers({ cluster, programs, opa }, review)));
    for (const server of servers) await prove(server, review);
    const sections: [string, string][] = [];
    if (only !== 'through') {
      const rows = await directly({ servers, review, beside: cluster.pids() }, turns);
      sections.push(['Beside its peers', renderDirectly(rows, turns)]);
    }
    if (only !== 'direct') {
      const rows = await through({ cluster, servers, review }, turns);
      sections.push(['Through the API server', renderThrough(rows, turns)]);
    }
    return sections;
  } finally {
    for (const server of servers) await server.stop();
    await cluster.stop();
  }
}

async function prove(server: Server, review: string): Promise<void> {
  if (server.policies === 'restricted') return proveRefusals(server, review);
  if ((await isAllowed(server, withHostNetwork(review))) !== false) {
    throw new Error(`${server.name} does not refuse the network of the node`);
  }
}

await main();
