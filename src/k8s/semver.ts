// Semantic versions as github.com/blang/semver/v4 reads and compares them, with its texts for what is none.
import { err, ok, type Result } from '../base/result.ts';
import { goQuote } from './go-text.ts';

export type Semver = {
  readonly numbers: readonly [bigint, bigint, bigint];
  /** Numbers come before names. */
  readonly prerelease: readonly (bigint | string)[];
};

const digits = /^[0-9]*$/;
const word = /^[0-9A-Za-z-]*$/;
const maxUint = 2n ** 64n - 1n;
const uintDigits = 20;

export function parseSemver(text: string): Result<Semver, string> {
  if (text === '') return err('Version string empty');
  const [majorText = '', minorText, ...more] = text.split('.');
  if (minorText === undefined || more.length === 0)
    return err('No Major.Minor.Patch elements found');
  const major = numberOf('major', majorText);
  if (!major.ok) return major;
  const minor = numberOf('minor', minorText);
  if (!minor.ok) return minor;
  const [release, build] = cutAt(more.join('.'), '+');
  const [patchText, prerelease] = cutAt(release, '-');
  const patch = numberOf('patch', patchText);
  if (!patch.ok) return patch;
  const identifiers = prereleaseOf(prerelease);
  if (!identifiers.ok) return identifiers;
  const fault = buildFault(build);
  if (fault !== undefined) return err(fault);
  const numbers = [major.value, minor.value, patch.value] as const;
  return ok({ numbers, prerelease: identifiers.value });
}

function cutAt(text: string, mark: string): readonly [string, readonly string[]] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, []] : [text.slice(0, at), text.slice(at + 1).split('.')];
}

function numberOf(name: 'major' | 'minor' | 'patch', text: string): Result<bigint, string> {
  if (!digits.test(text))
    return err(`Invalid character(s) found in ${name} number ${goQuote(text)}`);
  if (/^0./.test(text)) {
    const shown = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    return err(`${shown} number must not contain leading zeroes ${goQuote(text)}`);
  }
  return uintOf(text);
}

function uintOf(text: string): Result<bigint, string> {
  const failed = (why: string): Result<bigint, string> =>
    err(`strconv.ParseUint: parsing ${goQuote(text)}: ${why}`);
  if (text === '') return failed('invalid syntax');
  const value = text.length > uintDigits ? maxUint + 1n : BigInt(text);
  return value > maxUint ? failed('value out of range') : ok(value);
}

function prereleaseOf(texts: readonly string[]): Result<readonly (bigint | string)[], string> {
  const identifiers: (bigint | string)[] = [];
  for (const text of texts) {
    if (text === '') return err('Prerelease is empty');
    if (!word.test(text)) return err(`Invalid character(s) found in prerelease ${goQuote(text)}`);
    if (!digits.test(text)) identifiers.push(text);
    else {
      if (/^0./.test(text))
        return err(`Numeric PreRelease version must not contain leading zeroes ${goQuote(text)}`);
      const number = uintOf(text);
      if (!number.ok) return number;
      identifiers.push(number.value);
    }
  }
  return ok(identifiers);
}

function buildFault(texts: readonly string[]): string | undefined {
  for (const text of texts) {
    if (text === '') return 'Build meta data is empty';
    if (!word.test(text)) return `Invalid character(s) found in build meta data ${goQuote(text)}`;
  }
  return undefined;
}

/** `v1.2` as `1.2.0`: without the v, with all three numbers, and without leading zeroes.
 * Upstream: normalizeAndParse in k8s.io/apiserver/pkg/cel/library/semverlib.go. */
export function normalizeSemver(text: string): Result<Semver, string> {
  const [major = '', minor, ...more] = text.replace(/^v/, '').split('.');
  const parts = minor === undefined ? [major] : [major, minor];
  if (more.length > 0) parts.push(more.join('.'));
  const trimmed = parts.map(withoutZeroes);
  if (trimmed.length < 3 && /[+-]/.test(trimmed.at(-1) ?? ''))
    return err('short version cannot contain PreRelease/Build meta data');
  while (trimmed.length < 3) trimmed.push('0');
  return parseSemver(trimmed.join('.'));
}

function withoutZeroes(part: string): string {
  if (part.length < 2) return part;
  const rest = part.replace(/^0+/, '');
  return /^[0-9]/.test(rest) ? rest : `0${rest}`;
}

export function compareSemver(a: Semver, b: Semver): -1 | 0 | 1 {
  for (const [i, number] of a.numbers.entries()) {
    const other = b.numbers[i] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  const [left, right] = [a.prerelease.length, b.prerelease.length];
  // Without a prerelease comes after any prerelease.
  if (left === 0 || right === 0) return left === right ? 0 : left === 0 ? 1 : -1;
  return comparePrerelease(a.prerelease, b.prerelease);
}

function comparePrerelease(a: Semver['prerelease'], b: Semver['prerelease']): -1 | 0 | 1 {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [left, right] = [a[i], b[i]];
    if (left === right) continue;
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    if (typeof left !== typeof right) return typeof left === 'bigint' ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return 0;
}
