// Names and texts that senders choose: they forge no line, recolour no terminal, reorder no sentence and grow no metric,
// in answers, in the log, in records and in what `check` prints. Ids: the catalogue of advisories (A).
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { canonicalJson, type JsonObject, type JsonValue } from '../../src/base/json.ts';
import { quote } from '../../src/base/text.ts';
import { type Asked, askOf, gateOf, podOf, reviewOf } from './request-harness.ts';

/** What moves a cursor, recolours, breaks or reorders a line, or hides: each with letters to find it by. */
const hostileTexts: readonly string[] = [
  'a\u001b[31mred\u001b[0m',
  'a\u001b]8;;http://evil\u0007link',
  'a\u009b2Jclear',
  'a\nallowed: forged line',
  'a\r\nallowed: forged line',
  'a\u0085next line',
  'a\u2028line\u2029paragraph',
  'a\u0000nul',
  'a\u0008\u0008back',
  'a\u202eoverride',
  'a\u2066isolate\u2069',
  'a\u200bzero\u200dwidth\ufeff',
  'a\u007fdelete',
  '%s%n\u0024{x}{{x}}$(x)`x`',
  '<script>alert(1)</script>',
  '"}],"allowed":true',
];
const unsafe = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

/** Nothing unsafe but line breaks, and no line that begins as the sender would have it. */
function isSafe(text: string): boolean {
  return text.split('\n').every((line) => !unsafe.test(line) && !line.startsWith('allowed'));
}

/** Characters that JSON text must not hold as they are. */
function hasControl(text: string): boolean {
  return [...text].some((each) => each < ' ');
}

function hostilePod(text: string): JsonObject {
  const container = {
    ...{ name: text, image: text, command: [text], env: [{ name: text, value: text }] },
    securityContext: { privileged: true, capabilities: { add: [text] }, procMount: text },
    ports: [{ name: text, hostPort: 1 }],
  };
  const names = { name: text, labels: { [text]: text }, annotations: { [text]: text } };
  return podOf(
    {
      ...{ hostNetwork: true, containers: [container], initContainers: [container] },
      volumes: [
        { name: text, hostPath: { path: text } },
        { name: text, [text]: {} },
      ],
      securityContext: { sysctls: [{ name: text }], seLinuxOptions: { type: text, user: text } },
    },
    { ...names, namespace: 'shop' },
  );
}

/** Each place of a request that a text can stand in. */
function hostileRequests(text: string): readonly (readonly [string, Asked])[] {
  const object = hostilePod(text);
  return [
    ['the object', { object }],
    ['the name', { name: text, object }],
    ['the namespace', { namespace: text, object }],
    [
      'the user',
      {
        object,
        userInfo: { username: text, uid: text, groups: [text], extra: { [text]: [text] } },
      },
    ],
    ['the old object', { operation: 'UPDATE', object, oldObject: { spec: { containers: [] } } }],
    ['the subresource', { object, subResource: text, requestSubResource: text }],
    ['the operation', { object, operation: text }],
    ['the kind', { object, kind: { group: text, version: text, kind: text } }],
    ['the resource', { object, resource: { group: text, version: text, resource: text } }],
    ['the kind of the object', { object: { ...object, kind: text, apiVersion: text } }],
    ['a field that is not known', { object: { ...object, [text]: text }, [text]: text }],
    [
      'a user of the wrong type',
      { object, userInfo: { groups: { [text]: text }, extra: { [text]: text } } },
    ],
    [
      'a pod of the wrong type',
      { object: podOf({ containers: { [text]: text }, volumes: [{ [text]: text }] }) },
    ],
    ['annotations of the wrong type', { object: podOf({}, { annotations: { [text]: [text] } }) }],
  ];
}

const laws = [
  ...['pod-security', 'allowed-registries', 'images-by-digest', 'no-privileged-containers'],
  ...['no-host-namespaces', 'read-only-root-filesystem', 'resource-limits'],
];

