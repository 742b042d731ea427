// What is judged for one attempt: the object itself and, for a workload, the Pod made from its template
// (sekisho.dev/pod-templates). No policy text is rewritten: only the object that a policy sees differs.
import { type FieldPath, toPointer } from '../base/field-path.ts';
import type { JsonObject } from '../base/json.ts';
import type { GroupVersionResource } from '../k8s/gvk.ts';
import { podTemplates, type WorkloadKind } from '../k8s/pod-template.ts';
import type { Attempt } from '../model/attempt.ts';
import { judgedInOwner } from '../model/controllers.ts';
import { redact } from '../redact/redact.ts';

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
  /** Both objects as they may be quoted: made when the first text needs them. */
  readonly shown: () => Shown;
};

/** Without secrets; `secrets` are the texts that were taken out. */
export type Shown = {
  readonly object: JsonObject | null;
  readonly oldObject: JsonObject | null;
  readonly secrets: readonly string[];
};

const pods: GroupVersionResource = { group: '', version: 'v1', resource: 'pods' };

export function objectSubject(attempt: Attempt): Subject {
  const { resource, subResource, object, oldObject } = attempt;
  const shown = lazily(attempt.kind, object, oldObject);
  return {
    attempt,
    resource,
    subResource,
    object,
    oldObject,
    basePath: [],
    template: false,
    shown,
  };
}

/** The Pods inside a workload; none when there is no template, or when it was judged in its owner. */
export function templateSubjects(
  attempt: Attempt,
  workloads: readonly WorkloadKind[],
): readonly Subject[] {
  return judgedInOwner(attempt) ? [] : everyTemplate(attempt, workloads);
}

/** Those too that were judged in their owner, by what judges owners. */
export function everyTemplate(
  attempt: Attempt,
  workloads: readonly WorkloadKind[],
): readonly Subject[] {
  const { kind, object, oldObject } = attempt;
  if (attempt.subResource !== '' || object === null) return [];
  const old = oldObject === null ? [] : podTemplates(kind, oldObject, workloads);
  const before = new Map(old.map(({ path, pod }) => [toPointer(path), pod]));
  return podTemplates(kind, object, workloads).map(({ pod, path }) => {
    const oldPod = before.get(toPointer(path)) ?? null;
    return {
      attempt,
      resource: pods,
      subResource: '',
      object: pod,
      oldObject: oldPod,
      basePath: path,
      template: true,
      shown: lazily({ group: '', kind: 'Pod' }, pod, oldPod),
    };
  });
}

function lazily(
  kind: { readonly group: string; readonly kind: string },
  object: JsonObject | null,
  oldObject: JsonObject | null,
): Subject['shown'] {
  let made: Shown | undefined;
  return () => {
    if (made !== undefined) return made;
    const [now, before] = [redact(object, kind), redact(oldObject, kind)];
    const secrets = [...now.secrets, ...before.secrets];
    made = { object: now.value, oldObject: before.value, secrets };
    return made;
  };
}
