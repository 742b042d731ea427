// Whether an update leaves an object as it was to an image policy. Threat: whoever gets a Pod in under one label, and then
// gives it another, has an image running that its conditions would not have let in.
import { canonicalJson, get, getIn, type JsonObject } from '../../base/json.ts';
import type { ImagePolicy } from '../../policy/model.ts';
import type { Subject } from '../subject.ts';

export function isAsBefore(policy: ImagePolicy, { object, oldObject }: Subject): boolean {
  return !readsObject(policy) || partsRead(object) === partsRead(oldObject);
}

/** In doubt it does. */
function readsObject({ condition, authorities }: ImagePolicy): boolean {
  const conditions = authorities.flatMap((each) =>
    each.kind === 'verified' ? each.attestations.map((attestation) => attestation.condition) : [],
  );
  return [condition, ...conditions].some((each) => /\bobject\b/.test(each?.program.source ?? ''));
}

/** What an update may change and a policy means; the rest is written by controllers, to the last finalizer. */
function partsRead(object: JsonObject | null): string {
  const labels = getIn(object, ['metadata', 'labels']) ?? {};
  const annotations = getIn(object, ['metadata', 'annotations']) ?? {};
  return canonicalJson([labels, annotations, get(object, 'spec') ?? {}]);
}
