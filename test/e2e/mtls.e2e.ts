// Only the API server may ask: with a certificate of another CA, or without one, the connection ends in the handshake
// and nothing is decided. That it answers to the right certificate all other end-to-end tests show.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { root } from '../gate.ts';
import { service, startCluster, startGate, webhookOf, whyNot } from './cluster.ts';
import { until } from './processes.ts';
import { namespaces, pod } from './scene.ts';
import { golden, startTranscript } from './transcript.ts';

const sections: string[] = [];

/** The connection is cut when the certificate was looked for. By then the API server may be reading, which tells it why,
 * or still writing, which does not. */
const refused =
  /: (EOF|remote error: tls: .*|(?:read|write) tcp .*: (?:use of closed network connection|connection reset by peer|broken pipe))$/;

const clients = [
  ['untrusted', 'a client certificate of another CA', 'EOF'],
  ['none', 'no client certificate', 'remote error: tls: certificate required'],
] as const;

for (const [index, [webhookClient, title, said]] of clients.entries()) {
  test(`${title}: refused in the handshake, by kubectl's words and without a record`, {
    skip: whyNot(),
    timeout: 300_000,
  }, async (t) => {
    const cluster = await startCluster({ webhookClient });
    t.teardown(() => cluster.stop());
    const ledger = join(cluster.folder, 'ledger');
    const objects = join(cluster.folder, 'objects.yaml');
    writeFileSync(objects, namespaces);
    const policies = ['-p', join(root, 'policies')];
    const flags = [...policies, '--ledger', ledger, '--cluster-objects', objects];
    const gate = await startGate(cluster, flags);
    t.teardown(() => gate.stop());
    await cluster.apply(`${service}---\n${namespaces}`);
    await cluster.apply(await webhookOf(cluster, gate.port, policies));
    const good = pod('web');
    await until('the webhook', 30, async () => {
      const tried = ['create', '--dry-run=server', '-f', '-'];
      const { stderr } = await cluster.kubectl(tried, { input: good });
      return stderr.includes('failed calling webhook');
    });
    for (let tries = 1; sections.length < index + 1; tries++) {
      const transcript = startTranscript(cluster, { kubeconfig: cluster.kubeconfig });
      transcript.title(title);
      transcript.file('web.yaml', good);
      const { code, text } = await transcript.kubectl('create -f web.yaml');
      t.equal(code, 1);
      t.match(text.trimEnd(), refused);
      if (text.trimEnd().endsWith(`: ${said}`) || tries === 20) sections.push(transcript.text());
    }
    await gate.stop();
    const records = readdirSync(ledger)
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => readFileSync(join(ledger, name), 'utf8'));
    t.ok(records.length > 0);
    t.notMatch(records.join(''), '"kind":"decision"');
  });
}

test('what kubectl says', { skip: whyNot() }, (t) => {
  const all = sections.join('\n\n');
  t.equal(all, golden('mtls', all));
  t.end();
});
