// How often a registry is asked again: what is busy or not well twice more, after a while; what fails again and again not.
// Upstream: RFC 9110 section 10.2.3 (Retry-After).
import { err, ok, type Result } from '../../base/result.ts';
import type { ImageFault } from '../model.ts';
import type { Breaker } from './breaker.ts';
import { discard, type Exchange, type Question, type Reply, type Unanswered } from './exchange.ts';
import { fault, noAnswer } from './faults.ts';
import type { RegistryPorts } from './ports.ts';

const retries = 2;
const firstPauseMs = 150;
/** Nobody who waits for an admission waits longer. */
const longestPauseMs = 5_000;
/** Whoever was given less time than this and had no answer knows nothing of the registry. */
const patientMs = 1_000;

const again = new Set([429, 500, 502, 503, 504]);

export function patiently(
  exchange: Exchange,
  breaker: Breaker,
  { now, random, sleep }: Pick<RegistryPorts, 'now' | 'random' | 'sleep'>,
): (question: Question) => Promise<Result<Reply, ImageFault>> {
  return async (question) => {
    for (let attempt = 0; ; attempt++) {
      const wait = breaker.wait();
      if (wait > 0) return atRest(question, wait);
      const began = now();
      const reply = await exchange(question);
      breaker.ended(outcomeOf(reply, now() - began));
      const pause = pauseFor(attempt, reply, random());
      if (pause === null || attempt === retries) return reply.ok ? reply : err(reply.error.fault);
      if (reply.ok) discard(reply.value.body, question.signal);
      const slept = await sleep(pause, question.signal).then(
        () => ok(undefined),
        (cause) => noAnswer(question.url.host, question.what, cause, true),
      );
      if (!slept.ok) return slept;
    }
  };
}

type Answer = Result<Reply, Unanswered>;

function outcomeOf(answer: Answer, took: number): 'answered' | 'failed' | 'unknown' {
  if (answer.ok) return answer.value.status >= 500 ? 'failed' : 'answered';
  if (answer.error.kind === 'refused') return 'answered';
  return answer.error.kind === 'late' && took < patientMs ? 'unknown' : 'failed';
}

/**
 * How long until it is asked again: twice as long each time, between half and the whole of it, and never before the
 * registry wants to be asked. null: it is not.
 */
function pauseFor(attempt: number, answer: Answer, chance: number): number | null {
  const isWorthMore = answer.ok ? again.has(answer.value.status) : answer.error.kind === 'lost';
  if (!isWorthMore) return null;
  const own = firstPauseMs * 2 ** attempt * (0.5 + chance / 2);
  const wanted = answer.ok ? answer.value.headers['retry-after'] : undefined;
  const isSeconds = typeof wanted === 'string' && /^\d{1,9}$/.test(wanted);
  const pause = isSeconds ? Math.max(own, Number(wanted) * 1000) : own;
  return pause > longestPauseMs ? null : pause;
}

function atRest({ url }: Question, wait: number): Result<never, ImageFault> {
  const seconds = Math.ceil(wait / 1000);
  const message = `${url.host} failed several times in a row and is not asked for another ${seconds} s; retry then`;
  return fault('registry-unreachable', message);
}
