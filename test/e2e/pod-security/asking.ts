// Generated pods sent to the API server with dry run, and what it says of each: allowed, refused by whom and why, or not
// valid at all. A container that no pod can be created with is added to the pod that runs in the namespace.
import { get, getIn, isArray, type JsonObject, type JsonValue } from '../../../src/base/json.ts';
import type { Case } from '../../pss/generated/pods.ts';
import type { Api, ApiAnswer } from '../api.ts';
import { debugged, namespaceOf, type Side } from './world.ts';

/** With a name of its own, by which its record is found. */
export type Sent = Case & { readonly id: string };

export type Answer =
  | { readonly kind: 'allowed'; readonly object: JsonValue }
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'invalid'; readonly text: string };

export function named(cases: readonly Case[]): readonly Sent[] {
  return cases.map((each, i) => ({
    ...each,
    id: `case-${i}`,
    pod: renamed(each.pod, `case-${i}`),
  }));
}

/** The pod, or the container that debugs. */
function renamed(pod: JsonObject, id: string): JsonObject {
  const [first] = ephemeralOf(pod);
  if (first === undefined) return { ...pod, metadata: { ...fieldsOf(pod, 'metadata'), name: id } };
  const ephemeralContainers = [{ ...fieldsOf({ first }, 'first'), name: id }];
  return { ...pod, spec: { ...fieldsOf(pod, 'spec'), ephemeralContainers } };
}

export function ephemeralOf(pod: JsonValue): readonly JsonValue[] {
  const list = getIn(pod, ['spec', 'ephemeralContainers']);
  return isArray(list) ? list : [];
}

export function fieldsOf(object: JsonObject, key: string): JsonObject {
  return (get(object, key) ?? {}) as JsonObject;
}

export async function ask(api: Api, side: Side, sent: Sent): Promise<Answer> {
  const pods = `/api/v1/namespaces/${namespaceOf(side, sent)}/pods`;
  const ephemeralContainers = ephemeralOf(sent.pod);
  if (ephemeralContainers.length === 0) {
    return answerOf(await api.send('POST', `${pods}?dryRun=All`, sent.pod));
  }
  const path = `${pods}/${debugged}/ephemeralcontainers?dryRun=All`;
  const patch = { spec: { ephemeralContainers } };
  return answerOf(await api.send('PATCH', path, patch, 'application/strategic-merge-patch+json'));
}

function answerOf({ status, body }: ApiAnswer): Answer {
  if (status === 200 || status === 201) return { kind: 'allowed', object: body as JsonValue };
  const text = String(get(body as JsonObject, 'message'));
  if (status === 403) return { kind: 'refused', text };
  if (status === 422 || status === 400) return { kind: 'invalid', text };
  throw new Error(`${status}: ${text}`);
}

/** All in turn, some at a time; answers in the order of what is asked. */
export async function each<T, R>(
  items: readonly T[],
  act: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const work = async (): Promise<void> => {
    for (const [i, item] of queue) results[i] = await act(item);
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return results;
}
