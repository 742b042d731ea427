// The sinks that speak HTTP: what they send, what confirms, what is tried again, what halts; and Slack's manners.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { makeAuthority, serverNames } from '../../certs/make.ts';
import type { TlsFiles } from '../../src/ledger/export/settings.ts';
import type { SinkFault } from '../../src/ledger/export/sink.ts';
import { httpSink } from '../../src/ledger/export/sinks/http.ts';
import { slackSink } from '../../src/ledger/export/sinks/slack.ts';
import { type Answer, batchOf, never, noTls, receiver, unlimited } from './export-harness.ts';

const http = {
  kind: 'HTTP',
  name: 'http',
  batch: unlimited,
  headersFile: null,
  tls: noTls,
} as const;
const noon = Date.parse('2026-01-02T12:00:00Z');

test('HTTP: a batch is NDJSON, byte for byte, and says which records it holds', async (t) => {
  const server = await receiver(t);
  const sink = httpSink({ ...http, url: `${server.url}/in?a=b` }, Date.now);
  t.same(await sink.send(batchOf(['{"a":1}', '{"b":"ü"}'], 41), never), {
    ok: true,
    value: undefined,
  });
  const [got] = server.got;
  t.equal(got?.body.toString(), '{"a":1}\n{"b":"ü"}\n');
  t.match(got, {
    method: 'POST',
    url: '/in?a=b',
    headers: {
      'content-type': 'application/x-ndjson',
      'content-length': '19',
      'sekisho-replica': 'replica%200',
      'sekisho-first-seq': '41',
      'sekisho-last-seq': '42',
      'sekisho-last-hash': /^[0-9a-f]{64}$/,
    },
  });
});

const answers: readonly (readonly [Answer, Partial<SinkFault> | null])[] = [
  [{ status: 200 }, null],
  [{ status: 202 }, null],
  [{ status: 204 }, null],
  [
    { status: 503, body: 'full' },
    { kind: 'again', cause: 'busy', message: 'status 503: full' },
  ],
  [{ status: 500 }, { kind: 'again', cause: 'busy' }],
  [
    { status: 429, headers: { 'retry-after': '7' } },
    { kind: 'again', cause: 'busy', after: 7000 },
  ],
  [
    { status: 429, headers: { 'retry-after': 'Fri, 02 Jan 2026 12:00:30 GMT' } },
    { kind: 'again', after: 30_000 },
  ],
  [
    { status: 503, headers: { 'retry-after': 'soon' } },
    { kind: 'again', message: 'status 503' },
  ],
  [{ status: 408 }, { kind: 'again', cause: 'busy' }],
  [
    { status: 302, headers: { location: '/elsewhere' } },
    { kind: 'halt', message: 'status 302' },
  ],
  [
    { status: 400, body: 'bad\u001b[2J' },
    { kind: 'halt', message: 'status 400: bad\\u001b[2J' },
  ],
  [{ status: 401 }, { kind: 'halt', cause: 'refused', message: 'status 401' }],
  [{ status: 413 }, { kind: 'halt', cause: 'refused' }],
  [
    { status: 400, body: 'x'.repeat(1_000_000) },
    { kind: 'halt', message: `status 400: ${'x'.repeat(199)}…` },
  ],
];

for (const [answer, fault] of answers) {
  const { status, headers = {}, body = '' } = answer;
  test(`HTTP: ${status} ${Object.values(headers)} ${body.slice(0, 5)} ${fault === null ? 'confirms' : fault.kind}`, async (t) => {
    const server = await receiver(t);
    server.answer(() => answer);
    const sink = httpSink({ ...http, url: server.url }, () => noon);
    const sent = await sink.send(batchOf(['{}']), never);
    t.match(sent, fault === null ? { ok: true } : { ok: false, error: fault });
    t.equal(server.got.length, 1, 'asked once, and no redirect followed');
  });
}

test('HTTP: nobody there, a connection that breaks and a stop are tried again', async (t) => {
  const server = await receiver(t);
  const gone = httpSink({ ...http, url: 'http://127.0.0.1:1/' }, Date.now);
  t.match(await gone.send(batchOf(['{}']), never), {
    error: { kind: 'again', cause: 'unreachable' },
  });
  server.answer(() => undefined);
  const sink = httpSink({ ...http, url: server.url }, Date.now);
  const stop = new AbortController();
  const sending = sink.send(batchOf(['{}']), stop.signal);
  while (server.got.length === 0) await new Promise(setImmediate);
  stop.abort();
  t.match(await sending, { error: { kind: 'again' } });
});

