// What is kept of images and for how long, by a clock that only the test moves: evidence and never verdicts, faults never
// as "unsigned", one search for all who ask at once, and an answer in time although the search goes on.
import { test } from 'tap';
import type { Digest } from '../../src/base/brand.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import { bounded } from '../../src/images/bounded.ts';
import { EvidenceCache, type EvidenceQuestion, type Known } from '../../src/images/evidence.ts';
import type {
  Authority,
  AuthorityEvidence,
  AuthorityId,
  ImageEvidence,
  ImageFault,
} from '../../src/images/model.ts';
import { scanned, signature, vuln } from '../engine/image-scene.ts';

const digestOf = (letter: string): Digest => `sha256:${letter.repeat(64)}` as Digest;
const [first, second] = [digestOf('a'), digestOf('b')];
const repository = { registry: 'registry.example.com', path: 'shop/web' };
const minute = 60_000;

function authority(name: string, predicateTypes: readonly string[] = []): Authority {
  return {
    id: name as AuthorityId,
    name,
    signers: { kind: 'keys', keys: [], hashAlgorithm: null },
    transparencyLog: null,
    timestamps: null,
    sources: [],
    signatureFormat: null,
    predicateTypes,
  };
}
const release = authority('release');
const security = authority('security', [vuln]);

type Found = Partial<AuthorityEvidence>;
type Access = { readonly id: string };
type Question = EvidenceQuestion<Access>;
const signed: Found = { signatures: [signature()] };
const down: ImageFault = { code: 'registry-unreachable', message: 'it cannot be reached' };

const tooMany: ImageFault = { code: 'image-artefacts-limit', message: 'more than are read' };
const tooLarge: ImageFault = { code: 'registry-limit', message: 'more bytes than are read' };

/** `found`, `tags` and `fault` may be changed as a registry changes. */
function world() {
  const state = {
    found: {} as Record<string, Found>,
    tags: { '1.4': first } as Record<string, Digest>,
    fault: null as ImageFault | null,
    /** Held back while this is not null. */
    gate: null as Promise<void> | null,
    now: 0,
    verified: [] as string[][],
    resolved: 0,
    sleepers: [] as { readonly at: number; readonly wake: () => void }[],
  };
  const cache = new EvidenceCache<Access>({
    source: {
      async resolve(_, tag) {
        state.resolved += 1;
        return ok(state.tags[tag] ?? second);
      },
      async verify({ digest }, authorities): Promise<Result<ImageEvidence, ImageFault>> {
        state.verified.push(authorities.map(({ name }) => name));
        await state.gate;
        if (state.fault !== null) return err(state.fault);
        const nothing = { signatures: [], attestations: [], rejected: [], faults: [] };
        const parts = authorities.map(({ id, name }) => ({
          authority: id,
          name,
          ...nothing,
          ...state.found[name],
        }));
        return ok({ repository: 'registry.example.com/shop/web', digest, authorities: parts });
      },
    },
    clock: {
      now: () => state.now,
      time: () => new Date(state.now).toISOString(),
      sleep: (milliseconds, done) =>
        new Promise((wake) => {
          state.sleepers.push({ at: state.now + milliseconds, wake });
          done.addEventListener('abort', () => wake());
        }),
      limit: () => new AbortController().signal,
    },
  });
  const pass = (milliseconds: number): void => {
    state.now += milliseconds;
    for (const { at, wake } of state.sleepers) if (at <= state.now) wake();
  };
  const ask = (changes: Partial<Question> = {}): Promise<Result<Known, ImageFault>> =>
    cache.ask({
      repository,
      tag: null,
      digest: first,
      authorities: [release],
      access: { id: '' },
      within: null,
      maxAge: null,
      ...changes,
    });
  return { state, pass, ask };
}

test('evidence is kept as long as it is good for, and no longer', async (t) => {
  const lasting: readonly (readonly [string, Authority, Found, number])[] = [
    ['a valid signature', release, signed, 60 * minute],
    ['no signature', release, {}, minute / 2],
    ['a valid signature beside a fault', release, { ...signed, faults: [down] }, minute / 2],
    ['nothing but a fault', release, { faults: [down] }, 0],
    ['nothing, and too much of it', release, { faults: [tooMany] }, minute / 2],
    ['nothing but too many bytes', release, { faults: [tooLarge] }, minute / 2],
    ['too much, and a fault', release, { faults: [tooMany, down] }, 0],
    ['an attestation of each type', security, { attestations: [scanned('x')] }, 60 * minute],
    [
      'one of two types',
      authority('both', [vuln, 'other']),
      { attestations: [scanned('x')] },
      minute / 2,
    ],
  ];
  for (const [name, who, found, lasts] of lasting) {
    const { state, pass, ask } = world();
    state.found = { [who.name]: found };
    await ask({ authorities: [who] });
    pass(Math.max(0, lasts - 1));
    await ask({ authorities: [who] });
    t.equal(state.verified.length, lasts === 0 ? 2 : 1, `${name}: just before`);
    pass(1);
    await ask({ authorities: [who] });
    t.equal(state.verified.length, lasts === 0 ? 3 : 2, `${name}: then it is looked for again`);
  }
});

