// Who may speak to the server, and what can be learnt without that: handshakes, client certificates, certificate files,
// probes and metrics. Ids: the catalogue of advisories (A).
import { writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { type ConnectionOptions, connect, getCiphers, type TLSSocket } from 'node:tls';
import { pino } from 'pino';
import { test } from 'tap';
import { makeAuthority } from '../../certs/make.ts';
import { ok } from '../../src/base/result.ts';
import { admit } from '../../src/engine/admit.ts';
import type { LedgerEntry } from '../../src/ledger/entry.ts';
import { startServer } from '../../src/server/start.ts';
import { type Running, send, until } from '../server/harness.ts';
import { settingsIn } from '../server/settings.ts';
import { gateOf, podOf, reviewOf, verdict } from './request-harness.ts';

const hostile = reviewOf({ object: podOf({ hostNetwork: true }) });
const denied = 'denied pod-security/hostNamespaces';

/** The protocol and suite of a handshake after which a review was answered, or that nothing was. */
function asks({ address, ca }: Running, options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const socket: TLSSocket = connect({ ...address, ca, servername: 'localhost', ...options });
    socket.on('error', () => resolve('nothing'));
    socket.on('close', () => resolve('nothing'));
    socket.on('secureConnect', () => {
      const length = Buffer.byteLength(hostile);
      socket.write('POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n');
      socket.write(`Content-Length: ${length}\r\n\r\n${hostile}`);
    });
    socket.on('data', () => {
      resolve(`${socket.getProtocol()} ${socket.getCipher().standardName}`);
      socket.destroy();
    });
  });
}

test('A10: without a certificate of the client CA nothing is evaluated, recorded or answered', async (t) => {
  const [callers, strangers] = [await makeAuthority('callers'), await makeAuthority('strangers')];
  const twin = await makeAuthority('callers');
  const entries: LedgerEntry[] = [];
  let evaluated = 0;
  const gate = await gateOf(t, ['pod-security'], {
    files: { callers: callers.certificate },
    settings: (folder) => ({ clientCa: join(folder, 'callers') }),
    replace: {
      records: { append: async (entry) => ok({ seq: entries.push(entry), sum: 'f00d' }) },
      admit: (...given) => {
        evaluated += 1;
        return admit(...given);
      },
    },
  });
  const commonName = 'kube-apiserver';
  const serverNames = [{ type: 'dns', value: commonName } as const];
  const known = await callers.issue({ commonName });
  const rows: readonly [string, ConnectionOptions][] = [
    ['none', {}],
    ['of another CA', await strangers.issue({ commonName })],
    ['of a CA with the same name', await twin.issue({ commonName })],
    ['expired', await callers.issue({ commonName, days: -1 })],
    ['for servers', await callers.issue({ commonName, names: serverNames })],
    ['the CA of the server itself', { ca: gate.ca }],
  ];
  for (const [what, options] of rows) {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      t.equal(await asks(gate, { ...options, maxVersion }), 'nothing', `${what}, ${maxVersion}`);
    }
  }
  t.same([evaluated, entries.length], [0, 0]);
  const agent = new Agent({ ca: gate.ca, ...known });
  const reply = await send({ agent, port: gate.address.port, body: hostile });
  t.equal(verdict(reply), denied, 'and one of its own is served');
  t.same([evaluated, entries.length], [1, 1]);
});

test('A10: probes and metrics tell no policy, object, user or fault, and take no review', async (t) => {
  const gate = await gateOf(t, ['pod-security', 'allowed-registries']);
  await gate.said(hostile);
  await gate.said('{"secret":"hunter2"');
  for (const path of [
    '/metrics',
    '/healthz',
    '/readyz',
    '/',
    '/validate',
    '/policies',
    '/debug/pprof',
  ]) {
    const { text } = await gate.plain(path);
    t.notMatch(
      text,
      /hostNetwork|hostNamespaces|registr|baseline|shop|alice|hunter2|\/tmp|test\//i,
      path,
    );
  }
  const { port } = gate.metricsAddress;
  const posted = await fetch(`http://127.0.0.1:${port}/validate`, {
    method: 'POST',
    body: hostile,
  });
  t.not(posted.status, 200);
  t.notMatch(await posted.text(), /allowed/);
});

/** Every suite that the client can offer, alone; what is offered without authentication or encryption too. */
test('A11: no handshake below TLS 1.2, nor with any suite that is not AEAD', async (t) => {
  const gate = await gateOf(t, ['pod-security']);
  const old = { ciphers: 'ALL:@SECLEVEL=0', minVersion: 'TLSv1' } as const;
  for (const maxVersion of ['TLSv1', 'TLSv1.1'] as const) {
    t.equal(await asks(gate, { ...old, maxVersion }), 'nothing', maxVersion);
  }
  const suites = getCiphers().map((name) => name.toUpperCase());
  const offered = [
    ...suites.filter((name) => !name.startsWith('TLS_')),
    'NULL',
    'aNULL',
    '3DES',
    'RC4',
  ];
  const taken: string[] = [];
  for (const suite of offered) {
    const ciphers = `${suite}:@SECLEVEL=0`;
    const said = await asks(gate, { ciphers, maxVersion: 'TLSv1.2' }).catch(() => 'nothing');
    if (said !== 'nothing') taken.push(said);
  }
  t.ok(offered.length > 30);
  t.ok(taken.length > 0);
  for (const suite of taken) t.match(suite, /^TLSv1\.2 TLS_ECDHE_\w+_(GCM|POLY1305)_SHA/);
});

const begin = '-----BEGIN CERTIFICATE-----\n';

test('A9: a client CA file of nothing but beginnings is refused at start and at a reload, and costs nothing', async (t) => {
  const callers = await makeAuthority('callers');
  const gate = await gateOf(t, ['pod-security'], {
    files: { callers: callers.certificate },
    settings: (folder) => ({ clientCa: join(folder, 'callers') }),
  });
  const { folder, ca, address } = gate;
  const rows: readonly [string, string][] = [
    ['nothing', ''],
    ['5 MB of beginnings', begin.repeat(5_000_000 / begin.length)],
    ['5 MB without an end', begin + 'A'.repeat(5_000_000)],
    [
      '5 MB of base64',
      `${begin}${`${'A'.repeat(64)}\n`.repeat(80_000)}-----END CERTIFICATE-----\n`,
    ],
    ['5 MB of dashes', '-'.repeat(5_000_000)],
    ['a NUL before it', `\u0000${callers.certificate.slice(0, 200)}`],
  ];
  const settings = settingsIn(folder, { clientCa: join(folder, 'hostile') });
  for (const [what, pem] of rows) {
    await writeFile(join(folder, 'hostile'), pem);
    const started = await startServer(settings, {
      log: pino({ level: 'silent' }),
      engineVersion: 'test',
    });
    t.match(started, { ok: false, error: [{ code: 'tls-unusable' }] }, what);
  }
  await writeFile(join(folder, 'callers'), rows[1]?.[1] ?? '');
  const refused = /^sekisho_reloads_total\{what="tls",result="refused"\} 1$/m;
  await until(
    () => gate.plain('/metrics'),
    ({ text }) => refused.test(text),
  );
  const agent = new Agent({ ca, ...(await callers.issue({ commonName: 'kube-apiserver' })) });
  t.equal(
    verdict(await send({ agent, port: address.port, body: hostile })),
    denied,
    'the old CA holds',
  );
});
