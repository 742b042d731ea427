// What a case expects. Where two of its expectations cannot both come true, that is a fault of the case.
import type { Report } from './faults.ts';
import type { WrittenExpectation } from './written.ts';

/** undefined: not asked. */
export type Expectation = {
  readonly allowed: boolean;
  /** The ids of all rules that deny, that warn, that an exception excuses. */
  readonly denied: readonly string[] | undefined;
  readonly warned: readonly string[] | undefined;
  readonly excused: readonly string[] | undefined;
  /** Under AuditOnly: the rules that would deny, all of them. */
  readonly wouldDeny: readonly string[] | undefined;
  /** The ids of the rules that may end in an error without denying. */
  readonly errors: readonly string[];
  /** Paths that must be among the findings. */
  readonly findings: readonly string[];
  /** How many; or a part of each. */
  readonly warnings: number | readonly string[] | undefined;
  /** A part of what some rule that denies says. */
  readonly message: string | undefined;
};

export function expectationOf(written: WrittenExpectation, report: Report): Expectation {
  const { allowed = false, denied, warned, excused, wouldDeny } = written;
  const { errors = [], findings = [], warnings, message } = written;
  const impossible = (field: string, text: string, fix: string): void =>
    report({ path: ['expect', field], message: text, fix });
  if (allowed && denied !== undefined && denied.length > 0) {
    impossible('denied', 'what is allowed is denied by no rule', 'set allowed: false');
  }
  if (allowed && message !== undefined) {
    const fix = 'set allowed: false, or expect it among the warnings';
    impossible('message', 'what is allowed is denied by no rule, so none says why', fix);
  }
  if (!allowed && denied?.length === 0) {
    const fix = 'name the rules that deny, or leave denied out';
    impossible('denied', 'what is not allowed is denied by a rule', fix);
  }
  return { allowed, denied, warned, excused, wouldDeny, errors, findings, warnings, message };
}
