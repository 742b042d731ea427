// Exceptions: which findings of a rule are permitted, and by which of them. Each relieves exactly what it names: a
// finding that none covers stays a violation. An error is never excused: what could not be judged was not permitted.
import type { Digest } from '../base/brand.ts';
import { toPointer } from '../base/field-path.ts';
import { getIn, isArray } from '../base/json.ts';
import { containerPlaces } from '../k8s/containers.ts';
import { type PodTemplate, podTemplates } from '../k8s/pod-template.ts';
import type { Attempt } from '../model/attempt.ts';
import { workloadsOf } from '../model/controllers.ts';
import type { Finding } from '../model/decision.ts';
import type { Exception, PolicySet } from '../policy/model.ts';
import type { Outcome } from './outcome.ts';

/** `by`: the exceptions that were used. `whole`: they cover every finding. */
export type Excused = {
  readonly outcome: Outcome;
  readonly by: readonly Exception[];
  readonly whole: boolean;
};
export type Excuse = (outcome: Outcome) => Excused;

/** What the exceptions that are in force for this attempt excuse. */
export function excuseFor(policySet: PolicySet, attempt: Attempt): Excuse {
  const inForce = policySet.exceptions.filter((each) => isInForce(each, attempt, policySet));
  if (inForce.length === 0) return notExcused;
  const containers = containersIn(attempt, policySet);
  return (outcome) => {
    const naming = inForce.filter(({ rules }) => names(rules, outcome));
    const { evaluation } = outcome;
    if (naming.length === 0 || evaluation.kind !== 'fail') return notExcused(outcome);
    const covered = evaluation.findings.map((finding) =>
      naming.find((exception) => covers(exception, finding, containers)),
    );
    const findings = evaluation.findings.map((finding, i) => {
      const exception = covered[i];
      return exception === undefined ? finding : { ...finding, exception: exception.name };
    });
    const by = new Set(covered.filter((each) => each !== undefined));
    const whole = covered.length > 0 && covered.every((each) => each !== undefined);
    return { outcome: { ...outcome, evaluation: { ...evaluation, findings } }, by: [...by], whole };
  };
}

function notExcused(outcome: Outcome): Excused {
  return { outcome, by: [], whole: false };
}

function names(rules: readonly string[], { rule, policy }: Outcome): boolean {
  return rules.includes(rule) || rules.includes(policy);
}

/** True when it has not expired, and the attempt is what it names. Images are compared finding by finding. */
function isInForce(
  { expires, match }: Exception,
  attempt: Attempt,
  { settings }: PolicySet,
): boolean {
  const { namespaces, names, workloads, users } = match;
  const { namespace, name, userInfo } = attempt;
  const holds = <T>(wanted: readonly T[] | null, is: (value: T) => boolean): boolean =>
    wanted === null || wanted.some(is);
  return (
    Date.parse(attempt.now) < Date.parse(expires) &&
    holds(namespaces, (each) => each === namespace) &&
    holds(names, (each) => each === name && (namespaces !== null || !isNamespaced(attempt))) &&
    holds(users, (each) => each === userInfo.username) &&
    (workloads === null ||
      workloadsOf(attempt, settings.workloads).some(({ kind, name: own }) =>
        workloads.some((each) => each.kind === kind && each.name === own),
      ))
  );
}

/** A Namespace comes with its own name as its namespace, but is in none. */
function isNamespaced({ namespace, resource }: Attempt): boolean {
  return namespace !== '' && !(resource.group === '' && resource.resource === 'namespaces');
}

type PlacedImage = { readonly pointer: string; readonly image: string };

/** Every container of the pod, or of the workload's templates, with its pointer in the attempt's object. */
function containersIn({ kind, object }: Attempt, { settings }: PolicySet): readonly PlacedImage[] {
  if (object === null) return [];
  const isPod = kind.group === '' && kind.kind === 'Pod';
  const pods = isPod ? [{ pod: object, path: [] }] : podTemplates(kind, object, settings.workloads);
  return pods.flatMap(imagesOf);
}

function imagesOf({ pod, path }: PodTemplate): readonly PlacedImage[] {
  return containerPlaces.flatMap((place) => {
    const containers = getIn(pod, ['spec', place]);
    if (!isArray(containers)) return [];
    return containers.map((container, i) => ({
      pointer: toPointer([...path, 'spec', place, i]),
      image: String(getIn(container, ['image']) ?? ''),
    }));
  });
}

/** Threat: an excused image beside another one. A finding in a container needs that container's image; one that is
 * not in a container needs those of all. */
function covers(
  { match: { images } }: Exception,
  { pointer }: Finding,
  containers: readonly PlacedImage[],
): boolean {
  if (images === null) return true;
  const own = containers.filter((each) => `${pointer}/`.startsWith(`${each.pointer}/`));
  const concerned = own.length > 0 ? own : containers;
  return concerned.length > 0 && concerned.every(({ image }) => hasDigest(image, images));
}

function hasDigest(image: string, digests: readonly Digest[]): boolean {
  return digests.some((digest) => image.endsWith(`@${digest}`));
}
