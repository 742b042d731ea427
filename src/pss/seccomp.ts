// Who sets `seccompProfile.type` to something that is not allowed: shared by the baseline and the restricted control.
import { quote } from '../base/text.ts';
import { containersOf, type PlacedContainer } from '../k8s/containers.ts';
import type { Pod, SecurityContext } from '../k8s/pod.ts';
import { type Found, finding, isSet, runtimeDefault, sorted } from './control.ts';

export const seccompTypes = ['RuntimeDefault', 'Localhost'];

export type ExplicitSeccomp = {
  readonly findings: readonly Found[];
  readonly podBad: boolean;
  readonly bad: readonly PlacedContainer[];
  /** Distinct bad values, sorted. */
  readonly values: readonly string[];
};

export function explicitSeccomp({ spec }: Pod): ExplicitSeccomp {
  const podBad = isBad(spec.securityContext);
  const bad = containersOf(spec).filter(({ container }) => isBad(container.securityContext));
  const contexts = [
    ...(podBad ? [spec.securityContext] : []),
    ...bad.map(({ container }) => container.securityContext),
  ];
  return {
    findings: [
      ...(podBad ? [found(spec.securityContext, undefined)] : []),
      ...bad.map((each) => found(each.container.securityContext, each)),
    ],
    podBad,
    bad,
    values: sorted(contexts.map((context) => context?.seccompProfile?.type ?? '')),
  };
}

type Context = SecurityContext | null | undefined;

function isBad(context: Context): boolean {
  const profile = context?.seccompProfile;
  return isSet(profile) && !seccompTypes.includes(profile.type ?? '');
}

function found(context: Context, container: PlacedContainer | undefined): Found {
  const type = context?.seccompProfile?.type;
  const profile = [...(container?.path ?? ['spec']), 'securityContext', 'seccompProfile'];
  return () =>
    finding({
      path: [...profile, 'type'],
      value: type,
      allowed: seccompTypes,
      message: isSet(type) ? `is ${quote(type)}` : 'is not set',
      remedy: 'set it to RuntimeDefault or Localhost',
      edits: runtimeDefault(profile),
      container,
    });
}
