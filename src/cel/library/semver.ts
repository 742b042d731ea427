// Semantic versions. Upstream: k8s.io/apiserver/pkg/cel/library/semverlib.go, github.com/blang/semver/v4.
import { library } from '../function.ts';
import { CelError, Opaque, toInt, type Value } from '../value.ts';

type Version = {
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly pre: readonly string[];
};
type Semver = Opaque<Version>;

const number = '(?:0|[1-9][0-9]*)';
const identifiers = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const form = new RegExp(
  `^(${number})\\.(${number})\\.(${number})(?:-(${identifiers}))?(?:\\+${identifiers})?$`,
);
const maxText = 256;
const maxUint = 2n ** 64n;

function parse(text: string): Version | undefined {
  const match = text.length > maxText ? null : form.exec(text);
  if (match === null) return undefined;
  const [, major = '0', minor = '0', patch = '0', pre] = match;
  const numbers = [BigInt(major), BigInt(minor), BigInt(patch)] as const;
  const identifiersOfPre = pre?.split('.') ?? [];
  if (numbers.some((n) => n >= maxUint) || identifiersOfPre.some((id) => /^0\d+$/.test(id)))
    return undefined;
  return { numbers, pre: identifiersOfPre };
}

function compare(a: Version, b: Version): -1 | 0 | 1 {
  for (const [i, number] of a.numbers.entries()) {
    const other = b.numbers[i] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  // Without a pre-release comes after any pre-release.
  if (a.pre.length === 0 || b.pre.length === 0) {
    return a.pre.length === b.pre.length ? 0 : a.pre.length === 0 ? 1 : -1;
  }
  return comparePre(a.pre, b.pre);
}

function comparePre(a: readonly string[], b: readonly string[]): -1 | 0 | 1 {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [left, right] = [a[i], b[i]];
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    if (left === right) continue;
    const [isLeft, isRight] = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (isLeft && isRight) return BigInt(left) < BigInt(right) ? -1 : 1;
    if (isLeft !== isRight) return isLeft ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return 0;
}

const made = (version: Version): Semver =>
  new Opaque('kubernetes.Semver', version, (other) => compare(version, other) === 0);

function semver(text: string): Value {
  const parsed = parse(text);
  return parsed === undefined
    ? new CelError(`cannot parse ${JSON.stringify(text)} as a semantic version`)
    : made(parsed);
}

// biome-ignore format: a table
export const semvers = library([
  ['semver(string): kubernetes.Semver',                        semver],
  ['isSemver(string): bool',                                   (s: string) => parse(s) !== undefined],
  ['kubernetes.Semver.major(): int',                           (v: Semver) => toInt(v.value.numbers[0])],
  ['kubernetes.Semver.minor(): int',                           (v: Semver) => toInt(v.value.numbers[1])],
  ['kubernetes.Semver.patch(): int',                           (v: Semver) => toInt(v.value.numbers[2])],
  ['kubernetes.Semver.isGreaterThan(kubernetes.Semver): bool', (a: Semver, b: Semver) => compare(a.value, b.value) > 0],
  ['kubernetes.Semver.isLessThan(kubernetes.Semver): bool',    (a: Semver, b: Semver) => compare(a.value, b.value) < 0],
  ['kubernetes.Semver.compareTo(kubernetes.Semver): int',      (a: Semver, b: Semver) => compare(a.value, b.value)],
]);
