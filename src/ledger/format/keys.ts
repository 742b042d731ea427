// Key lists: the roots of one ledger (DIR/keys.json), or of all the replicas of a fleet, as an auditor pins them.
// Read strictly, all faults at once: a list that was half understood would vouch for something else than was meant.
import { get, isArray, isObject, type JsonValue } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { quote } from '../../base/text.ts';
import { base64Bytes } from './note.ts';

/** The public key of the first epoch of a ledger, or of a later one whose key before it was lost. */
export type RootKey = {
  readonly ledger: string;
  readonly replica: string;
  readonly epoch: number;
  /** Canonical base64 of 32 bytes. */
  readonly publicKey: string;
  /** RFC 3339. */
  readonly at: string;
};

export type KeyList = { readonly keys: readonly RootKey[] };

export function keyListText(list: KeyList): string {
  return `${JSON.stringify(list, null, 2)}\n`;
}

/** The list, or a sentence for each fault. */
export function parseKeyList(text: string): Result<KeyList, readonly string[]> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err(['it is not JSON']);
  }
  const list = get(value, 'keys');
  if (!isObject(value) || !isArray(list)) return err(['it has no list "keys"']);
  const faults = unknownMembers(value, ['keys'], 'it');
  const keys: RootKey[] = [];
  for (const [index, item] of list.entries()) {
    const key = rootKey(item, `keys[${index}]`, faults);
    if (key === undefined) continue;
    const twin = keys.find(({ ledger, epoch }) => ledger === key.ledger && epoch === key.epoch);
    if (twin === undefined) keys.push(key);
    else if (twin.publicKey !== key.publicKey) {
      faults.push(`keys[${index}] gives epoch ${key.epoch} of its ledger a second key`);
    }
  }
  if (faults.length === 0 && keys.length === 0) faults.push('it has no key');
  return faults.length > 0 ? err(faults) : ok({ keys });
}

const members = ['ledger', 'replica', 'epoch', 'publicKey', 'at'];

function rootKey(item: JsonValue, where: string, faults: string[]): RootKey | undefined {
  if (!isObject(item)) {
    faults.push(`${where} is not an object`);
    return undefined;
  }
  const wrong = unknownMembers(item, members, where);
  const texts = { ledger: '', replica: '', publicKey: '', at: '' };
  for (const name of ['ledger', 'replica', 'publicKey', 'at'] as const) {
    const member = get(item, name);
    if (typeof member === 'string') texts[name] = member;
    else wrong.push(`${where}.${name} is not a string`);
  }
  const epoch = get(item, 'epoch');
  if (typeof epoch !== 'number' || !Number.isSafeInteger(epoch) || epoch < 0) {
    wrong.push(`${where}.epoch is not a whole number`);
  } else if (wrong.length === 0 && !/^[0-9A-Za-z-]{1,64}$/.test(texts.ledger)) {
    wrong.push(`${where}.ledger is not the id of a ledger`);
  } else if (wrong.length === 0 && base64Bytes(texts.publicKey, 32) === undefined) {
    wrong.push(`${where}.publicKey is not the canonical base64 of 32 bytes`);
  }
  faults.push(...wrong);
  return wrong.length === 0 ? { ...texts, epoch: Number(epoch) } : undefined;
}

function unknownMembers(value: object, known: readonly string[], where: string): string[] {
  return Object.keys(value)
    .filter((name) => !known.includes(name))
    .map((name) => `${where} has an unknown member ${quote(name)}`);
}
