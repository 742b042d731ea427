// An honest ledger made in memory, line by line, by docs/decisions/0003 alone; and the means to forge one, keys and all.
// It shares no code with the writer, so that what the writer does and what is verified are two readings of one text.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import type { JsonObject } from '../../src/base/json.ts';
import { chain, emptyHead, type Head, readLink } from '../../src/ledger/format/chain.ts';
import type { RootKey } from '../../src/ledger/format/keys.ts';
import { publicKeyText, signNote } from '../../src/ledger/format/note.ts';

export type BuiltSegment = { readonly first: number; lines: string[]; tail: string };

export type Builder = ReturnType<typeof createBuilder>;

const at = (seq: number): string => new Date(Date.UTC(2026, 10, 21) + seq * 1000).toISOString();

export function createBuilder(replica = 'gate-0', ledger = idOf(replica, 0)) {
  const segments: BuiltSegment[] = [];
  const epochs: string[] = [];
  const keys: KeyObject[] = [generateKeyPairSync('ed25519').privateKey];
  let head: Head = emptyHead;
  let epoch = 0;
  let note = '';
  let padding = 0;

  const keyOf = (number: number): KeyObject => {
    const key = keys[number];
    if (key === undefined) throw new Error(`no key of epoch ${number}`);
    return key;
  };

  function append(kind: string, members: JsonObject): number {
    const seq = head.seq + 1;
    const body = { kind, id: idOf(replica, seq), at: at(seq), ...members };
    const made = chain(head, JSON.stringify(body));
    head = made.head;
    segments.at(-1)?.lines.push(made.line);
    return seq;
  }

  const builder = {
    ...{ ledger, replica, segments, epochs, keys, keyOf },
    note: () => note,
    head: () => head,
    epoch: () => epoch,
    roots: (): RootKey[] => [
      { ledger, replica, epoch: 0, publicKey: publicKeyText(keyOf(0)), at: at(0) },
    ],
    pad: (bytes: number) => {
      padding = bytes;
    },
    append,
    header(why: string): void {
      const before = segments.at(-1);
      const previous =
        before === undefined
          ? null
          : {
              file: nameOf(before),
              ...{
                seq: head.seq,
                hash: head.hash,
                bytes: Buffer.byteLength(bytesOf(before.lines)),
              },
            };
      segments.push({ first: head.seq + 1, lines: [], tail: '' });
      append('segment', {
        ...{ ledger, replica, cluster: 'prod', engine: '0.1.0', segment: segments.length, why },
        ...{ previous, epoch, publicKey: publicKeyText(keyOf(epoch)) },
      });
    },
    decision(name = 'web'): number {
      const attempt = { uid: `u-${name}`, name, note: 'x'.repeat(padding) };
      return append('decision', { replica, attempt, decision: { allowed: true } });
    },
    checkpoint(next?: KeyObject): void {
      const named = next === undefined ? {} : { next: publicKeyText(next) };
      const said = { ledger, seq: head.seq, hash: head.hash, epoch, at: at(head.seq), ...named };
      note = signNote(said, keyOf(epoch));
      append('checkpoint', { note, ...named });
      if (next !== undefined) epochs.push(`${JSON.stringify({ epoch, note })}\n`);
    },
    /** Ends the epoch, as at every end of a segment in good order. */
    end(): void {
      const next = generateKeyPairSync('ed25519').privateKey;
      builder.checkpoint(next);
      keys.push(next);
      epoch += 1;
    },
    rotate(why = 'size'): void {
      builder.end();
      builder.header(why);
    },
    stop(): void {
      append('stop', { reason: 'SIGTERM' });
      builder.end();
    },
    /** A key that nobody named before. */
    newRoot(): RootKey {
      keys.push(generateKeyPairSync('ed25519').privateKey);
      epoch += 1;
      return { ledger, replica, epoch, publicKey: publicKeyText(keyOf(epoch)), at: at(head.seq) };
    },
    save(folder: string, { compressed = false, without = 0 } = {}): string {
      mkdirSync(folder, { recursive: true });
      for (const [index, segment] of segments.entries()) {
        if (index < without) continue;
        const bytes = Buffer.from(bytesOf(segment.lines) + segment.tail);
        const closed = compressed && index < segments.length - 1;
        const name = `${nameOf(segment)}${closed ? '.zst' : ''}`;
        writeFileSync(join(folder, name), closed ? zstdCompressSync(bytes) : bytes);
      }
      if (note !== '') writeFileSync(join(folder, 'checkpoint'), note);
      writeFileSync(join(folder, 'epochs.jsonl'), epochs.join(''));
      writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: builder.roots() }));
      return folder;
    },
  };
  return builder;
}

export function nameOf({ first }: Pick<BuiltSegment, 'first'>): string {
  return `${String(first).padStart(20, '0')}.jsonl`;
}

export function bytesOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** The members of a line without those of the chain. */
export function bodyOf(line: string): JsonObject {
  const { v, seq, prev, sum, ...body } = JSON.parse(line);
  return body;
}

/** The chain made anew from a line on, as whoever can write the file can: `edit` says what each line becomes. */
export function rechain(
  segments: readonly BuiltSegment[],
  from: number,
  edit: (body: JsonObject, head: Head) => JsonObject,
): void {
  let head: Head = emptyHead;
  for (const segment of segments) {
    segment.lines = segment.lines.map((line) => {
      const made =
        head.seq + 1 < from ? undefined : chain(head, JSON.stringify(edit(bodyOf(line), head)));
      head = made?.head ?? headOf(line);
      return made?.line ?? line;
    });
  }
}

/** One line with its own sum made anew, whatever follows. */
export function resum(line: string, edit: (text: string) => string): string {
  const { seq, prev } = JSON.parse(line);
  const text = edit(JSON.stringify(bodyOf(line)));
  return chain({ seq: seq - 1, hash: prev, sum: prev }, text).line;
}

export function headOf(line: string): Head {
  const link = readLink(Buffer.from(line));
  if (typeof link === 'string') throw new Error(link);
  return link;
}

/** A UUIDv7 by its look. */
function idOf(replica: string, seq: number): string {
  const own = Buffer.from(replica).toString('hex').padEnd(12, '0').slice(-12);
  return `01941f2e-${String(seq % 10000).padStart(4, '0')}-7000-8000-${own}`;
}