test('a registry that is down changes nothing of what is known, and nothing is learned from it', async (t) => {
  const { state, pass, ask } = world();
  state.found = { release: signed };
  await ask();
  state.fault = down;
  pass(59 * minute);
  t.match(await ask(), { ok: true, value: { at: '1970-01-01T00:00:00.000Z' } });
  pass(2 * minute);
  t.strictSame(await ask(), err(down));
  state.fault = null;
  t.match(await ask(), { ok: true }, 'the fault was not kept');
});

test('what is kept is by digest, authority, repository and what was logged in with', async (t) => {
  const { state, ask } = world();
  await ask();
  for (const change of [
    { digest: second },
    { authorities: [authority('other')] },
    { repository: { ...repository, path: 'shop/other' } },
    { access: { id: 'other' } },
  ]) {
    const before = state.verified.length;
    await ask(change);
    t.equal(state.verified.length, before + 1, JSON.stringify(change).slice(0, 40));
  }
  const before = state.verified.length;
  await ask({ authorities: [release, security] });
  t.strictSame(state.verified.slice(before), [['security']], 'only what is missing is looked for');
});

test('a tag is asked for each time, and what it moved to has evidence of its own', async (t) => {
  const { state, ask } = world();
  state.found = { release: signed };
  const tagged = { tag: '1.4', digest: null };
  t.match(await ask(tagged), { value: { evidence: { digest: first } } });
  state.tags['1.4'] = second;
  state.found = {};
  const moved = await ask(tagged);
  t.match(moved, { value: { evidence: { digest: second } } });
  t.strictSame(moved.ok && moved.value.evidence.authorities.map((each) => each.signatures), [[]]);
  t.equal(state.resolved, 2);
  t.equal(state.verified.length, 2);
});

test('two hundred who ask at once are one verification, with one answer', async (t) => {
  const { state, ask } = world();
  const open = Promise.withResolvers<void>();
  state.gate = open.promise;
  const asking = Array.from({ length: 200 }, () => ask());
  open.resolve();
  const answers = await Promise.all(asking);
  t.equal(state.verified.length, 1);
  t.equal(new Set(answers.map((each) => (each.ok ? each.value.evidence : null))).size, 1);
  t.ok(answers.every((each) => each.ok));
});

test('who cannot wait has an answer in time, and the search fills the cache for the next', async (t) => {
  const { state, pass, ask } = world();
  state.found = { release: signed };
  const open = Promise.withResolvers<void>();
  state.gate = open.promise;
  const early = ask({ within: 2000 });
  const patient = ask({ within: 9000 });
  pass(2000);
  t.match(await early, { ok: false, error: { code: 'image-timeout', message: /retry/ } });
  open.resolve();
  t.match(await patient, { ok: true });
  t.match(await ask({ within: 0 }), { ok: true }, 'what is known needs no time');
  t.equal(state.verified.length, 1);
});

test('evidence that must be young is looked for again when it is not', async (t) => {
  const { state, pass, ask } = world();
  state.found = { security: { attestations: [scanned('old')] } };
  const asked = { authorities: [security] };
  await ask(asked);
  pass(minute);
  t.match(await ask({ ...asked, maxAge: 2 * minute }), {
    value: { at: '1970-01-01T00:00:00.000Z' },
  });
  state.found = { security: { attestations: [scanned('new')] } };
  t.match(await ask({ ...asked, maxAge: minute / 2 }), {
    value: {
      at: '1970-01-01T00:01:00.000Z',
      evidence: { authorities: [{ attestations: [scanned('new')] }] },
    },
  });
  t.equal(state.verified.length, 2);
});

test('the same evidence is the same object, so that what is made of it can be kept', async (t) => {
  const { ask } = world();
  await ask();
  const [one, other] = [await ask(), await ask()];
  t.ok(one.ok && other.ok && one.value.evidence === other.value.evidence);
});

test('a bounded map forgets what was wanted longest ago, by number and by bytes', async (t) => {
  const map = bounded<number>(3, 10);
  map.set('a', 1, 4);
  map.set('b', 2, 4);
  t.equal(map.get('a'), 1);
  map.set('c', 3, 4);
  t.strictSame(['a', 'b', 'c'].map(map.get), [1, undefined, 3], 'by bytes');
  map.set('c', 4, 1);
  map.set('d', 5, 1);
  map.set('e', 6, 1);
  t.strictSame(['a', 'c', 'd', 'e'].map(map.get), [undefined, 4, 5, 6], 'by number');
  map.set('f', 7, 11);
  t.equal(map.get('f'), undefined, 'what is too large is not kept');
  t.equal(map.size, 3);
});
