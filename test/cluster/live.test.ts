// The cluster port without a cluster: how old an answer may be, how long to wait, and what a fault is to whom.
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import type { AuthorizerQuestion } from '../../src/cel/authorizer.ts';
import { statusFault } from '../../src/cluster/live/api.ts';
import { reviewOf } from '../../src/cluster/live/authorizer.ts';
import { createBackoff } from '../../src/cluster/live/backoff.ts';
import { lineReader } from '../../src/cluster/live/lines.ts';
import { pages } from '../../src/cluster/live/list.ts';
import { type LiveCluster, openLiveCluster } from '../../src/cluster/live/live.ts';
import { wholeSet } from '../policy/texts.ts';
import {
  type FakeApi,
  type FakeClock,
  fakeApi,
  fakeClock,
  listOf,
  namespace,
  settle,
} from './fake-cluster.ts';

const configurations = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const down = { kind: 'unreachable', message: 'connect ECONNREFUSED', retryAfter: null } as const;

type Opened = { readonly api: FakeApi; readonly clock: FakeClock; readonly live: LiveCluster };

function open(prepare: (api: FakeApi) => void = () => {}): Opened {
  const [api, clock] = [fakeApi(), fakeClock()];
  api.set('/api/v1/namespaces', listOf([namespace('shop', { tier: 'web' })]));
  api.set(configurations, listOf([]));
  prepare(api);
  return { api, clock, live: openLiveCluster({ kubeconfig: null }, { api, clock }) };
}

/** `ok LABELS` or the code of the fault. */
async function asked({ live }: Pick<Opened, 'live'>, name = 'shop'): Promise<string> {
  const answer = await live.ports.namespace(name);
  if (!answer.ok) return answer.error.code;
  const metadata = answer.value.value['metadata'] as JsonObject;
  return `ok ${JSON.stringify(metadata['labels'])}`;
}

const watchOf = ({ api }: Opened, path: string) =>
  api.streams.find((stream) => stream.path.startsWith(`${path}?`));

test('each wait is longer, up to half a minute, half of it chance; a server may ask for more', (t) => {
  for (const [random, waits] of [
    [0, [125, 250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000]],
    [1, [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]],
  ] as const) {
    const backoff = createBackoff(() => random);
    t.same(
      waits.map(() => backoff.next(null)),
      waits,
    );
    backoff.reset();
    t.equal(backoff.next(null), waits[0]);
    t.equal(backoff.next(5_000), 5_000);
    t.equal(backoff.next(86_400_000), 30_000, 'no server puts us to sleep for a day');
  }
  t.end();
});

test('lines come whole out of any chunks, and none is endless', (t) => {
  const text = Buffer.from('{"a":"é"}\n\n{"b":1}\nrest');
  for (let size = 1; size <= text.length; size++) {
    const reader = lineReader(20);
    const lines: string[] = [];
    for (let at = 0; at < text.length; at += size) {
      for (const line of reader.take(text.subarray(at, at + size))) lines.push(String(line));
    }
    t.same(lines, ['{"a":"é"}', '{"b":1}'], `chunks of ${size}`);
  }
  t.throws(() => lineReader(3).take(Buffer.from('four')), /larger than the limit/);
  t.end();
});

test('a list is read page by page, and its items are told what they are', async (t) => {
  const api = fakeApi();
  api.set('/api/v1/namespaces', (query) =>
    query.includes('continue=')
      ? listOf([namespace('b')])
      : listOf([namespace('a')], { continue: 'x&y' }),
  );
  const all = await pages(api, '/api/v1/namespaces', 1);
  t.ok(all.ok);
  if (!all.ok) return;
  t.match(all.value.items, [
    { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'a' } },
    { kind: 'Namespace', metadata: { name: 'b' } },
  ]);
  t.match(api.asked[1], 'continue=x%26y');
});

