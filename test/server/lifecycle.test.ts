// The server over time: start, reload, certificates, slow callers, and an end without a failed request.
import { readFileSync } from 'node:fs';
import { readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { pino } from 'pino';
import { test } from 'tap';
import { makeAuthority, serverNames } from '../../certs/make.ts';
import { limits } from '../../src/server/limits.ts';
import { startServer } from '../../src/server/start.ts';
import {
  denyHostNetwork,
  outcome,
  podReview,
  type Running,
  send,
  serve,
  until,
} from './harness.ts';
import { settingsIn } from './settings.ts';

const hostile = podReview({ hostNetwork: true });
const good = podReview();
const allowing = denyHostNetwork.replace('== false', '== true');

const broken: readonly [string, Record<string, string>][] = [
  ['no policy at all', {}],
  ['no policy document', { 'readme.txt': 'x' }],
  ['no YAML', { 'p.yaml': '{' }],
  ['an unknown field', { 'p.yaml': denyHostNetwork.replace('validations:', 'validation:') }],
  ['one broken file among good ones', { 'a.yaml': denyHostNetwork, 'b.yaml': '[' }],
];

test('with broken or empty policies at start the server is not ready, denies, and recovers', async (t) => {
  for (const [what, policies] of broken) {
    const { call, plain, folder } = await serve(t, { policies });
    t.match(await plain('/readyz'), { status: 503, text: /no policy set/ }, what);
    t.equal((await plain('/healthz')).status, 200, what);
    const reply = await call({ body: good });
    t.equal(outcome(reply), '200 denied policies-unavailable', what);
    for (const name of Object.keys(policies)) await rm(join(folder, 'policies', name));
    await writeFile(join(folder, 'policies', 'good.yaml'), denyHostNetwork);
    await until(
      () => plain('/readyz'),
      ({ status }) => status === 200,
    );
    t.equal(outcome(await call({ body: good })), '200 allowed', what);
  }
});

test('policies are loaded again when they change; broken ones leave the old ones in force', async (t) => {
  const { call, plain, folder, logged } = await serve(t);
  const file = join(folder, 'policies', 'policy.yaml');
  t.equal(outcome(await call({ body: hostile })), '200 denied');
  await writeFile(file, allowing);
  await until(
    () => call({ body: hostile }),
    ({ json }) => json.response?.allowed === true,
  );

  await writeFile(file, '{');
  const refused = /^sekisho_reloads_total\{what="policies",result="refused"\} 1$/m;
  await until(
    () => plain('/metrics'),
    (metrics) => refused.test(metrics.text),
  );
  t.equal(outcome(await call({ body: hostile })), '200 allowed', 'the old set is in force');
  t.equal((await plain('/readyz')).status, 200);
  t.match(logged.join(''), /policy\.yaml:1:\d+: yaml-syntax/);
});

test('a ConfigMap swap of ..data is a change', async (t) => {
  const { call, folder } = await serve(t, {
    policies: {
      '..1': { 'policy.yaml': denyHostNetwork },
      '..2': { 'policy.yaml': allowing },
      '..data': t.fixture('symlink', '..1'),
      'policy.yaml': t.fixture('symlink', '..data/policy.yaml'),
    },
  });
  t.equal(outcome(await call({ body: hostile })), '200 denied');
  const mount = join(folder, 'policies');
  await symlink('..2', join(mount, '..data_tmp'));
  await rename(join(mount, '..data_tmp'), join(mount, '..data'));
  await until(
    () => call({ body: hostile }),
    ({ json }) => json.response?.allowed === true,
  );
});

test('what keeps the server from starting is told all at once, and nothing stays open', async (t) => {
  const taken = await serve(t);
  const settings = settingsIn(taken.folder, { listen: taken.address });
  const deps = { log: pino({ level: 'silent' }), engineVersion: 'test' };
  t.match(await startServer(settings, deps), { ok: false, error: [{ code: 'listen-failed' }] });
  const unreadable = { ...settings, tlsCert: 'missing.crt', tlsKey: 'missing.key' };
  t.match(await startServer(unreadable, deps), {
    ok: false,
    error: [{ code: 'tls-unusable' }, { code: 'tls-unusable' }],
  });
});

/** What a handshake came to: the protocol and suite, or the error. */
function handshake(server: Running, options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const { ca, address } = server;
    const socket: TLSSocket = connect({ ...address, ca, servername: 'localhost', ...options });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    socket.on('close', () => resolve('closed'));
    // With TLS 1.3 a refusal of the client's certificate comes after the handshake, at the first read.
    socket.on('secureConnect', () => socket.write('GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n'));
    socket.on('data', () => {
      resolve(`${socket.getProtocol()} ${socket.getCipher().standardName} ${socket.alpnProtocol}`);
      socket.destroy();
    });
  });
}

