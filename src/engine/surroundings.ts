// What the ports said about one attempt: asked at most once, and kept for the record.
// Upstream: namespace lookup of k8s.io/apiserver/pkg/admission/plugin/webhook/predicates/namespace.
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import { ok } from '../base/result.ts';
import type { Attempt } from '../model/attempt.ts';
import type { PortInput } from '../model/decision.ts';
import { type Labels, labelsOf } from './match.ts';
import type { PortFault, Ports } from './ports.ts';

export type Surroundings = {
  /** null: cluster-scoped, or the attempt is about a Namespace (`namespaceObject` is null then, as in-tree). */
  readonly namespaceObject: JsonObject | null;
  /** What namespace selectors see; null: they match everything. */
  readonly namespaceLabels: Labels | null;
};

/** Of what is in no namespace, or need not know it. */
export const nowhere: Surroundings = { namespaceObject: null, namespaceLabels: null };

/** Looks up the namespace of an attempt, and notes question and answer in `inputs`. */
export async function surroundingsOf(
  attempt: Attempt,
  ports: Ports,
  inputs: PortInput[],
): Promise<Result<Surroundings, PortFault>> {
  if (attempt.namespace === '' && !isNamespaceResource(attempt)) {
    return ok(nowhere);
  }
  const own = ownNamespace(attempt);
  if (own !== undefined) return ok({ namespaceObject: null, namespaceLabels: labelsOf(own) });
  const answer = await ports.namespace(attempt.namespace);
  if (!answer.ok) return answer;
  const { value, at } = answer.value;
  inputs.push(input('namespace', attempt.namespace, value, at));
  const namespaceObject = isNamespaceKind(attempt) ? null : value;
  return ok({ namespaceObject, namespaceLabels: labelsOf(value) });
}

export function input(
  port: PortInput['port'],
  question: JsonValue,
  answer: JsonValue,
  at: string,
): PortInput {
  return { port, question, answer, at, redacted: [] };
}

/** A Namespace that is created or changed is judged by the labels that it would have. */
function ownNamespace(attempt: Attempt): JsonObject | undefined {
  const changes = attempt.operation === 'CREATE' || attempt.operation === 'UPDATE';
  if (!isNamespaceResource(attempt) || attempt.subResource !== '' || !changes) return undefined;
  return attempt.object ?? {};
}

function isNamespaceResource({ resource }: Attempt): boolean {
  return resource.group === '' && resource.resource === 'namespaces';
}

function isNamespaceKind({ kind }: Attempt): boolean {
  return kind.group === '' && kind.kind === 'Namespace';
}
