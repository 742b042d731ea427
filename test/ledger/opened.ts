// A ledger in a folder of a test, its records as they lie there, and what the verifier says of them.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { v7 as newId } from 'uuid';
import type { JsonObject } from '../../src/base/json.ts';
import { parseKeyList, type RootKey } from '../../src/ledger/format/keys.ts';
import type { LedgerEvent } from '../../src/ledger/store/events.ts';
import { openLedger } from '../../src/ledger/store/ledger.ts';
import type { Ledger, LedgerOptions } from '../../src/ledger/store/options.ts';
import { verifyLedger } from '../../src/ledger/verify/verify.ts';

export type Opened = Ledger & { readonly events: LedgerEvent[] };

export function optionsFor(folder: string): LedgerOptions {
  return {
    folder,
    replica: 'gate-0',
    cluster: 'prod',
    engine: '0.0.0',
    now: () => new Date().toISOString(),
    monotonic: () => performance.now(),
    newId,
    backOff: { first: 1, most: 5 },
  };
}

export async function opened(
  folder: string,
  options: Partial<LedgerOptions> = {},
): Promise<Opened> {
  const events: LedgerEvent[] = [];
  const tell = (event: LedgerEvent): void => void events.push(event);
  const ledger = await openLedger({ ...optionsFor(folder), tell, ...options });
  if (!ledger.ok) throw new Error(ledger.error.message);
  return { ...ledger.value, events };
}

/** The process that held it is gone, says whoever calls. */
export function unlocked(folder: string): void {
  rmSync(join(folder, 'lock'), { force: true });
}

/** Names of segments, oldest first, as they are on the disk. */
export function segmentsIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => /^\d{20}\.jsonl(\.zst)?$/.test(name))
    .sort();
}

export function textOf(folder: string, name: string): string {
  const bytes = readFileSync(join(folder, name));
  return String(name.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes);
}

export type Line = JsonObject & {
  readonly seq: number;
  readonly prev: string;
  readonly sum: string;
  readonly kind: string;
};

/** Every whole line of every segment; none with a hole that lost power left. */
export function linesIn(folder: string): readonly Line[] {
  return segmentsIn(folder).flatMap((name) =>
    textOf(folder, name)
      .split('\n')
      .filter((line) => /^\{"v":1,"seq":[^\0]*,"sum":"[0-9a-f]{64}"\}$/.test(line))
      .map((line) => JSON.parse(line) as Line),
  );
}

export function kindsIn(folder: string): readonly string[] {
  return linesIn(folder).map(({ kind }) => kind);
}

export function rootsIn(folder: string): readonly RootKey[] {
  const list = parseKeyList(readFileSync(join(folder, 'keys.json'), 'utf8'));
  if (!list.ok) throw new Error(list.error.join('; '));
  return list.value.keys;
}

/** Kinds of findings with their sentences, and of remarks; by the roots in the folder, or those that are pinned. */
export async function verified(
  folder: string,
  pinned: readonly RootKey[] = rootsIn(folder),
): Promise<{ readonly faults: readonly string[]; readonly remarks: readonly string[] }> {
  const { findings, remarks, unread } = await verifyLedger([folder], pinned);
  const said = findings.map((each) => `${each.kind}: ${JSON.stringify(each)}`);
  return {
    faults: [...said, ...unread.map(({ message }) => `unread: ${message}`)],
    remarks: [...new Set(remarks.map(({ kind }) => kind))].sort(),
  };
}

/** Asks again until it is so; tap's own limit ends it otherwise. */
export async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise((resolve) => setTimeout(resolve, 2));
}