// Clients that would take anything: what fails, fails because of the server.
const anything = { minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const;

test('A11: TLS 1.2 and newer with AEAD suites only, and HTTP/1.1 only', async (t) => {
  const server = await serve(t);
  const rows: readonly [ConnectionOptions, RegExp][] = [
    [{ maxVersion: 'TLSv1.3' }, /^TLSv1.3 TLS_AES_128_GCM_SHA256/],
    [{ maxVersion: 'TLSv1.2' }, /^TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256/],
    [
      { ...anything, maxVersion: 'TLSv1.2' },
      /^TLSv1.2 TLS_ECDHE_ECDSA_WITH_\w+_(GCM|POLY1305)_SHA/,
    ],
    [{ ...anything, maxVersion: 'TLSv1.1' }, /^ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION$/],
    [{ ...anything, maxVersion: 'TLSv1' }, /^ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION$/],
    [{ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' }, /HANDSHAKE_FAILURE$/],
    [{ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-SHA384' }, /HANDSHAKE_FAILURE$/],
    [{ ALPNProtocols: ['h2', 'http/1.1'] }, / http\/1\.1$/],
    [{ ALPNProtocols: ['h2'] }, /NO_APPLICATION_PROTOCOL$/],
  ];
  for (const [options, want] of rows) {
    t.match(await handshake(server, options), want, JSON.stringify(options));
  }
});

test('A10: with a client CA only its certificates get in, and nothing is evaluated for others', async (t) => {
  const [callers, strangers] = [await makeAuthority('callers'), await makeAuthority('strangers')];
  let evaluated = 0;
  const server = await serve(t, {
    files: { ca: callers.certificate },
    settings: (folder) => ({ clientCa: join(folder, 'ca') }),
    replace: {
      admit: async () => {
        evaluated += 1;
        throw new Error('counted');
      },
    },
  });
  const known = await callers.issue({ commonName: 'kube-apiserver' });
  const stranger = await strangers.issue({ commonName: 'kube-apiserver' });
  const expired = await callers.issue({ commonName: 'kube-apiserver', days: -1 });
  const rows: readonly [string, ConnectionOptions, RegExp][] = [
    ['known', known, /^TLSv1.3/],
    ['none', {}, /CERTIFICATE_REQUIRED$/],
    ['of another CA', stranger, /^(closed|ECONNRESET)$/],
    ['expired', expired, /^(closed|ECONNRESET)$/],
    ['none, TLS 1.2', { maxVersion: 'TLSv1.2' }, /HANDSHAKE_FAILURE$/],
  ];
  for (const [what, options, want] of rows) t.match(await handshake(server, options), want, what);
  t.equal(evaluated, 0);
  const agent = new Agent({ ca: server.ca, ...known });
  await send({ agent, port: server.address.port, body: good });
  t.equal(evaluated, 1);
});

test('T8: a new certificate is used once key and certificate are whole, until then the old one', async (t) => {
  const server = await serve(t);
  const next = await makeAuthority('next');
  const { cert, key } = await next.issue({ commonName: 'sekisho', names: serverNames });
  await writeFile(join(server.folder, 'key'), key);
  const refused = /^sekisho_reloads_total\{what="tls",result="refused"\} 1$/m;
  await until(
    () => server.plain('/metrics'),
    (metrics) => refused.test(metrics.text),
  );
  t.match(await handshake(server, {}), /^TLSv1.3/, 'the old pair still works');
  await writeFile(join(server.folder, 'cert'), cert);
  const withNext = { ...server, ca: next.certificate };
  await until(
    () => handshake(withNext, {}),
    (result) => result.startsWith('TLSv1.3'),
  );
  t.match(
    await handshake(server, {}),
    /SELF_SIGNED|UNABLE_TO_VERIFY|SIGNATURE/,
    'the old one is gone',
  );
});

/** A clock that a test winds: each sleep ends when the test says so. */
function steps() {
  const waiting: PromiseWithResolvers<void>[] = [];
  return {
    sleep: (): Promise<void> => {
      const step = Promise.withResolvers<void>();
      waiting.push(step);
      return step.promise;
    },
    next: async (): Promise<void> => {
      await until(
        async () => waiting.length,
        (n) => n > 0,
      );
      waiting.shift()?.resolve();
    },
    waiting: () => waiting.length,
  };
}

test('T7: draining serves, then says Connection: close, then closes; never a 503', async (t) => {
  const { sleep, next, waiting } = steps();
  const settings = () => ({ drainSeconds: 15 });
  const { call, plain, stop, address, ca } = await serve(t, { settings, replace: { sleep } });
  const fresh = (): Agent => new Agent({ ca, keepAlive: true });
  const { port } = address;
  const kept = fresh();
  t.equal(outcome(await send({ agent: kept, port, body: good })), '200 allowed');

  const stopped = stop();
  await until(
    async () => waiting(),
    (n) => n === 1,
  );
  t.match(await plain('/readyz'), { status: 503, text: 'not ready: stopping\n' });
  t.equal((await plain('/healthz')).status, 200);
  for (const agent of [kept, fresh()]) {
    const reply = await send({ agent, port, body: good });
    t.equal(outcome(reply), '200 allowed', 'during the grace, old and new connections');
    t.equal(reply.headers.connection, 'keep-alive');
  }

  await next();
  await until(
    async () => waiting(),
    (n) => n === 1,
  );
  for (const agent of [kept, fresh()]) {
    const reply = await send({ agent, port, body: good });
    t.equal(outcome(reply), '200 allowed', 'after it, still served');
    t.equal(reply.headers.connection, 'close');
  }

  await next();
  await stopped;
  await stop();
  await t.rejects(call({ body: good }), { code: 'ECONNREFUSED' });
});

test('a request in flight is answered before the server closes', async (t) => {
  const { sleep, next } = steps();
  const [arrived, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { call, stop } = await serve(t, {
    settings: () => ({ drainSeconds: 15 }),
    replace: {
      sleep,
      admit: async () => {
        arrived.resolve();
        await release.promise;
        throw new Error('answered');
      },
    },
  });
  const reply = call({ body: good });
  await arrived.promise;
  const stopped = stop();
  await next();
  await next();
  release.resolve();
  t.equal(outcome(await reply), '200 denied internal-error');
  await stopped;
});

test('a request that was begun before the server closes is answered, not turned away', async (t) => {
  const { sleep, next } = steps();
  const settings = () => ({ drainSeconds: 15 });
  const server = await serve(t, { settings, replace: { sleep } });
  const { address, ca, stop } = server;
  const socket = connect({ ...address, ca, servername: 'localhost' });
  const length = Buffer.byteLength(good);
  socket.write('POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: appli');
  await server.call({ body: good });
  const stopped = stop();
  await next();
  await next();
  await until(
    () => refusesNew(server),
    (refuses) => refuses,
  );
  socket.write(`cation/json\r\nContent-Length: ${length}\r\n\r\n${good}`);
  t.match(await text(socket), /^HTTP\/1\.1 200 .*connection: close.*"allowed":true/is);
  await stopped;
});

function refusesNew({ address }: Running): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connectTcp({ ...address });
    probe.on('error', () => resolve(true));
    probe.on('connect', () => {
      probe.destroy();
      resolve(false);
    });
  });
}

test('whoever holds a connection open does not keep the server from ending', async (t) => {
  const server = await serve(t, { replace: { limits: { ...limits, lastAnswers: 50 } } });
  const socket = connect({ ...server.address, ca: server.ca, servername: 'localhost' });
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.write('POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n');
  socket.write('Content-Length: 9\r\n\r\n{');
  t.equal(outcome(await server.call({ body: good })), '200 allowed');
  await server.stop();
  await closed;
  t.ok(socket.destroyed);
});

/** What the server says on a connection that is opened and fed so much, until it closes it. */
async function fed(server: Running, bytes: string): Promise<string> {
  const { address, ca } = server;
  const socket = connect({ ...address, ca, servername: 'localhost' });
  socket.on('error', () => {});
  socket.write(bytes);
  return text(socket);
}

test('A1: whoever sends slowly is cut off, and others are served meanwhile', async (t) => {
  const quick = { ...limits, idle: 100, body: 100, handshake: 100, check: 20 };
  const server = await serve(t, { replace: { limits: quick } });
  const head = 'POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  const patient = await serve(t, { replace: { limits: { ...limits, body: 100 } } });
  const slow = [
    fed(patient, `${head}Content-Length: 1000\r\n\r\n{`),
    fed(server, ''),
    fed(server, 'POST /validate HTTP/1.1\r\nHo'),
    fed(server, `${head}Content-Length: 1000\r\n\r\n{`),
    fed(server, `${head}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`),
  ];
  t.equal(outcome(await server.call({ body: good })), '200 allowed');
  for (const said of await Promise.all(slow)) t.match(said, /^(HTTP\/1\.1 408 |$)/);
  const silent = connectTcp({ ...server.address });
  silent.on('error', () => {});
  t.equal(await text(silent), '', 'no handshake: closed');
});

test('A1: who has the room for bodies and only drips is cut off when another waits for it, and not before', async (t) => {
  const bodiesAtOnce = good.length + 1_000;
  const replace = { limits: { ...limits, bodiesAtOnce, bodyWaitedFor: 30 } };
  const server = await serve(t, { replace });
  const head = 'POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  const dripping = fed(server, `${head}Content-Length: ${bodiesAtOnce}\r\n\r\n{`);
  await until(
    async () => (await server.plain('/metrics')).text,
    (told) => told.includes(`sekisho_body_bytes ${bodiesAtOnce}`),
  );
  await new Promise((done) => setTimeout(done, 100));
  t.match((await server.plain('/metrics')).text, `sekisho_body_bytes ${bodiesAtOnce}`);
  t.equal(outcome(await server.call({ body: good })), '200 allowed');
  t.equal(await dripping, '');
});

test('A1: connections are bounded in number', async (t) => {
  const server = await serve(t, { replace: { limits: { ...limits, connections: 1 } } });
  t.equal(outcome(await server.call({ body: good })), '200 allowed');
  t.equal(await fed(server, 'GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'), '');
  t.equal(
    outcome(await server.call({ body: good })),
    '200 allowed',
    'the first one is still served',
  );
});

test('A1: a Content-Length beyond the limit is refused before the body is read', async (t) => {
  const server = await serve(t);
  const head = 'POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  const said = await fed(server, `${head}Content-Length: 1073741824\r\n\r\n{`);
  t.match(said, /^HTTP\/1\.1 413 .*connection: close.*"review-too-large"/is);
});

test('A25: with a ledger every request leaves a record, unreadable ones too', async (t) => {
  const server = await serve(t, { settings: (folder) => ({ ledger: join(folder, 'ledger') }) });
  await server.call({ body: '{"no":"review"}' });
  const { response } = (await server.call({ body: hostile })).json;
  await server.stop();
  const ledger = join(server.folder, 'ledger');
  const names = (await readdir(ledger)).filter((name) => name.endsWith('.jsonl'));
  const texts = await Promise.all(names.map((name) => readFile(join(ledger, name), 'utf8')));
  const { auditAnnotations = {} } = response ?? {};
  t.match(texts.join(''), String(auditAnnotations['decision-id']));
  t.match(texts.join(''), String(auditAnnotations['ledger-head']));
  t.match(texts.join(''), /review-kind/);
});

test('A25: bytes that are no HTTP, and what is sent to a path that is not ours, leave a record and our own answer', async (t) => {
  const server = await serve(t, { settings: (folder) => ({ ledger: join(folder, 'ledger') }) });
  t.match(
    await fed(server, 'GIMME / HTTP/9.9\r\n\r\n'),
    /^HTTP\/1\.1 400 .*"code":"review-syntax"/s,
  );
  // What of it has not been read resets the connection, and the answer may be lost.
  await fed(server, `GET / HTTP/1.1\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`).catch(() => '');
  t.equal(outcome(await server.call({ path: '/elsewhere', body: good })), '404 path-unknown');
  t.equal(outcome(await server.call({ path: '/elsewhere', method: 'GET' })), '404 path-unknown');
  const lines = (): string[] =>
    readFileSync(join(server.folder, 'ledger/00000000000000000001.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .filter((line) => line.includes('"kind":"unreadable"'));
  await until(
    async () => lines().length,
    (n) => n >= 3,
  );
  t.same(
    lines().map((line) => JSON.parse(line).code),
    ['review-syntax', 'review-syntax', 'path-unknown'],
    'who only looks leaves none',
  );
});
