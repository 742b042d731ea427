// Rules that ask for one and the same thing of an image: that it be pinned. In a refusal the one that knows the digest
// says so, for all of them; decisions and records keep what each of them found.
import type { Finding, RuleResult } from '../model/decision.ts';

/** Of the bundle; image policies ask for digests by themselves. */
const pinning = 'images-by-digest';

function asksForDigest({ policy, code }: RuleResult): boolean {
  return policy === pinning || code === 'image-tag';
}

function findingAt({ findings }: RuleResult, { path }: Finding): Finding | undefined {
  return findings.find((each) => each.exception === undefined && each.path === path);
}

/** The rules that a finding of one of them speaks for, itself first; none where another one does. */
export function speaksFor(
  result: RuleResult,
  finding: Finding,
  results: readonly RuleResult[],
): readonly RuleResult[] {
  if (!asksForDigest(result)) return [result];
  const same = results.filter((each) => asksForDigest(each) && findingAt(each, finding));
  const speaker = same.find((each) => findingAt(each, finding)?.patch.length);
  if (speaker === undefined) return [result];
  return speaker === result ? [result, ...same.filter((each) => each !== result)] : [];
}
