// Certificates at run time, over real connections: what is used after a change of the files, what is not, and what is said.
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { type Test, test } from 'tap';
import { type Authority, makeAuthority, serverNames } from '../../certs/make.ts';
import { certificatesIn, maxPem } from '../../src/server/pem.ts';
import { bundleValidity, chainValidity, phaseAt } from '../../src/server/validity.ts';
import { outcome, podReview, type Running, send, serve, until } from './harness.ts';

type Shown = { cert?: string; key?: string; session?: Buffer };
type Seen = { readonly serial: string; readonly resumed: boolean; readonly session: Buffer | null };

const day = 24 * 60 * 60 * 1000;
const issue = (authority: Authority, days?: number) =>
  authority.issue({
    commonName: 'sekisho',
    names: serverNames,
    ...(days === undefined ? {} : { days }),
  });
const serialOf = (pem: string): string => new X509Certificate(pem).serialNumber;

/** The certificate that a new connection is shown once it has been answered; an error when it is not answered. */
function dial({ address }: Running, shown: Shown = {}): Promise<Seen> {
  return new Promise((resolve, reject) => {
    let session: Buffer | null = null;
    const socket: TLSSocket = connect({
      host: '127.0.0.1',
      port: address.port,
      rejectUnauthorized: false,
      ...shown,
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed')));
    socket.on('session', (ticket: Buffer) => {
      session = ticket;
    });
    socket.once('data', () => {
      const certificate = socket.getPeerX509Certificate();
      const resumed = socket.isSessionReused();
      resolve({ serial: certificate?.serialNumber ?? '', resumed, session });
      socket.destroy();
    });
    socket.write('GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  });
}

const metric = async (server: Running, name: string): Promise<number> => {
  const { text } = await server.plain('/metrics');
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
};
const refusedServer = 'sekisho_certificate_files_refused{certificate="server"}';
const refusedCa = 'sekisho_certificate_files_refused{certificate="client-ca"}';
const expiry = 'sekisho_certificate_expiry_timestamp_seconds{certificate="server"}';
const expiryCa = 'sekisho_certificate_expiry_timestamp_seconds{certificate="client-ca"}';

const warnings = ({ logged }: Running): string[] =>
  logged.flatMap((line): string[] => {
    const { level, msg } = JSON.parse(line);
    return level === 40 ? [String(msg)] : [];
  });

/** Each replaced at once, as by a rename. */
async function put(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, `.${name}`), text);
    await rename(join(folder, `.${name}`), join(folder, name));
  }
}

test('T8: files that are not a whole, valid pair change nothing, are told, and are counted', async (t) => {
  const server = await serve(t);
  const { folder } = server;
  const before = (await dial(server)).serial;
  const authority = await makeAuthority('next');
  const [one, two, expired] = [
    await issue(authority),
    await issue(authority),
    await issue(authority, -1),
  ];
  const half = one.cert.slice(0, one.cert.length / 2);
  type Row = readonly [
    what: string,
    files: Readonly<Record<string, string>>,
    code: string,
    message: RegExp,
  ];
  const rows: readonly Row[] = [
    ['another key', { cert: one.cert, key: two.key }, 'tls-unusable', /key does not belong/],
    [
      'half a certificate',
      { cert: half, key: one.key },
      'tls-unusable',
      /certificate 1 has no end/,
    ],
    [
      'half an intermediate',
      { cert: `${one.cert}\n${half}`, key: one.key },
      'tls-unusable',
      /certificate 2 has no end/,
    ],
    ['an empty file', { cert: '', key: one.key }, 'tls-unusable', /no certificate in PEM/],
    [
      'half a key',
      { cert: one.cert, key: one.key.slice(0, 80) },
      'tls-unusable',
      /key: tls-unusable/,
    ],
    [
      'an expired one',
      { cert: expired.cert, key: expired.key },
      'tls-validity',
      /expired at 20\d\d-/,
    ],
    [
      'an expired intermediate',
      { cert: `${one.cert}\n${expired.cert}`, key: one.key },
      'tls-validity',
      /expired at/,
    ],
    [
      'too much',
      { cert: one.cert + ' '.repeat(maxPem), key: one.key },
      'tls-unusable',
      /larger than/,
    ],
  ];
  for (const [what, files, code, message] of rows) {
    server.logged.length = 0;
    await put(folder, files);
    await until(
      async () => server.logged.map((line) => JSON.parse(line).msg),
      (texts) => texts.some((text) => text.includes(`: ${code}: `) && message.test(text)),
    );
    t.equal((await dial(server)).serial, before, `${what}: the old one is in force`);
    t.equal(await metric(server, refusedServer), 1, `${what}: told by a metric`);
  }
  await rm(join(folder, 'cert'));
  execFileSync('mkfifo', [join(folder, 'cert')]);
  await until(
    async () => server.logged.join('\n'),
    (text) => text.includes('no regular file'),
  );
  t.equal((await dial(server)).serial, before, 'a pipe is not waited for');

  await put(folder, one);
  await until(
    () => dial(server),
    ({ serial }) => serial === serialOf(one.cert),
  );
  t.equal(await metric(server, refusedServer), 0);
  t.equal(await metric(server, expiry), Date.parse(new X509Certificate(one.cert).validTo) / 1000);
});

/** What kubelet does with a Secret: a folder of its own for each version, and one rename of a link. */
function swap(folder: string, version: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(folder, version));
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(folder, version, name), text);
  symlinkSync(version, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
}

const secretOf = ({ cert, key }: { cert: string; key: string }) => ({
  'tls.crt': cert,
  'tls.key': key,
});

test('T8: a swap of ..data is used, without a failed handshake and without an end of an open connection', async (t) => {
  const authority = await makeAuthority();
  const first = await issue(authority);
  const server = await serve(t, {
    files: { secret: {} },
    settings(folder) {
      swap(join(folder, 'secret'), '..1', secretOf(first));
      for (const name of ['tls.crt', 'tls.key']) {
        symlinkSync(join('..data', name), join(folder, 'secret', name));
      }
      return {
        tlsCert: join(folder, 'secret/tls.crt'),
        tlsKey: join(folder, 'secret/tls.key'),
      };
    },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: authority.certificate });
  t.teardown(() => agent.destroy());
  const { port } = server.address;
  const ask = () => send({ agent, port, body: podReview({ hostNetwork: true }) });
  const { localPort } = await ask();
  let stopped = false;
  let dialed = 0;
  const faults: unknown[] = [];
  const dialing = (async () => {
    while (!stopped) {
      await dial(server).catch((error: unknown) => faults.push(error));
      dialed += 1;
    }
  })();
  for (const version of ['..2', '..3', '..4', '..5']) {
    const next = await issue(authority);
    swap(join(server.folder, 'secret'), version, secretOf(next));
    await until(
      () => dial(server),
      ({ serial }) => serial === serialOf(next.cert),
    );
    const reply = await ask();
    t.equal(outcome(reply), '200 denied');
    t.equal(reply.localPort, localPort, 'the same connection');
  }
  stopped = true;
  await dialing;
  t.same(faults, []);
  t.ok(dialed > 4);
  t.equal(await metric(server, 'sekisho_reloads_total{what="tls",result="loaded"}'), 5);
  t.ok(
    Number.isNaN(await metric(server, expiryCa)),
    'nothing is said of a client CA that is not asked for',
  );
});

async function getsIn(server: Running, shown: Shown): Promise<boolean> {
  return dial(server, shown).then(
    () => true,
    () => false,
  );
}

async function gateForCallers(t: Test, callers: Authority): Promise<Running> {
  return serve(t, {
    files: { callers: callers.certificate },
    settings: (folder) => ({ clientCa: join(folder, 'callers') }),
  });
}

test('T8: the client CA is read again: both while they overlap, then the new one alone, sessions included', async (t) => {
  const [old, next] = [await makeAuthority('old'), await makeAuthority('next')];
  const [before, after] = [
    await old.issue({ commonName: 'kube-apiserver' }),
    await next.issue({ commonName: 'kube-apiserver' }),
  ];
  const server = await gateForCallers(t, old);
  t.same([await getsIn(server, before), await getsIn(server, after)], [true, false]);
  await put(server.folder, { callers: `# old\n${old.certificate}\n# next\n${next.certificate}\n` });
  await until(
    () => getsIn(server, after),
    (in_) => in_,
  );
  t.equal(await getsIn(server, before), true, 'the overlap lets both in');

  const { session } = await dial(server, before);
  if (session === null) throw new Error('the server gave no session');
  t.equal((await dial(server, { ...before, session })).resumed, true);
  await put(server.folder, { callers: next.certificate });
  await until(
    () => getsIn(server, before),
    (in_) => !in_,
  );
  t.equal(await getsIn(server, { ...before, session }), false, 'a session of before is no way in');
  t.equal(await getsIn(server, after), true);
  const ends = Date.parse(new X509Certificate(next.certificate).validTo) / 1000;
  t.equal(await metric(server, expiryCa), ends);
});

test('T8: a client CA that is not whole, or has expired, changes nothing, and keeps no renewed certificate waiting', async (t) => {
  const [callers, other] = [await makeAuthority('callers'), await makeAuthority('other')];
  const caller = await callers.issue({ commonName: 'kube-apiserver' });
  const server = await gateForCallers(t, callers);
  // An authority that has expired: any certificate that is no longer valid stands for it.
  const expired = await other.issue({ commonName: 'an old authority', days: -1 });
  const rows: readonly (readonly [string, string])[] = [
    ['cut off in the second', `${other.certificate}\n${callers.certificate.slice(0, 300)}`],
    ['nothing', ''],
    ['expired', expired.cert],
  ];
  for (const [what, pem] of rows) {
    const refusals = 'sekisho_reloads_total{what="tls",result="refused"}';
    const count = await metric(server, refusals);
    await put(server.folder, { callers: pem });
    await until(
      () => metric(server, refusals),
      (n) => n > (Number.isNaN(count) ? 0 : count),
    );
    t.equal(await metric(server, refusedCa), 1, what);
    t.equal(await getsIn(server, caller), true, `${what}: the old CA holds`);
  }
  const renewed = await issue(callers);
  await put(server.folder, renewed);
  await until(
    () => dial(server, caller),
    ({ serial }) => serial === serialOf(renewed.cert),
  );
  t.same([await metric(server, refusedServer), await metric(server, refusedCa)], [0, 1]);
});

test('a certificate that has expired at start is served, told and measured; a renewed one takes its place', async (t) => {
  const authority = await makeAuthority();
  const expired = await issue(authority, -1);
  const server = await serve(t, {
    files: { old: expired.cert, oldKey: expired.key },
    settings: (folder) => ({ tlsCert: join(folder, 'old'), tlsKey: join(folder, 'oldKey') }),
  });
  t.equal((await dial(server)).serial, serialOf(expired.cert));
  t.match(warnings(server), [
    /old: tls-validity: the certificate expired at 20\d\d-[^.]*Z\n {4}fix: renew it/,
  ]);
  t.ok((await metric(server, expiry)) * 1000 < Date.now());
  t.equal(
    (await server.plain('/readyz')).status,
    200,
    'what the API server then says names the cause',
  );
  const renewed = await issue(authority);
  await put(server.folder, { old: renewed.cert, oldKey: renewed.key });
  await until(
    () => dial(server),
    ({ serial }) => serial === serialOf(renewed.cert),
  );
});

test('the wall clock counts, also after a sleep: what is ending or has expired is told, what was early is taken', async (t) => {
  let offset = 0;
  const now = (): string => new Date(Date.now() + offset).toISOString();
  const server = await serve(t, { replace: { now } });
  t.same(warnings(server), []);
  const steps: readonly (readonly [days: number, text: RegExp])[] = [
    [25, /: tls-validity: the certificate expires at .*, and should have been renewed by now\n/],
    [26.5, /: tls-validity: the certificate expires at /],
    [31, /: tls-validity: the certificate expired at /],
  ];
  for (const [i, [days, text]] of steps.entries()) {
    offset = days * day;
    const told = await until(
      async () => warnings(server),
      (all) => all.length > i,
    );
    t.match(told[i], text, `${days} days later`);
  }

  const next = await issue(await makeAuthority());
  offset = -1 * day;
  await put(server.folder, next);
  await until(
    async () => server.logged.join('\n'),
    (text) => text.includes('the certificate is not valid before'),
  );
  t.not((await dial(server)).serial, serialOf(next.cert), 'a clock that is behind: not yet');
  offset = 0;
  await until(
    () => dial(server),
    ({ serial }) => serial === serialOf(next.cert),
  );
  t.equal(await metric(server, refusedServer), 0);
});

test('a chain is valid while all of it is, a bundle until the first of its valid ones ends', async (t) => {
  const authority = await makeAuthority();
  const pem = async (days: number): Promise<string> => (await issue(authority, days)).cert;
  const [short, long, expired] = [await pem(10), await pem(40), await pem(-2)];
  const of = (...pems: string[]) => certificatesIn(Buffer.from(pems.join('\n')));
  const ends = (text: string): number => Date.parse(new X509Certificate(text).validTo);
  const now = Date.now();
  t.equal(chainValidity(of(long, short)).until, ends(short));
  t.equal(chainValidity(of(long, expired)).until, ends(expired));
  t.equal(bundleValidity(of(long, expired, short), now).until, ends(short));
  t.equal(bundleValidity(of(expired), now).until, ends(expired));
  const validity = { from: 0, until: 400 * day };
  const phases: readonly (readonly [number, string])[] = [
    [-1, 'early'],
    [0, 'valid'],
    [370 * day, 'valid'],
    [370 * day + 1, 'ending'],
    [400 * day - 1, 'ending'],
    [400 * day, 'expired'],
  ];
  for (const [at, phase] of phases) t.equal(phaseAt(validity, at), phase, `${at / day} days`);
  t.equal(phaseAt({ from: 0, until: 8 * day }, 6 * day), 'valid');
  t.equal(phaseAt({ from: 0, until: 8 * day }, 6 * day + 1), 'ending');
});