test('what the watch tells is known: added, changed, deleted; managedFields are not kept', async (t) => {
  const opened = open();
  await settle();
  const stream = watchOf(opened, '/api/v1/namespaces');
  t.match(stream?.path, /allowWatchBookmarks=true.*resourceVersion=10/);
  t.equal(await asked(opened), 'ok {"tier":"web"}');
  stream?.tell('MODIFIED', namespace('shop', { tier: 'db' }));
  t.equal(await asked(opened), 'ok {"tier":"db"}');
  stream?.tell('ADDED', namespace('new'));
  t.equal(await asked(opened, 'new'), 'ok {}');
  stream?.tell('DELETED', namespace('new'));
  t.equal(await asked(opened, 'new'), 'namespace-unavailable');
  const answer = await opened.live.ports.namespace('shop');
  t.notMatch(answer, { value: { value: { metadata: { managedFields: [] } } } });
  opened.live.stop();
});

test('a namespace that the watch does not know is asked for live, once at a time', async (t) => {
  const opened = open((api) => api.set('/api/v1/namespaces/new', namespace('new', { at: 'once' })));
  await settle();
  const before = opened.api.asked.length;
  const all = await Promise.all([1, 2, 3].map(() => asked(opened, 'new')));
  t.same(all, Array(3).fill('ok {"at":"once"}'));
  t.equal(opened.api.asked.length - before, 1);
  opened.api.set('/api/v1/namespaces/other', down);
  t.equal(await asked(opened, 'other'), 'namespace-unavailable');
  t.equal(await asked(opened, '../nodes/x'), 'namespace-unavailable');
  t.equal(opened.api.asked.at(-1), '/api/v1/namespaces/..%2Fnodes%2Fx');
  opened.live.stop();
});

test('what nobody vouched for in five minutes decides nothing, unless a live read does', async (t) => {
  const opened = open();
  const { api, clock } = opened;
  await settle();
  api.refuseWatches(down);
  api.set('/api/v1/namespaces', down);
  for (const stream of [...api.streams]) stream.end({ ok: false, error: down });
  await clock.advance(299_000);
  t.equal(await asked(opened), 'ok {"tier":"web"}', 'young enough');
  await clock.advance(2_000);
  api.set('/api/v1/namespaces/shop', down);
  t.equal(await asked(opened), 'cluster-stale');
  const answer = await opened.live.ports.namespace('shop');
  t.match(answer, {
    error: { message: /^what is known of namespaces is 30\d seconds old, more than the 300/ },
  });
  api.set('/api/v1/namespaces/shop', namespace('shop', { live: 'yes' }));
  t.equal(await asked(opened), 'ok {"live":"yes"}');
  api.set('/api/v1/namespaces/shop', statusFault(404, 'not found'));
  t.equal(await asked(opened), 'namespace-unavailable', 'it is gone, whatever is remembered');
  opened.live.stop();
});

test('a bookmark vouches for what is held; a silent watch does not', async (t) => {
  const opened = open();
  const { clock, live } = opened;
  await settle();
  const age = (): number | null => live.states()[0]?.state.age ?? null;
  await clock.advance(60_000);
  t.equal(age(), 60_000);
  watchOf(opened, '/api/v1/namespaces')?.tell('BOOKMARK', { metadata: { resourceVersion: '20' } });
  t.equal(age(), 0);
  watchOf(opened, '/api/v1/namespaces')?.end();
  await settle();
  t.match(watchOf(opened, '/api/v1/namespaces')?.path, 'resourceVersion=20');
  live.stop();
});

test('a watch that died without a word is left, and a list vouches in time', async (t) => {
  const opened = open();
  const { clock, live } = opened;
  await settle();
  for (let minute = 0; minute < 30; minute++) {
    await clock.advance(60_000);
    t.equal(await asked(opened), 'ok {"tier":"web"}');
    t.ok((live.states()[0]?.state.age ?? 0) <= 300_000);
  }
  live.stop();
});

test('ages go by the longer of two clocks', async (t) => {
  const opened = open((api) => api.set('/api/v1/namespaces/shop', down));
  const { clock, live } = opened;
  await settle();
  const wall = clock.now().wall;
  clock.setWall(wall + 301_000);
  t.equal(await asked(opened), 'cluster-stale', 'the machine slept');
  clock.setWall(wall - 3_600_000);
  t.equal(await asked(opened), 'ok {"tier":"web"}', 'set back: the other clock holds');
  opened.api.refuseWatches(down);
  opened.api.set('/api/v1/namespaces', down);
  for (const stream of [...opened.api.streams]) stream.end({ ok: false, error: down });
  await clock.advance(301_000);
  clock.setWall(wall - 3_600_000);
  t.equal(await asked(opened), 'cluster-stale', 'set back, and old all the same');
  live.stop();
});

