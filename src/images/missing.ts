// Pull secrets that are named and do not exist, told beside what a registry did not let this Pod see. INVARIANT: evidence is
// shared by all Pods that log in alike, whatever they name in vain: what is told to one is a copy.
import { err, ok, type Result } from '../base/result.ts';
import { cut, quote } from '../base/text.ts';
import type { Known } from './evidence.ts';
import type { AuthorityEvidence, ImageEvidence, ImageFault, Rejected } from './model.ts';

type Answer = Result<Known, ImageFault>;

const mostTold = 3;
const longestName = 320;

/** `missing`: as `namespace/name`. */
export function withMissing(answer: Answer, missing: readonly string[]): Answer {
  if (missing.length === 0) return answer;
  const shown = missing.slice(0, mostTold).map((name) => quote(cut(name, longestName)));
  const told = `there is no Secret ${shown.join(' or ')}`;
  if (!answer.ok) return err(explained(answer.error, told));
  const { evidence, at } = answer.value;
  return isHidden(evidence) ? ok({ evidence: explainedAll(evidence, told), at }) : answer;
}

function isHidden({ authorities }: ImageEvidence): boolean {
  return authorities.some(({ faults, rejected }) => [...faults, ...rejected].some(mayBeMissing));
}

/** Some registries say that there is no such image to who may not see it. */
function mayBeMissing({ code }: ImageFault | Rejected): boolean {
  return code === 'registry-denied' || code === 'image-not-found';
}

function explained<Told extends ImageFault | Rejected>(fault: Told, told: string): Told {
  return mayBeMissing(fault) ? { ...fault, message: `${fault.message}; ${told}` } : fault;
}

function explainedAll(evidence: ImageEvidence, told: string): ImageEvidence {
  const authorities = evidence.authorities.map(
    (each): AuthorityEvidence => ({
      ...each,
      faults: each.faults.map((fault) => explained(fault, told)),
      rejected: each.rejected.map((rejected) => explained(rejected, told)),
    }),
  );
  return { ...evidence, authorities };
}
