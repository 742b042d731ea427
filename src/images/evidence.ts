// What is known of images, kept for a while: evidence by digest, authority and credentials, never verdicts and never what
// a tag names. Whoever asks has an answer in time; what was begun goes on without him and is there for the next one.
import type { Digest } from '../base/brand.ts';
import { err, ok, type Result } from '../base/result.ts';
import { bounded } from './bounded.ts';
import { entryKey, flightKey, type Keyed, sizeOf } from './evidence-key.ts';
import { type Freshness, keepFor } from './freshness.ts';
import type { Image } from './image.ts';
import type { Authority, AuthorityEvidence, ImageEvidence, ImageFault } from './model.ts';
import type { Repository } from './registry/registry.ts';

/** What is asked of an image; `access` stands for what is logged in with. */
export type EvidenceQuestion<Access extends { readonly id: string }> = Keyed & {
  readonly access: Access;
  /** Milliseconds, at most; null: as long as it takes. */
  readonly within: number | null;
};

export type Known = { readonly evidence: ImageEvidence; readonly at: string };

export type EvidenceSource<Access> = {
  resolve(
    repository: Repository,
    tag: string,
    access: Access,
    signal: AbortSignal,
  ): Promise<Result<Digest, ImageFault>>;
  verify(
    image: Image,
    authorities: readonly Authority[],
    access: Access,
    signal: AbortSignal,
  ): Promise<Result<ImageEvidence, ImageFault>>;
};

export type EvidenceClock = {
  /** Milliseconds; only differences count. */
  now(): number;
  /** RFC 3339. */
  time(): string;
  /** Resolves after so many milliseconds; `done` ends it early. */
  sleep(milliseconds: number, done: AbortSignal): Promise<void>;
  /** Aborted after so many milliseconds. */
  limit(milliseconds: number): AbortSignal;
};

/** `joined`: somebody else had begun it. */
export type EvidenceEvent = 'hit' | 'miss' | 'joined';

export type EvidenceSettings<Access> = {
  readonly source: EvidenceSource<Access>;
  readonly clock: EvidenceClock;
  readonly told?: (event: EvidenceEvent) => void;
};

/** How long a search goes on when nobody waits for it any more. */
const longestFlight = 60_000;
const mostEntries = 20_000;
const mostBytes = 64 << 20;

type Entry = Freshness & { readonly part: AuthorityEvidence };

export class EvidenceCache<Access extends { readonly id: string }> {
  readonly #settings: EvidenceSettings<Access>;
  readonly #entries = bounded<Entry>(mostEntries, mostBytes);
  /** The same parts are the same evidence: what is made of it elsewhere is kept by its identity. */
  readonly #wholes = bounded<ImageEvidence>(mostEntries, mostBytes);
  readonly #flights = new Map<string, Promise<Result<Known, ImageFault>>>();

  constructor(settings: EvidenceSettings<Access>) {
    this.#settings = settings;
  }

  async ask(question: EvidenceQuestion<Access>): Promise<Result<Known, ImageFault>> {
    const kept = question.digest === null ? undefined : this.#kept(question, question.digest);
    if (kept !== undefined) return ok(kept);
    const flight = this.#join(question);
    if (question.within === null) return flight;
    const done = new AbortController();
    const late = this.#settings.clock.sleep(question.within, done.signal).then(() => tooLate);
    const first = await Promise.race([flight, late]);
    done.abort();
    return first;
  }

  #join(question: EvidenceQuestion<Access>): Promise<Result<Known, ImageFault>> {
    const key = flightKey(question);
    const begun = this.#flights.get(key);
    if (begun !== undefined) {
      this.#settings.told?.('joined');
      return begun;
    }
    const flight = this.#fly(question).finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  async #fly(question: EvidenceQuestion<Access>): Promise<Result<Known, ImageFault>> {
    const { source, clock, told } = this.#settings;
    const { repository, access, authorities } = question;
    const signal = clock.limit(longestFlight);
    const digest =
      question.digest === null
        ? await source.resolve(repository, question.tag ?? '', access, signal)
        : ok(question.digest);
    if (!digest.ok) return digest;
    const kept = this.#kept(question, digest.value);
    if (kept !== undefined) return ok(kept);
    told?.('miss');
    const missing = authorities.filter(
      (each) => this.#entry(question, digest.value, each) === undefined,
    );
    const image = { repository, digest: digest.value };
    const found = await source.verify(image, missing, access, signal);
    if (!found.ok) return found;
    const at = clock.time();
    const parts = new Map(found.value.authorities.map((part) => [part.authority, part]));
    for (const authority of missing) {
      const part = parts.get(authority.id);
      if (part !== undefined) this.#keep(question, digest.value, { authority, part, at });
    }
    return ok(this.#whole(question, digest.value, parts, at));
  }

  /** undefined: some authority is not known, or not well enough. */
  #kept(question: EvidenceQuestion<Access>, digest: Digest): Known | undefined {
    const entries = question.authorities.map((each) => this.#entry(question, digest, each));
    if (!entries.every((entry) => entry !== undefined)) return undefined;
    this.#settings.told?.('hit');
    return this.#whole(question, digest, new Map(), this.#settings.clock.time());
  }

  #entry(question: EvidenceQuestion<Access>, digest: Digest, { id }: Authority): Entry | undefined {
    const key = entryKey(question, digest, id);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const age = this.#settings.clock.now() - entry.since;
    const most = Math.min(entry.lasts, question.maxAge ?? entry.lasts);
    return age < most ? entry : undefined;
  }

  #keep(
    question: EvidenceQuestion<Access>,
    digest: Digest,
    { authority, part, at }: { authority: Authority; part: AuthorityEvidence; at: string },
  ): void {
    const lasts = keepFor(part, authority);
    if (lasts === 0) return;
    const since = this.#settings.clock.now();
    const entry = { part, at, since, lasts };
    this.#entries.set(entryKey(question, digest, authority.id), entry, sizeOf(part));
  }

  /** `fresh`: what has just been found; all else is kept. `at` is the age of the oldest. */
  #whole(
    question: EvidenceQuestion<Access>,
    digest: Digest,
    fresh: ReadonlyMap<string, AuthorityEvidence>,
    now: string,
  ): Known {
    const { registry, path } = question.repository;
    const entries = question.authorities.flatMap(
      ({ id }): readonly Pick<Entry, 'part' | 'at'>[] => {
        const part = fresh.get(id);
        if (part !== undefined) return [{ part, at: now }];
        const entry = this.#entries.get(entryKey(question, digest, id));
        return entry === undefined ? [] : [entry];
      },
    );
    const authorities = entries.map(({ part }) => part);
    const at = entries.reduce((oldest, entry) => (entry.at < oldest ? entry.at : oldest), now);
    const key = flightKey({ ...question, tag: null, digest, maxAge: null });
    const before = this.#wholes.get(key);
    if (before !== undefined && isSame(before.authorities, authorities))
      return { evidence: before, at };
    const evidence = { repository: `${registry}/${path}`, digest, authorities };
    const bytes = authorities.reduce((sum, part) => sum + sizeOf(part), 0);
    this.#wholes.set(key, evidence, bytes);
    return { evidence, at };
  }
}

const tooLate = err<ImageFault>({
  code: 'image-timeout',
  message: 'there was not enough time; the search goes on, retry',
});

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, i) => each === other[i]);
}
