// What is judged for one attempt: the object itself and, for a workload, the Pod made from its template
// (sekisho.dev/pod-templates). No policy text is rewritten: only the object that a policy sees differs.
import type { FieldPath } from '../base/field-path.ts';
import type { JsonObject } from '../base/json.ts';
import type { GroupVersionResource } from '../k8s/gvk.ts';
import { podTemplate } from '../k8s/pod-template.ts';
import type { Attempt } from '../model/attempt.ts';
import { judgedInOwner } from '../model/controllers.ts';

export type Subject = {
  readonly attempt: Attempt;
  /** What matchConstraints are held against. */
  readonly resource: GroupVersionResource;
  readonly subResource: string;
  readonly object: JsonObject | null;
  readonly oldObject: JsonObject | null;
  /** Where `object` stands in the attempt's object: [] but for a template. */
  readonly basePath: FieldPath;
  readonly template: boolean;
};

const pods: GroupVersionResource = { group: '', version: 'v1', resource: 'pods' };

export function objectSubject(attempt: Attempt): Subject {
  const { resource, subResource, object, oldObject } = attempt;
  return { attempt, resource, subResource, object, oldObject, basePath: [], template: false };
}

/** The Pod inside a workload; undefined when there is none, or when it was judged in the owner's template. */
export function templateSubject(attempt: Attempt): Subject | undefined {
  const { kind, object, oldObject } = attempt;
  if (attempt.subResource !== '' || object === null || judgedInOwner(attempt)) return undefined;
  const found = podTemplate(kind, object);
  if (found === undefined) return undefined;
  const old = oldObject === null ? undefined : podTemplate(kind, oldObject);
  return {
    attempt,
    resource: pods,
    subResource: '',
    object: found.pod,
    oldObject: old?.pod ?? null,
    basePath: found.path,
    template: true,
  };
}
