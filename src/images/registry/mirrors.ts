// A mirror first, then the registry itself, as container runtimes do: what it does not have or cannot give is asked for there.
// Upstream: containerd's hosts.toml, docs/hosts.md; bytes are of their digest wherever they come from.
import type { Code } from '../../base/codes.ts';
import { err, type Result } from '../../base/result.ts';
import type { ImageFault } from '../model.ts';
import type { Endpoint } from './endpoint.ts';
import type { Asking } from './registry.ts';

type Answer<T> = Result<T | null, ImageFault>;

/** What another host may do better. Threat: bytes of another digest are told, and not made good in silence. */
const worthMore: ReadonlySet<Code> = new Set<Code>([
  'registry-unreachable',
  'registry-untrusted',
  'registry-timeout',
  'registry-failing',
  'registry-busy',
  'registry-denied',
]);

/** `mirrorMs`: how long each may take while there is another one. */
export async function inOrder<T>(
  endpoints: readonly Endpoint[],
  asking: Asking,
  mirrorMs: number,
  askAt: (endpoint: Endpoint, asking: Asking) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  const faults: ImageFault[] = [];
  for (const endpoint of endpoints.slice(0, -1)) {
    const limit = AbortSignal.any([asking.signal, AbortSignal.timeout(mirrorMs)]);
    const answer = await askAt(endpoint, { ...asking, signal: limit });
    if (answer.ok && answer.value !== null) return answer;
    if (!answer.ok && !worthMore.has(answer.error.code)) return answer;
    if (!answer.ok) faults.push(answer.error);
  }
  const [last] = endpoints.slice(-1);
  if (last === undefined) throw new Error('a repository is nowhere');
  return withFaults(await askAt(last, asking), faults);
}

/** INVARIANT: what nobody has is absent only where everybody has answered. */
function withFaults<T>(answer: Answer<T>, faults: readonly ImageFault[]): Answer<T> {
  const [first] = faults;
  if (first === undefined || (answer.ok && answer.value !== null)) return answer;
  const further = answer.ok ? [] : [answer.error];
  const message = [...faults, ...further].map((each) => each.message).join('; then ');
  return err({ code: first.code, message });
}
