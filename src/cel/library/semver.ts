// Semantic versions. Upstream: k8s.io/apiserver/pkg/cel/library/semverlib.go, version 1.
import type { Result } from '../../base/result.ts';
import { compareSemver, normalizeSemver, parseSemver, type Semver } from '../../k8s/semver.ts';
import { library } from '../function.ts';
import { CelError, Opaque, toInt, type Value } from '../value.ts';
import { one, traverse } from './cost.ts';

type V = Opaque<Semver>;

const read = (text: string, isNormalized: boolean): Result<Semver, string> =>
  isNormalized ? normalizeSemver(text) : parseSemver(text);

function semver(text: string, isNormalized: boolean): Value {
  const parsed = read(text, isNormalized);
  if (!parsed.ok) return new CelError(parsed.error);
  const version = parsed.value;
  return new Opaque('kubernetes.Semver', version, (other) => compareSemver(version, other) === 0);
}

/** As Go: a uint64 above the int64s starts again at the negative ones. */
const part =
  (at: 0 | 1 | 2): ((v: V) => Value) =>
  (v) =>
    toInt(BigInt.asIntN(64, v.value.numbers[at]));

// biome-ignore format: a table
export const semvers = library([
  ['semver(string): kubernetes.Semver',                        '1.33', traverse(0), (s: string) => semver(s, false)],
  ['semver(string, bool): kubernetes.Semver',                  '1.33', traverse(0), semver],
  ['isSemver(string): bool',                                   '1.33', traverse(0), (s: string) => read(s, false).ok],
  ['isSemver(string, bool): bool',                             '1.33', traverse(0), (s: string, n: boolean) => read(s, n).ok],
  ['kubernetes.Semver.major(): int',                           '1.33', one, part(0)],
  ['kubernetes.Semver.minor(): int',                           '1.33', one, part(1)],
  ['kubernetes.Semver.patch(): int',                           '1.33', one, part(2)],
  ['kubernetes.Semver.isGreaterThan(kubernetes.Semver): bool', '1.33', one, (a: V, b: V) => compareSemver(a.value, b.value) > 0],
  ['kubernetes.Semver.isLessThan(kubernetes.Semver): bool',    '1.33', one, (a: V, b: V) => compareSemver(a.value, b.value) < 0],
  ['kubernetes.Semver.compareTo(kubernetes.Semver): int',      '1.33', one, (a: V, b: V) => compareSemver(a.value, b.value)],
]);
