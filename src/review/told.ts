// Which findings of a rule a person is told of, and how. All of them stay in the decision; in a refusal one rule says
// one thing once: at the fields that its message is about, or at the first field, with the others beside it.
import type { Finding, RuleResult } from '../model/decision.ts';

export type Told = {
  readonly finding: Finding;
  /** Paths of further fields that the same sentence is about. */
  readonly also: readonly string[];
};

/** What is excused is left out. */
export function toldOf({
  findings,
  message,
}: Pick<RuleResult, 'findings' | 'message'>): readonly Told[] {
  const broken = findings.filter(({ exception }) => exception === undefined);
  const alone = (finding: Finding): Told => ({ finding, also: [] });
  // `is "nginx": <message>`: the rule's message was put behind a field that it does not name itself.
  const borrowed = broken.filter((f) => message !== '' && f.message.endsWith(`: ${message}`));
  const own = broken.filter((finding) => !borrowed.includes(finding));
  if (own.some(({ path }) => path !== '')) return own.map(alone);
  const [first, ...rest] = borrowed;
  if (first === undefined) return own.map(alone);
  return [{ finding: first, also: rest.map(({ path }) => path) }, ...own.map(alone)];
}