test('HTTP: headers are read from their file for each batch, and a fault does not quote them', async (t) => {
  const server = await receiver(t);
  const path = join(
    t.testdir({ headers: 'Authorization: Bearer one\r\nX-Tenant: a\n' }),
    'headers',
  );
  const sink = httpSink({ ...http, url: server.url, headersFile: path }, Date.now);
  await sink.send(batchOf(['{}']), never);
  writeFileSync(path, 'authorization: Bearer two');
  await sink.send(batchOf(['{}']), never);
  t.match(server.got[0]?.headers, { authorization: 'Bearer one', 'x-tenant': 'a' });
  t.match(server.got[1]?.headers, { authorization: 'Bearer two' });
  for (const text of ['hunter2', 'A: b\nhunter2', 'Bad Name: hunter2', 'A: hunter2\u0000', '']) {
    writeFileSync(path, text);
    const sent = await sink.send(batchOf(['{}']), never);
    t.match(sent, { error: { kind: 'halt', cause: 'settings' } }, JSON.stringify(text));
    t.notMatch(JSON.stringify(sent), 'hunter2');
  }
  t.equal(server.got.length, 2);
});

test('HTTP: only the authority of caFile is believed, and our certificate is shown', async (t) => {
  const authority = await makeAuthority();
  const client = await authority.issue({ commonName: 'sekisho' });
  const own = await authority.issue({ commonName: 'receiver', names: serverNames });
  const server = await receiver(t, { ...own, ca: authority.certificate });
  const files = { 'ca.crt': authority.certificate, 'our.crt': client.cert, 'our.key': client.key };
  const folder = t.testdir(files);
  const [caFile, certFile, keyFile] = Object.keys(files).map((name) => join(folder, name));
  const tls = { caFile: caFile ?? '', certFile: certFile ?? '', keyFile: keyFile ?? '' };
  const send = (some: Partial<TlsFiles>) =>
    httpSink({ ...http, url: server.url, tls: { ...noTls, ...some } }, Date.now).send(
      batchOf(['{}']),
      never,
    );
  t.match(await send(tls), { ok: true });
  t.match(await send({ caFile: tls.caFile }), { error: { cause: 'unreachable' } });
  t.match(await send({ ...tls, caFile: null }), { error: { cause: 'unreachable' } });
  t.match(await send({ ...tls, caFile: '/none' }), { error: { kind: 'halt', cause: 'settings' } });
});

type DecisionParts = {
  readonly allowed?: boolean;
  readonly rules?: readonly string[];
  readonly excused?: readonly string[];
  readonly dryRun?: boolean;
  readonly namespace?: string;
  readonly username?: string;
};

function decision(parts: DecisionParts): string {
  const { allowed = false, rules = ['p/r'], excused = [], dryRun = false } = parts;
  return JSON.stringify({
    v: 1,
    seq: 1,
    kind: 'decision',
    decision: {
      request: {
        operation: 'CREATE',
        kind: { kind: 'Pod' },
        namespace: parts.namespace ?? 'shop',
        name: 'web',
        userInfo: { username: parts.username ?? 'alice@example.com' },
        dryRun,
      },
      allowed,
      results: rules.map((rule) => ({ rule, actions: allowed ? ['warn'] : ['deny'] })),
      exceptions: excused.length === 0 ? [] : [{ name: 'e', rules: excused }],
    },
  });
}

async function slack(t: Test) {
  const server = await receiver(t);
  const urlFile = join(t.testdir({ url: `${server.url}/services/T0/B0/s3cret\n` }), 'url');
  const clock = { now: noon, slept: 0 };
  const sink = slackSink(
    {
      kind: 'Slack',
      name: 's',
      batch: unlimited,
      urlFile,
      windowMs: 600_000,
      everyMs: 30_000,
      caFile: null,
    },
    {
      now: () => clock.now,
      sleep: async (ms) => {
        clock.now += ms;
        clock.slept += ms;
      },
    },
  );
  const texts = (): readonly string[] =>
    server.got.map(({ body }) => (JSON.parse(body.toString()) as { text: string }).text);
  const send = (bodies: readonly string[], at = clock.now) =>
    sink.send(batchOf(bodies, 1, at), never);
  return { server, clock, texts, send, urlFile };
}

