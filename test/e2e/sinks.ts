// The programs that exporters send to: Kafka from Maven Central's jars, and an S3 server that keeps object locks. Both on
// loopback, with their data in a folder of the test; what cannot be had is a reason to skip.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, type Started, start, until } from './processes.ts';
import { buildS3Server } from './programs.ts';

const pom = fileURLToPath(new URL('kafka/pom.xml', import.meta.url));
const jars = fileURLToPath(new URL('../../.sekisho/e2e/kafka-4.1.0/', import.meta.url));

/** A reason to skip; fetches the jars when they are not there yet. */
export function whyNoKafka(): string | false {
  if (!runs('java', ['-version'])) return 'Java is not installed';
  if (existsSync(join(jars, 'kafka_2.13-4.1.0.jar'))) return false;
  if (!runs('mvn', ['-version'])) return 'Maven is not installed';
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime'];
  const fetched = runs('mvn', ['-q', '-B', '-f', pom, ...goal, `-DoutputDirectory=${jars}`]);
  return fetched ? false : 'Maven could not fetch the jars of Kafka';
}

export function whyNoS3(): string | false {
  return runs('go', ['version']) ? false : 'Go is not installed';
}

function runs(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', timeout: 300_000 }).status === 0;
}

export type Server = { readonly address: string; stop(signal?: NodeJS.Signals): Promise<void> };

export type Broker = Server & {
  /** On the same port, with the same data. */
  again(): Promise<void>;
};

/** One node that is broker and controller. */
export async function startKafka(folder: string): Promise<Broker> {
  const [port, control] = [await freePort(), await freePort()];
  const properties = join(folder, 'server.properties');
  writeFileSync(properties, propertiesOf(join(folder, 'data'), port, control));
  const id = java(['kafka.tools.StorageTool', 'random-uuid']).trim();
  java(['kafka.tools.StorageTool', 'format', '--standalone', '-t', id, '-c', properties]);
  const log = join(folder, 'kafka.log');
  let run: Started | undefined;
  let starts = 0;
  const again = async (): Promise<void> => {
    run = start('java', [...javaFlags, 'kafka.Kafka', properties], log);
    starts += 1;
    const said = (): number => run?.log().split('Kafka Server started').length ?? 0;
    await until('Kafka', 60, async () => said() > starts);
  };
  await again();
  return {
    address: `127.0.0.1:${port}`,
    again,
    stop: async (signal = 'SIGKILL') => run?.stop(signal),
  };
}

const javaFlags = ['-Xmx512m', '-cp', `${jars}*`];

function java(args: readonly string[]): string {
  const ran = spawnSync('java', [...javaFlags, ...args], { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`${args[0]} failed:\n${ran.stdout}\n${ran.stderr}`);
  return ran.stdout;
}

function propertiesOf(data: string, port: number, control: number): string {
  const listeners = `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${control}`;
  return `process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:${control}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
listeners=${listeners}
advertised.listeners=${listeners}
log.dirs=${data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
`;
}

/** Whatever bucket, with the key `test` and the secret `test`. */
export async function startS3(folder: string): Promise<Server> {
  const program = await buildS3Server();
  const [objects, versions] = [join(folder, 'objects'), join(folder, 'versions')];
  for (const each of [objects, versions]) mkdirSync(each, { recursive: true });
  const address = `127.0.0.1:${await freePort()}`;
  const args = ['--port', address, '--quiet', 'posix', '--versioning-dir', versions, objects];
  const env = { ...process.env, ROOT_ACCESS_KEY: 'test', ROOT_SECRET_KEY: 'test' };
  const run = start(program, args, join(folder, 's3.log'), env);
  await until('the S3 server', 20, async () => (await fetch(`http://${address}/`)).status > 0);
  return { address: `http://${address}`, stop: (signal) => run.stop(signal) };
}
