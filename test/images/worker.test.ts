// Verification in its worker: the same evidence as without, and an image that hangs, kills or floods the worker costs
// itself only. Nothing here waits for a clock: time limits are signals that the test gives.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Test, test } from 'tap';
import type { Authority } from '../../src/images/model.ts';
import type { VerifyRequest } from '../../src/images/worker/messages.ts';
import { type ImageVerifier, openVerifier } from '../../src/images/worker/verifier.ts';
import { attachedTo, imageOf, keyed, keyless } from './corpus/corpus.ts';
import { evidenceOf } from './corpus/verdict.ts';

const unruly = new URL('./workers/unruly.ts', import.meta.url);
const never = new AbortController().signal;

function opened(t: Test, limit = never, entry?: URL): ImageVerifier {
  const verifier = openVerifier({ limit: () => limit, ...(entry === undefined ? {} : { entry }) });
  t.teardown(() => verifier.close());
  return verifier;
}

async function request(repository: string, authority: Authority): Promise<VerifyRequest> {
  const artefacts = await attachedTo(repository);
  return [{ digest: imageOf(repository), authority, artefacts, rejected: [], faults: [] }];
}

/** For the unruly worker. */
function asked(name: string): VerifyRequest {
  const authority = { ...keyed('p256'), name };
  return [{ digest: imageOf('unsigned'), authority, artefacts: [], rejected: [], faults: [] }];
}

const stopped = { ok: false, error: { code: 'image-verification-stopped' } };
const answered = { ok: true, value: [] };

test('the worker answers what verification says here, for each authority in order', async (t) => {
  const verifier = opened(t);
  const authorities = [keyless(), keyed('p256'), keyless({ identities: [] })];
  const [digest, artefacts] = [imageOf('keyless/bundle'), await attachedTo('keyless/bundle')];
  const asks = authorities.flatMap((authority) => [
    { digest, authority, artefacts, rejected: [], faults: [] },
  ]);
  const expected = authorities.map((authority) => evidenceOf(artefacts, authority, digest));
  t.strictSame(await verifier.verify(asks, never), { ok: true, value: expected });
});

test('many images at the same time are answered each with its own', async (t) => {
  const verifier = opened(t);
  const repositories = ['p256/legacy', 'rsa/bundle', 'p256/bundle', 'unsigned'];
  const answers = await Promise.all(
    repositories.map(async (repository) =>
      verifier.verify(await request(repository, keyed('p256')), never),
    ),
  );
  const counts = answers.map((answer) => (answer.ok ? answer.value[0]?.signatures.length : null));
  t.strictSame(counts, [1, 0, 1, 0]);
});

test('a trust root that is none is a fault of the authority, not a verdict', async (t) => {
  const verifier = opened(t);
  const broken = keyless({ trustRoot: { name: 'broken', json: { tlogs: [{}] } } });
  const answer = await verifier.verify(await request('keyless/bundle', broken), never);
  t.match(answer, { ok: false, error: { code: 'image-trust-root', message: /"release"/ } });
  const fine = await verifier.verify(await request('keyless/bundle', keyless()), never);
  t.match(fine, { ok: true }, 'and the next image is verified');
});

test('an image that hangs is stopped, and the next one is verified by a new worker', async (t) => {
  const limits = [new AbortController(), new AbortController()];
  let begun = 0;
  const verifier = openVerifier({
    entry: unruly,
    limit: () => limits[begun++]?.signal ?? never,
  });
  t.teardown(() => verifier.close());
  const [hanging, next] = [
    verifier.verify(asked('hang'), never),
    verifier.verify(asked('fine'), never),
  ];
  limits[0]?.abort();
  t.match(await hanging, stopped);
  t.match(await next, answered);
  t.equal(begun, 2, 'the time of an image begins when its verification does');
});

for (const how of ['throw', 'exit', 'memory']) {
  test(`a worker that ends (${how}) is a fault of the image that it had, and is replaced`, async (t) => {
    const verifier = opened(t, never, unruly);
    const [dying, next] = [
      verifier.verify(asked(how), never),
      verifier.verify(asked('fine'), never),
    ];
    t.match(await dying, stopped);
    t.match(await next, answered);
  });
}

test('whoever waits for a turn can leave, and is not verified', async (t) => {
  const [limit, patience] = [new AbortController(), new AbortController()];
  const verifier = opened(t, limit.signal, unruly);
  const hanging = verifier.verify(asked('hang'), never);
  const waiting = verifier.verify(asked('fine'), patience.signal);
  patience.abort();
  t.match(await waiting, stopped);
  limit.abort();
  t.match(await hanging, stopped);
  t.match(await verifier.verify(asked('fine'), patience.signal), stopped, 'nor when too late');
});

test('closing answers everybody, and nobody later', async (t) => {
  const verifier = openVerifier({ entry: unruly, limit: () => never });
  const all = [verifier.verify(asked('hang'), never), verifier.verify(asked('fine'), never)];
  await verifier.close();
  t.match(await Promise.all(all), [stopped, stopped]);
  t.match(await verifier.verify(asked('fine'), never), stopped);
});

test('an idle worker keeps no program alive', async (t) => {
  const program = fileURLToPath(new URL('./workers/leaves.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program], {
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  t.strictSame(JSON.parse(stdout), answered);
});
