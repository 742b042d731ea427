// Which values a list holds, found without holding each against each: scalars by a key, the rest by equality.
import { equal, type Spend } from '../equality.ts';
import { doubleOf, isInt, Uint, type Value } from '../value.ts';

/** Equal scalars have one key, whatever kind of number they are; undefined for what is no scalar. */
function scalarKey(value: Value): Value | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (isInt(value)) return value;
  if (value instanceof Uint) return plain(value.value);
  const double = doubleOf(value);
  if (double === undefined || Number.isNaN(double)) return undefined;
  return Number.isInteger(double) ? plain(BigInt(double)) : double;
}

function plain(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

export class Members {
  readonly #scalars = new Set<Value>();
  readonly #others: Value[] = [];
  readonly #spend: Spend;
  constructor(spend: Spend) {
    this.#spend = spend;
  }

  has(value: Value): boolean {
    const key = scalarKey(value);
    if (key !== undefined) return this.#scalars.has(key);
    return this.#others.some(
      (other) => this.#spend(2) && equal(value, other, this.#spend) === true,
    );
  }

  add(value: Value): void {
    const key = scalarKey(value);
    if (key === undefined) this.#others.push(value);
    else this.#scalars.add(key);
  }
}

/** All items of a list. */
export function membersOf(list: readonly Value[], spend: Spend): Members {
  const members = new Members(spend);
  if (spend(list.length * 5)) for (const item of list) members.add(item);
  return members;
}
