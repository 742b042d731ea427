// An object that holds more pod templates than are judged. Threat: a custom resource of a few kilobytes may hold a hundred
// thousand of them. An update that leaves them all as they were lets nothing in: finalizers must come off what was there
// before the gate was.
import { toPointer } from '../base/field-path.ts';
import { canonicalJson, type JsonObject } from '../base/json.ts';
import { type PodTemplate, podParts, podTemplates } from '../k8s/pod-template.ts';
import type { Attempt } from '../model/attempt.ts';
import type { PolicySet, PolicySettings } from '../policy/model.ts';
import { gate } from './gate.ts';
import type { Outcome } from './outcome.ts';

/** Pods are made of them, each is judged by every policy, and nobody else is answered while that many are made. */
const mostTemplates = 200;

/** An error where there are too many, a skip where they are settled; undefined: each is judged. */
export function crowdOf({ workloads }: PolicySettings, attempt: Attempt): Outcome | undefined {
  const { kind, object, oldObject, operation, subResource } = attempt;
  if (object === null || subResource !== '') return undefined;
  const held = heldBy(kind, object, workloads);
  if (held.length <= mostTemplates) return undefined;
  const before = operation === 'UPDATE' ? heldBy(kind, oldObject, workloads) : [];
  const isSame = held.length === before.length && textOf(held) === textOf(before);
  return isSame ? settled(held.length) : tooMany(held.length);
}

/** The same policies, which then see an object without the templates in it. */
export function withoutTemplates(policySet: PolicySet): PolicySet {
  const { settings, podSecurity } = policySet;
  return {
    ...policySet,
    settings: { ...settings, workloads: [] },
    podSecurity: { ...podSecurity, workloads: [] },
  };
}

function heldBy(
  kind: Attempt['kind'],
  object: JsonObject | null,
  workloads: PolicySettings['workloads'],
): readonly PodTemplate[] {
  if (object === null) return [];
  return [...podTemplates(kind, object, workloads), ...podParts(kind, object, workloads)];
}

/** With their places: what stands elsewhere may mean something else. */
function textOf(held: readonly PodTemplate[]): string {
  return canonicalJson(held.map(({ path, pod }) => [toPointer(path), pod]));
}

function settled(held: number): Outcome {
  return gate('pod-templates', {
    kind: 'skip',
    code: 'templates-unchanged',
    message: `the update leaves all ${held} pod templates as before; at most ${mostTemplates} are judged`,
  });
}

function tooMany(held: number): Outcome {
  return gate('pod-templates', {
    kind: 'error',
    code: 'cost-exceeded',
    message: `the object holds ${held} pod templates, and at most ${mostTemplates} are judged`,
  });
}