test('what keeps a watch from going on, and what is done about it', async (t) => {
  const rows = [
    ['410 in the stream', statusFault(410, 'too old'), 'list'],
    ['410 for the request', statusFault(410, 'too old'), 'list'],
    ['500', statusFault(500, 'oops'), 'watch'],
    ['a connection that broke', down, 'watch'],
  ] as const;
  for (const [what, fault, next] of rows) {
    const opened = open();
    const { api, clock, live } = opened;
    await settle();
    const stream = watchOf(opened, '/api/v1/namespaces');
    api.asked.length = 0;
    if (what === '410 in the stream') stream?.tell('ERROR', { code: 410, message: 'too old' });
    else stream?.end({ ok: false, error: fault });
    await settle();
    t.same(api.asked, [], `${what}: not at once`);
    t.equal(live.states()[0]?.state.errors[fault.kind], 1, what);
    await clock.advance(250);
    const [first = ''] = api.asked;
    t.equal(first.startsWith('WATCH') ? 'watch' : 'list', next, what);
    live.stop();
  }
});

test('a watch that ends at once, again and again, is no busy loop', async (t) => {
  const opened = open();
  const { api, clock, live } = opened;
  await settle();
  api.asked.length = 0;
  for (let second = 0; second < 60; second++) {
    for (const stream of [...api.streams]) stream.end();
    await clock.advance(1_000);
  }
  const watches = api.asked.filter((line) => line.startsWith('WATCH /api/v1/namespaces'));
  t.ok(watches.length > 3 && watches.length < 15, `${watches.length} in a minute`);
  live.stop();
});

test('a server that asks for time gets it', async (t) => {
  const opened = open((api) => api.set('/api/v1/namespaces', statusFault(429, 'busy', 9_000)));
  await settle();
  t.equal(opened.live.ready(), false);
  t.ok(opened.clock.waits().includes(9_000));
  opened.api.set('/api/v1/namespaces', listOf([]));
  await opened.clock.advance(9_000);
  t.equal(opened.live.ready(), true);
  opened.live.stop();
});

const paramKind = (apiVersion: string, kind: string): string =>
  `  paramKind: {apiVersion: ${apiVersion}, kind: ${kind}}`;

/** A policy set with a policy of this paramKind, and the settings that say where to look. */
function law(kind: string | null, params: readonly string[], exceptions: readonly string[] = []) {
  const text = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: p}
