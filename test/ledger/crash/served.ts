// The gate itself, killed while clients ask it over HTTPS: they keep what they were told.
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { root, startServed, type Workplace } from '../../gate.ts';
import { denyHostNetwork, namespaces, podReview, type Reply, send } from '../../server/harness.ts';
import type { Answer } from './writer.ts';

const clients = 8;

export type Told = {
  /** Allowed or denied by a policy, with the record that the answer names. */
  readonly answers: readonly Answer[];
  /** Allowed, and no record is named. */
  readonly unrecorded: number;
};

/** Killed so many milliseconds after its first answer. */
export async function serveUntilKilled(
  workplace: Workplace,
  ledger: string,
  ms: number,
): Promise<Told> {
  const served = await startServed(argumentsFor(workplace, ledger));
  const agent = new Agent({ keepAlive: true, ca: workplace.ca });
  const answers: Answer[] = [];
  let unrecorded = 0;
  const first = Promise.withResolvers<void>();
  const keep = ({ json }: Reply): void => {
    const { allowed, auditAnnotations: named } = json.response ?? {};
    const [seq, sum] = [Number(named?.['ledger-seq']), named?.['ledger-head']];
    if (sum !== undefined) answers.push({ name: named?.['decision-id'] ?? '', seq, sum });
    else if (allowed === true) unrecorded += 1;
  };
  const ask = async (): Promise<void> => {
    for (let n = 0; ; n++) {
      const body = podReview({ hostNetwork: n % 3 === 0 });
      const reply = await send({ agent, port: served.port, body }).catch(() => undefined);
      if (reply === undefined) return;
      keep(reply);
      first.resolve();
    }
  };
  const asked = Promise.all(Array.from({ length: clients }, ask));
  // Not before it has answered once; should it end without, there is nobody to wait for.
  await Promise.race([first.promise, asked]);
  await new Promise((resolve) => setTimeout(resolve, ms));
  process.kill(served.pid, 'SIGKILL');
  await asked;
  agent.destroy();
  return { answers, unrecorded };
}

function argumentsFor({ folder }: Workplace, ledger: string): readonly string[] {
  const place = (name: string, text: string): string => {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'objects.yaml'), text);
    return join(folder, name);
  };
  return [
    join(root, 'src/main.ts'),
    'serve',
    ...['--listen', '127.0.0.1:0', '--metrics', '127.0.0.1:0', '--drain-seconds', '0'],
    ...['--policies', place('law', denyHostNetwork)],
    ...['--cluster-objects', place('cluster', namespaces)],
    ...['--tls-cert', join(folder, 'tls.crt'), '--tls-key', join(folder, 'tls.key')],
    ...['--ledger', ledger, '--ledger-replica', 'gate-0', '--ledger-rotate-size', '65536'],
  ];
}