test('Slack: denials and exceptions used are told by rule and namespace, in one message', async (t) => {
  const { send, texts, server } = await slack(t);
  await send([
    decision({ rules: ['p/a', 'p/b'] }),
    decision({ rules: ['p/a'], username: 'bob' }),
    decision({ rules: ['p/a'], namespace: 'bank' }),
    decision({ allowed: true, rules: ['p/c'], excused: ['p/x'] }),
    decision({ rules: [] }),
  ]);
  t.strictSame(
    texts().map((text) => text.split('\n')),
    [
      [
        'Sekisho replica 0',
        'denied by p/a in shop, 2 times: bob CREATE Pod shop/web',
        'denied by p/b in shop: alice@\u200bexample.com CREATE Pod shop/web',
        'denied by p/a in bank: alice@\u200bexample.com CREATE Pod bank/web',
        'excused from p/x in shop: alice@\u200bexample.com CREATE Pod shop/web',
        'denied in shop: alice@\u200bexample.com CREATE Pod shop/web',
      ],
    ],
  );
  t.match(JSON.parse(server.got[0]?.body.toString() ?? ''), { mrkdwn: false, link_names: false });
});

test('Slack: dry runs, what is allowed, and other records are not told', async (t) => {
  const { send, texts } = await slack(t);
  await send([
    decision({ dryRun: true }),
    decision({ dryRun: true, allowed: true, excused: ['p/x'] }),
    decision({ allowed: true }),
    JSON.stringify({ kind: 'reload', text: '"kind":"decision" "allowed":false' }),
    '{"kind":"decision","allowed":false',
  ]);
  t.same(texts(), []);
});

test('Slack: the same rule in the same namespace is told once in the window, and then with its count', async (t) => {
  const { send, texts, clock } = await slack(t);
  await send([decision({})]);
  clock.now += 60_000;
  await send([decision({}), decision({})]);
  await send([decision({ namespace: 'bank' })]);
  clock.now += 600_000;
  await send([decision({})]);
  t.equal(texts().length, 3);
  t.match(texts()[1], 'bank');
  t.match(texts()[2], /denied by p\/r in shop: .*\(and 2 more since it was told last\)$/);
});

test('Slack: two messages are never closer than the settings say, and nothing is left out', async (t) => {
  const { send, texts, clock } = await slack(t);
  for (const namespace of ['a', 'b', 'c']) await send([decision({ namespace })]);
  t.equal(texts().length, 3);
  t.equal(clock.slept, 60_000);
});

test('Slack: what was not taken is told again, with nothing counted twice', async (t) => {
  const { send, texts, server, clock } = await slack(t);
  server.answer(() => ({ status: 429, headers: { 'retry-after': '3' } }));
  t.match(await send([decision({}), decision({})]), { error: { kind: 'again', after: 3000 } });
  server.answer(() => ({ status: 200, body: 'ok' }));
  await send([decision({}), decision({})]);
  t.match(texts()[1], 'denied by p/r in shop, 2 times');
  clock.now += 600_000;
  await send([decision({})]);
  t.notMatch(texts()[2], 'more since');
});

test('Slack: what is older than an hour is counted, and not told one by one', async (t) => {
  const { send, texts, clock } = await slack(t);
  const old = clock.now - 7_200_000;
  await send([decision({}), decision({})], old);
  await send([decision({})], old);
  t.strictSame(texts(), ['Sekisho replica 0\n2 older records of that kind: the ledger has them']);
});

test('Slack: nothing in a record pings, links, formats, or makes a message long', async (t) => {
  const { send, texts } = await slack(t);
  const hostile =
    '<!channel> @here <https://x.example|y> & ghp_0123456789012345678901234567890123456789';
  await send(
    Array.from({ length: 30 }, (_, i) =>
      decision({
        rules: [`p/${i}${hostile}`],
        namespace: hostile,
        username: `${hostile}\n\u202e${'x'.repeat(5000)}`,
      }),
    ),
  );
  const [text = ''] = texts();
  t.notMatch(text, /[<>]|@(?!\u200b)|:\/\/|\u202e|ghp_0/);
  t.match(text, '&lt;!channel&gt; @\u200bhere');
  t.match(text, 'and 20 more rules: the ledger has them');
  t.equal(text.split('\n').length, 12);
  t.ok(text.length < 12 * 800, `${text.length}`);
});

test('Slack: the URL is a secret of its file, and no fault holds it', async (t) => {
  const { send, urlFile, server } = await slack(t);
  server.answer(() => ({ status: 404, body: 'no_team' }));
  t.match(await send([decision({})]), { error: { kind: 'halt', message: 'status 404: no_team' } });
  for (const url of [
    'http://hooks.example.com/s3cret',
    's3cret',
    '',
    'https://127.0.0.1:1/s3cret',
  ]) {
    writeFileSync(urlFile, url);
    const sent = await send([decision({})]);
    t.equal(sent.ok, false);
    t.notMatch(JSON.stringify(sent), 's3cret', url);
  }
});