spec:
${kind ?? ''}
  matchConstraints: {resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
  validations: [{expression: 'true'}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: b}
spec:
  policyName: p
  validationActions: [Deny]
${kind === null ? '' : '  paramRef: {name: x, parameterNotFoundAction: Deny}'}
---
apiVersion: sekisho.dev/v1alpha1
kind: PolicySettings
spec:
  params: {namespaces: ${JSON.stringify(params)}}
  exceptions: {namespaces: ${JSON.stringify(exceptions)}}
`;
  return wholeSet(text);
}

const limits = (place: string, name: string): JsonObject => ({
  metadata: { namespace: place, name },
});

test('params come from the namespaces that are listed, and from no others', async (t) => {
  const maps = (place: string): string => `/api/v1/namespaces/${place}/configmaps`;
  const rows = [
    ['one', ['a'], ['a/x']],
    ['two', ['a', 'b'], ['a/x', 'b/x']],
    ['none', [], []],
    ['all', ['*', 'a'], ['a/x', 'c/x']],
  ] as const;
  for (const [what, places, wanted] of rows) {
    const opened = open((api) => {
      api.set(maps('a'), listOf([limits('a', 'x')]));
      api.set(maps('b'), listOf([limits('b', 'x')]));
      api.set('/api/v1/configmaps', listOf([limits('a', 'x'), limits('c', 'x')]));
    });
    opened.live.use(law(paramKind('v1', 'ConfigMap'), [...places]));
    await settle();
    const answer = await opened.live.ports.params({ apiVersion: 'v1', kind: 'ConfigMap' });
    t.match(answer, { value: { namespaced: true } }, 'the API server says what is in namespaces');
    const found = answer.ok ? answer.value.value : [];
    const names = found.map(({ metadata }) => Object.values(metadata as JsonObject).join('/'));
    t.same(names, wanted, what);
    t.equal(opened.live.ready(), true, what);
    opened.live.stop();
  }
});

test('kinds: Secrets never, cluster-scoped ones always, unknown ones fail closed until they are there', async (t) => {
  const secret = open((api) => api.set('/api/v1/secrets', listOf([])));
  secret.live.use(law(paramKind('v1', 'Secret'), ['*']));
  await settle();
  const refused = await secret.live.ports.params({ apiVersion: 'v1', kind: 'Secret' });
  t.match(refused, { error: { code: 'params-unavailable', message: /never read as params/ } });
  t.notOk(
    secret.api.asked.some((line) => line.includes('secrets')),
    'nor asked for',
  );
  secret.live.stop();

  const opened = open();
  const { api, clock, live } = opened;
  const question = { apiVersion: 'a.b/v1', kind: 'Bound' };
  live.use(law(paramKind('a.b/v1', 'Bound'), []));
  await settle();
  t.match(await live.ports.params(question), { error: { code: 'params-unavailable' } });
  t.equal(live.ready(), true, 'the others need not wait for it');
  api.set('/apis/a.b/v1', { resources: [{ name: 'bounds', kind: 'Bound', namespaced: false }] });
  api.set('/apis/a.b/v1/bounds', listOf([{ metadata: { name: 'x' } }]));
  t.match(await live.ports.params(question), {
    value: { value: [{ metadata: { name: 'x' } }], namespaced: false },
  });
  await clock.advance(31_000);
  t.equal(live.states().find(({ what }) => what === 'a.b/v1 Bound')?.state.synced, true);
  live.use(law(null, []));
  t.notOk(
    live.states().some(({ what }) => what === 'a.b/v1 Bound'),
    'no longer watched',
  );
  live.stop();
});

test('params that are too old decide nothing', async (t) => {
  const path = '/api/v1/namespaces/a/configmaps';
  const opened = open((api) => api.set(path, listOf([limits('a', 'x')])));
  const { api, clock, live } = opened;
  const question = { apiVersion: 'v1', kind: 'ConfigMap' };
  live.use(law(paramKind('v1', 'ConfigMap'), ['a']));
  await settle();
  t.match(await live.ports.params(question), { ok: true, value: { value: [limits('a', 'x')] } });
  api.refuseWatches(down);
  api.set(path, down);
  for (const stream of [...api.streams]) stream.end({ ok: false, error: down });
  await clock.advance(301_000);
  t.match(await live.ports.params(question), { error: { code: 'cluster-stale' } });
  t.equal(await asked(opened), 'ok {"tier":"web"}', 'namespaces are known');
  api.set(path, listOf([limits('a', 'y')]));
  t.match(await live.ports.params(question), { ok: true, value: { value: [limits('a', 'y')] } });
  live.stop();
});

test('exceptions that are too old excuse nobody', async (t) => {
  const path = '/apis/sekisho.dev/v1alpha1/namespaces/gate/policyexceptions';
  const opened = open((api) => api.set(path, listOf([limits('gate', 'x')])));
  const { api, clock, live } = opened;
  live.use(law(null, [], ['gate']));
  await settle();
  t.equal(live.exceptions().length, 1);
  api.refuseWatches(down);
  api.set(path, down);
  for (const stream of [...api.streams]) stream.end({ ok: false, error: down });
  await clock.advance(301_000);
  t.same(live.exceptions(), []);
  live.stop();
});

const user = { username: 'alice', uid: '', groups: ['dev'], extra: { scopes: ['a'] } };
const nothing = { fieldSelector: '', labelSelector: '' };
const secrets: AuthorizerQuestion = {
  ...{ ...user, verb: 'get', kind: 'resource', group: '', resource: 'secrets' },
  ...{ subresource: '', namespace: 'shop', name: '', ...nothing },
} as const;

test('the authorizer: only a plain yes allows', async (t) => {
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
  const rows: readonly (readonly [JsonObject, object])[] = [
    [{ status: { allowed: true, reason: 'RBAC' } }, { allowed: true, reason: 'RBAC', error: null }],
    [{ status: { allowed: false } }, { allowed: false, reason: '', error: null }],
    [{ status: { allowed: true, denied: true } }, { allowed: false }],
    [{ status: { allowed: 'true' } }, { allowed: false }],
    [{}, { allowed: false }],
    [{ status: { allowed: false, evaluationError: 'no role' } }, { error: 'no role' }],
  ];
  for (const [answer, value] of rows) {
    const opened = open((api) => api.set(path, answer));
    t.match(await opened.live.ports.authorizer(secrets), { ok: true, value: { value } });
    opened.live.stop();
  }
  const refused = open((api) => api.set(path, statusFault(403, 'no')));
  const fault = { ok: false, error: { code: 'authorizer-unavailable' } };
  t.match(await refused.live.ports.authorizer(secrets), fault);
  refused.live.stop();
  t.same(reviewOf(secrets)['spec'], {
    ...{ user: 'alice', groups: ['dev'], extra: { scopes: ['a'] } },
    resourceAttributes: {
      ...{ verb: 'get', group: '', version: '*', resource: 'secrets', subresource: '' },
      ...{ namespace: 'shop', name: '' },
    },
  });
  t.match(reviewOf({ ...secrets, labelSelector: 'a=b' }), {
    spec: { resourceAttributes: { labelSelector: { rawSelector: 'a=b' } } },
  });
  t.match(reviewOf({ ...user, verb: 'get', kind: 'path', path: '/metrics' }), {
    spec: { nonResourceAttributes: { path: '/metrics', verb: 'get' } },
  });
});

const podsPath = '/api/v1/namespaces/shop/pods';
const podNamed = (name: string): JsonObject => ({ metadata: { name } });
const question = { namespace: 'shop', limit: 600, within: 750 };

test('pods are listed page by page up to the limit, and how many more there are is told', async (t) => {
  const opened = open(({ set }) =>
    set(podsPath, (query) => {
      const size = Number(/limit=(\d+)/.exec(query)?.[1]);
      const items = Array.from({ length: size }, (_, i) => podNamed(`p${i}`));
      return listOf(items, { continue: 'more', remainingItemCount: 40 });
    }),
  );
  const answer = await opened.live.ports.inventory(question);
  if (!answer.ok) throw new Error(answer.error.message);
  t.equal(answer.value.value.length, 600);
  t.equal(answer.value.total, 640);
  const asked = opened.api.asked.filter((path) => path.startsWith(podsPath));
  t.same(asked, [
    `${podsPath}?limit=250`,
    `${podsPath}?limit=250&continue=more`,
    `${podsPath}?limit=100&continue=more`,
  ]);
  opened.live.stop();
});

test('when the time is up, or a later page fails, the pods that were had are the answer', async (t) => {
  for (const end of ['time', 'fault']) {
    let pages = 0;
    const opened = open(({ set }) =>
      set(podsPath, () => {
        pages += 1;
        if (end === 'time') opened.clock.setWall(Date.parse('2026-11-21T00:00:02Z'));
        else if (pages > 1) return down;
        return listOf([podNamed('a'), podNamed('b')], { continue: 'x', remainingItemCount: 9 });
      }),
    );
    const answer = await opened.live.ports.inventory(question);
    t.match(answer, { ok: true, value: { total: 11 } }, end);
    t.equal(pages, end === 'time' ? 1 : 2, end);
    opened.live.stop();
  }
});

test('pods that cannot be listed at all are a fault, and a namespace without any is an empty list', async (t) => {
  const opened = open(({ set }) => set(podsPath, statusFault(403, 'no')));
  t.match(await opened.live.ports.inventory(question), {
    ok: false,
    error: {
      code: 'inventory-unavailable',
      message: /^the pods of namespace "shop" cannot be listed: 403: no$/,
    },
  });
  opened.api.set(podsPath, listOf([]));
  t.match(await opened.live.ports.inventory(question), {
    ok: true,
    value: { value: [], total: 0 },
  });
  opened.live.stop();
});
