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
  const covers = coveringOf(imagesIn(attempt, policySet));
  return (outcome) => {
    const naming = inForce.filter(({ rules }) => names(rules, outcome));
    const { evaluation } = outcome;
    if (naming.length === 0 || evaluation.kind !== 'fail') return notExcused(outcome);
    const covered = evaluation.findings.map((finding) =>
      naming.find((exception) => covers(exception, finding)),
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
    holds(namespaces, (each) => each === namespace) &&
    Date.parse(attempt.now) < Date.parse(expires) &&
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

/** `at`: by the pointers of containers and image volumes in the attempt's object. */
type Images = {
  readonly at: ReadonlyMap<string, string>;
  readonly ofContainers: readonly string[];
};
type Placed = readonly [pointer: string, image: string];

/** Of the pod, or of the workload's templates. */
function imagesIn({ kind, object }: Attempt, { settings }: PolicySet): Images {
  if (object === null) return { at: new Map(), ofContainers: [] };
  const isPod = kind.group === '' && kind.kind === 'Pod';
  const pods = isPod ? [{ pod: object, path: [] }] : podTemplates(kind, object, settings.workloads);
  const containers = pods.flatMap((each) =>
    containerPlaces.flatMap((place) => placedIn(each, place, ['image'])),
  );
  const volumes = pods.flatMap((each) => placedIn(each, 'volumes', ['image', 'reference']));
  const named = volumes.filter(([, image]) => image !== '');
  return {
    at: new Map([...containers, ...named]),
    ofContainers: containers.map(([, image]) => image),
  };
}

function placedIn(
  { pod, path }: PodTemplate,
  list: string,
  below: readonly string[],
): readonly Placed[] {
  const items = getIn(pod, ['spec', list]);
  if (!isArray(items)) return [];
  const pointer = toPointer([...path, 'spec', list]);
  return items.map((item, i) => [`${pointer}/${i}`, String(getIn(item, below) ?? '')]);
}

/** Threat: an excused image beside another one. A finding in a container or an image volume needs that one's image; any
 * other needs those of all containers. */
function coveringOf({
  at,
  ofContainers,
}: Images): (exception: Exception, finding: Finding) => boolean {
  const ofAll = new Map<Exception, boolean>();
  const coversAll = (exception: Exception, digests: readonly Digest[]): boolean => {
    const known = ofAll.get(exception);
    if (known !== undefined) return known;
    const covered =
      ofContainers.length > 0 && ofContainers.every((image) => hasDigest(image, digests));
    ofAll.set(exception, covered);
    return covered;
  };
  return (exception, { pointer }) => {
    const { images } = exception.match;
    if (images === null) return true;
    const own = imageAt(pointer, at);
    return own === undefined ? coversAll(exception, images) : hasDigest(own, images);
  };
}

/** Of what a pointer is in. */
function imageAt(pointer: string, at: Images['at']): string | undefined {
  for (let end = pointer.length; end > 0; end = pointer.lastIndexOf('/', end - 1)) {
    const image = at.get(pointer.slice(0, end));
    if (image !== undefined) return image;
  }
  return undefined;
}

function hasDigest(image: string, digests: readonly Digest[]): boolean {
  return digests.some((digest) => image.endsWith(`@${digest}`));
}
