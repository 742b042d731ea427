// Which findings of a rule a person is told of, and how. All of them stay in the decision; in a refusal one rule says
// one thing once: at the fields that its message is about, or at the first field, with the others beside it.
import type { Finding, RuleResult } from '../model/decision.ts';

export type Told = {
  readonly finding: Finding;
  /** Paths of further fields that the same sentence is about. */
  readonly also: readonly string[];
};

/** The message of a rule put behind a field that it does not name itself: `is "nginx": MESSAGE`. */
export function borrow(words: string, message: string): string {
  return `${words}${behind(message)}`;
}

function behind(message: string): string {
  return `: ${message}`;
}

function hasBorrowed(finding: Finding, message: string): boolean {
  return message !== '' && finding.message.endsWith(behind(message));
}

/** What is excused is left out. */
export function toldOf({
  findings,
  message,
}: Pick<RuleResult, 'findings' | 'message'>): readonly Told[] {
  const broken = findings.filter(({ exception }) => exception === undefined);
  const alone = (finding: Finding): Told => ({ finding, also: [] });
  const borrowed = broken.filter((finding) => hasBorrowed(finding, message));
  const own = broken.filter((finding) => !borrowed.includes(finding));
  if (own.some(({ path }) => path !== '')) return own.map(alone);
  const [first, ...rest] = borrowed;
  if (first === undefined) return own.map(alone);
  return [{ finding: first, also: rest.map(({ path }) => path) }, ...own.map(alone)];
}
