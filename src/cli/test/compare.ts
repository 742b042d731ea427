// What was expected against what came: every difference, in the words of the case.
import { joinQuote, quote } from '../../base/text.ts';
import type { Decision, RuleResult } from '../../model/decision.ts';
import type { Expectation } from '../../policy/policy-test-expectation.ts';
import type { Difference } from '../../report/test/entry.ts';

/** Empty when the case holds. INVARIANT: what could not be decided never holds. */
export function differences(decision: Decision, expect: Expectation): readonly Difference[] {
  const { results, warnings } = decision;
  const rules = (holds: (result: RuleResult) => boolean): readonly string[] =>
    [...new Set(results.filter(holds).map(({ rule }) => rule))].sort();
  const denying = results.filter(({ actions }) => actions.includes('deny'));
  const denied = rules(({ actions }) => actions.includes('deny'));
  const warned = rules(({ actions }) => actions.includes('warn'));
  const excused = rules(({ exception }) => exception !== null);
  return [
    ...verdict(decision, expect, denied),
    ...sameRules('denied', expect.denied, denied),
    ...sameRules('warned', expect.warned, warned),
    ...sameRules('excused', expect.excused, excused),
    ...sameRules('wouldDeny', expect.wouldDeny, [...(decision.wouldDeny ?? [])].sort()),
    ...undecided(decision, expect),
    ...missingPaths(expect.findings, results),
    ...otherWarnings(expect.warnings, warnings),
    ...otherMessage(expect.message, denying),
  ];
}

function verdict(
  { allowed, mode, wouldDeny = [] }: Decision,
  expect: Expectation,
  denied: readonly string[],
): readonly Difference[] {
  if (allowed === expect.allowed) return [];
  const auditOnly =
    mode === 'AuditOnly' ? ` (mode AuditOnly; refused would be: ${list(wouldDeny)})` : '';
  const got = allowed ? `allowed${auditOnly}` : `denied by ${list(denied)}`;
  return [{ field: 'allowed', expected: expect.allowed ? 'allowed' : 'denied', got }];
}

function sameRules(
  field: 'denied' | 'warned' | 'excused' | 'wouldDeny',
  wanted: readonly string[] | undefined,
  got: readonly string[],
): readonly Difference[] {
  if (wanted === undefined) return [];
  const sorted = [...new Set(wanted)].sort();
  if (sorted.length === got.length && sorted.every((rule, i) => rule === got[i])) return [];
  return [{ field, expected: list(sorted), got: list(got) }];
}

/** An error is expected where it is said that its rule denies, or ends in one; an unknown never is. */
function undecided({ results }: Decision, expect: Expectation): readonly Difference[] {
  const told = new Set([...(expect.denied ?? []), ...expect.errors]);
  const missing = expect.errors
    .filter((rule) => !results.some((r) => r.rule === rule && r.evaluation === 'error'))
    .map((rule): Difference => ({ field: 'errors', expected: `an error of ${rule}`, got: 'none' }));
  const others = results.flatMap(({ evaluation, rule, message, code }): readonly Difference[] => {
    const expected = `${rule} decides`;
    if (evaluation === 'unknown') {
      return [{ field: 'unknown', expected, got: `it is unknown: ${message} (${code})` }];
    }
    if (evaluation !== 'error' || told.has(rule)) return [];
    return [{ field: 'errors', expected, got: `it ends in an error: ${message} (${code})` }];
  });
  return [...missing, ...others];
}

function missingPaths(
  wanted: readonly string[],
  results: readonly RuleResult[],
): readonly Difference[] {
  const all = results.flatMap(({ findings }) => findings.map(({ path }) => path));
  const paths = [...new Set(all)].filter((path) => path !== '');
  const missing = wanted.filter((path) => !paths.includes(path));
  if (missing.length === 0) return [];
  return [{ field: 'findings', expected: `a finding at ${list(missing)}`, got: list(paths) }];
}

function otherWarnings(
  wanted: Expectation['warnings'],
  got: readonly string[],
): readonly Difference[] {
  if (wanted === undefined) return [];
  const shown = got.length === 0 ? 'none' : `${got.length}: ${joinQuote(got)}`;
  if (typeof wanted === 'number') {
    return wanted === got.length
      ? []
      : [{ field: 'warnings', expected: String(wanted), got: shown }];
  }
  const missing = wanted.filter((part) => !got.some((warning) => warning.includes(part)));
  const left = got.filter((warning) => !wanted.some((part) => warning.includes(part)));
  if (missing.length === 0 && left.length === 0) return [];
  const expected =
    wanted.length === 0 ? 'none' : `one each with ${joinQuote(wanted)}, and no other`;
  return [{ field: 'warnings', expected, got: shown }];
}

function otherMessage(
  wanted: string | undefined,
  denying: readonly RuleResult[],
): readonly Difference[] {
  if (wanted === undefined) return [];
  const said = denying.flatMap(({ message, findings }) => [
    message,
    ...findings.map((finding) => finding.message),
  ]);
  if (said.some((text) => text.includes(wanted))) return [];
  const got = said.length === 0 ? 'none' : joinQuote([...new Set(said)]);
  return [{ field: 'message', expected: `one with ${quote(wanted)}`, got }];
}

function list(rules: readonly string[]): string {
  return rules.length === 0 ? 'none' : rules.join(', ');
}