test('A13: no text of a sender forges or colours a line of a message, a warning, a log or a record', async (t) => {
  const gate = await gateOf(t, laws, {
    settings: (folder) => ({
      ledger: join(folder, 'ledger'),
      clusterObjects: [join(folder, 'shop.yaml')],
    }),
  });
  let denied = 0;
  for (const text of hostileTexts) {
    for (const [what, asked] of hostileRequests(text)) {
      const { status, json } = await gate.call({ body: reviewOf(asked) });
      const name = `${what}: ${quote(text)}`;
      t.equal(status, 200, name);
      const { allowed, status: told, warnings = [] } = json.response ?? {};
      if (!allowed) denied += 1;
      t.ok(isSafe(told?.message ?? ''), `message, ${name}`);
      t.notOk(
        warnings.some((warning) => unsafe.test(warning)),
        `warnings, ${name}`,
      );
    }
  }
  t.equal(denied, hostileTexts.length * hostileRequests('').length, 'and all are denied');
  for (const line of gate.logged) {
    t.type(JSON.parse(line), 'object');
    t.ok(isSafe(line.trimEnd()) && line.indexOf('\n') === line.length - 1, 'one record, one line');
  }
  await gate.stop();
  const folder = join(gate.folder, 'ledger');
  for (const file of (await readdir(folder)).filter((each) => each.endsWith('.jsonl'))) {
    for (const line of (await readFile(join(folder, file), 'utf8')).trimEnd().split('\n')) {
      t.doesNotThrow(() => JSON.parse(line));
      t.notOk(hasControl(line), 'a record is one line without control characters');
    }
  }
});

test('A13: what check prints is as safe, and its JSON is JSON', async (t) => {
  const { check } = await gateOf(t, laws);
  for (const text of hostileTexts) {
    const object = hostilePod(text);
    const documents: readonly JsonValue[] = [
      object,
      { ...object, kind: text },
      { ...object, apiVersion: text },
      { ...object, metadata: { name: text, namespace: text } },
      { ...object, metadata: { name: [text], [text]: text } },
      { apiVersion: 'v1', kind: 'List', items: [object, text, { [text]: text }] },
    ];
    const manifests = documents.map(canonicalJson).join('\n---\n');
    const { stdout, stderr } = await check(manifests, '-o', 'text');
    t.match(stdout, 'hostNetwork', quote(text));
    t.match(stderr, 'manifest-malformed', quote(text));
    t.ok(isSafe(stdout) && isSafe(stderr), quote(text));
    for (const line of (await check(manifests, '-o', 'jsonl')).stdout.trimEnd().split('\n')) {
      t.doesNotThrow(() => JSON.parse(line), quote(text));
    }
  }
});

test('A13: a uid is given back to the byte, and is JSON text whatever it holds', async (t) => {
  const gate = await gateOf(t, ['pod-security']);
  for (const text of hostileTexts) {
    const { status, json, text: raw } = await gate.call({ body: reviewOf({ uid: text }) });
    t.equal(status, 200);
    t.equal(json.response?.uid, text);
    t.notOk(hasControl(raw));
  }
});

/** The exposition without its numbers. */
function shape(metrics: string): string {
  return metrics.replace(/ [-+.\de]+$/gm, ' N');
}

test('A9: two thousand distinct names, namespaces, images, users, kinds, paths and faults do not grow the metrics', async (t) => {
  const gate = await gateOf(t, ['pod-security', 'allowed-registries']);
  const ask = async (i: number): Promise<void> => {
    const name = `n${i}`;
    const object = podOf(
      { containers: [{ name, image: `i${i}/x` }], hostNetwork: i % 2 === 0 },
      { name },
    );
    const request = askOf({ object, name, userInfo: { username: name, groups: [name] } });
    const kind = { group: name, version: name, kind: name };
    const bodies: readonly unknown[] = [
      request,
      { ...request, namespace: name },
      { ...request, operation: name },
      { ...request, kind, requestKind: kind, object: { [name]: i } },
    ];
    const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
    await gate.call({ body: JSON.stringify({ ...review, request: bodies[i % 4] }) });
    if (i % 10 === 0) await gate.call({ body: `{"${name}"` });
    if (i % 10 === 1) await gate.call({ body: '{}', headers: { 'content-type': name } });
    if (i % 10 === 2) await gate.call({ body: '{}', path: `/validate/${name}?timeout=${i}` });
  };
  for (let i = 0; i < 40; i++) await ask(i);
  const before = shape((await gate.plain('/metrics')).text);
  for (let i = 40; i < 2_000; i += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, k) => ask(i + k)));
  }
  const after = (await gate.plain('/metrics')).text;
  t.equal(shape(after), before);
  t.ok(after.length < 20_000, `${after.length} characters`);
  t.notMatch(after, /n1\d\d|shop/);
});
