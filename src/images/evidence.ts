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

/** What is asked of one authority, and what is known of it. */
type Slot = {
  readonly authority: Authority;
  readonly key: string;
  readonly entry: Pick<Entry, 'part' | 'at'> | undefined;
};

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
    const { repository, digest } = question;
    const kept =
      digest === null
        ? undefined
        : this.#kept({ repository, digest }, this.#slots(question, digest));
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
    const { repository, access } = question;
    const signal = clock.limit(longestFlight);
    const digest =
      question.digest === null
        ? await source.resolve(repository, question.tag ?? '', access, signal)
        : ok(question.digest);
    if (!digest.ok) return digest;
    const image = { repository, digest: digest.value };
    const slots = this.#slots(question, digest.value);
    const kept = this.#kept(image, slots);
    if (kept !== undefined) return ok(kept);
    told?.('miss');
    const missing = slots.flatMap(({ authority, entry }) =>
      entry === undefined ? [authority] : [],
    );
    const found = await source.verify(image, missing, access, signal);
    return found.ok ? ok(this.#whole(image, this.#filled(slots, found.value))) : found;
  }

  #slots(question: EvidenceQuestion<Access>, digest: Digest): readonly Slot[] {
    const now = this.#settings.clock.now();
    return question.authorities.map((authority) => {
      const key = entryKey(question, digest, authority.id);
      const entry = this.#entries.get(key);
      const most = Math.min(entry?.lasts ?? 0, question.maxAge ?? Number.POSITIVE_INFINITY);
      const isFresh = entry !== undefined && now - entry.since < most;
      return { authority, key, entry: isFresh ? entry : undefined };
    });
  }

  /** With what has just been found for those that were not known; that is kept as long as it is good for. */
  #filled(slots: readonly Slot[], { authorities }: ImageEvidence): readonly Slot[] {
    const { clock } = this.#settings;
    const [at, since] = [clock.time(), clock.now()];
    return slots.map((slot) => {
      const part = authorities.find((each) => each.authority === slot.authority.id);
      if (slot.entry !== undefined || part === undefined) return slot;
      const entry = { part, at, since, lasts: keepFor(part, slot.authority) };
      if (entry.lasts > 0) this.#entries.set(slot.key, entry, sizeOf(part));
      return { ...slot, entry };
    });
  }

  /** undefined: some authority is not known, or not well enough. */
  #kept(image: Image, slots: readonly Slot[]): Known | undefined {
    if (slots.some(({ entry }) => entry === undefined)) return undefined;
    this.#settings.told?.('hit');
    return this.#whole(image, slots);
  }

  /** `at` is the age of the oldest. */
  #whole({ repository, digest }: Image, slots: readonly Slot[]): Known {
    const entries = slots.flatMap(({ entry }) => entry ?? []);
    const authorities = entries.map(({ part }) => part);
    const [at = this.#settings.clock.time()] = entries.map((entry) => entry.at).sort();
    const key = slots.map((slot) => slot.key).join('\n');
    const before = this.#wholes.get(key);
    if (before !== undefined && isSame(before.authorities, authorities)) {
      return { evidence: before, at };
    }
    const { registry, path } = repository;
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
