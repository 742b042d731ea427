// Pods of which ours and in-tree once said different things: held against every level and version for good.
import type { JsonObject } from '../../../src/base/json.ts';
import { type Case, changed, minimalPod } from './pods.ts';

const seccomp = 'seccomp.security.alpha.kubernetes.io/';
const appArmor = 'container.apparmor.security.beta.kubernetes.io/';

function annotated(annotations: JsonObject): Case {
  const held = { level: 'baseline', version: 18 } as const;
  return { ...held, pod: { ...minimalPod(held), metadata: { name: 'web', annotations } } };
}

/** A patch of the annotation must not contradict the field: such a pod is not valid. */
const contradicted: Case = {
  ...{ level: 'baseline', version: 18 },
  pod: changed(annotated({ [`container.${seccomp}web`]: 'unconfined' }).pod, {
    'spec.containers.0.securityContext.seccompProfile': { type: 'Unconfined' },
  }),
};

export const past: readonly Case[] = [
  // Go writes a character that cannot be seen in another way than JSON.
  annotated({ [`${seccomp}pod`]: 'a"\\\u0007\u200b' }),
  annotated({ [`container.${seccomp}web`]: '\u007f\u{e0001}' }),
  annotated({ [`${appArmor}web`]: '\u0000\ufeff' }),
  // Go reads null as the empty text.
  annotated({ [`${seccomp}pod`]: null, [`container.${seccomp}web`]: null }),
  annotated({ [`${appArmor}web`]: null }),
  contradicted,
];
