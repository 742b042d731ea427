// Objects that a built-in controller makes for a workload: who may say so, and of what.
// Threat: an ownerReference alone is a claim of the sender; only the controller's own user counts.
import { get, getIn, isArray, type JsonValue } from '../base/json.ts';
import type { WorkloadKind } from '../k8s/pod-template.ts';
import type { Attempt } from './attempt.ts';

const account = 'system:serviceaccount:kube-system:';

/** GROUP/KIND that is made, the kind of its owner, and the account of the controller that makes it. */
type Making = {
  readonly made: string;
  readonly ownerGroup: string;
  readonly owner: string;
  readonly by: string;
};

const makings: readonly Making[] = [
  making('apps/ReplicaSet', 'apps/Deployment', 'deployment-controller'),
  making('batch/Job', 'batch/CronJob', 'cronjob-controller'),
  making('/Pod', 'apps/ReplicaSet', 'replicaset-controller'),
  making('/Pod', 'apps/StatefulSet', 'statefulset-controller'),
  making('/Pod', 'apps/DaemonSet', 'daemon-set-controller'),
  making('/Pod', 'batch/Job', 'job-controller'),
  making('/Pod', '/ReplicationController', 'replication-controller'),
];

function making(made: string, owner: string, by: string): Making {
  const [ownerGroup = '', kind = ''] = owner.split('/');
  return { made, ownerGroup, owner: kind, by: `${account}${by}` };
}

/** True for a ReplicaSet or Job that the deployment- or cronjob-controller itself creates: its template is not
 * judged a second time. Pods are never meant: they are judged in full, whoever creates them. */
export function judgedInOwner(attempt: Attempt): boolean {
  const made = `${attempt.kind.group}/${attempt.kind.kind}`;
  return made !== '/Pod' && makingsOf(attempt).some((each) => each.made === made);
}

function makingsOf({ kind, operation, userInfo }: Attempt): readonly Making[] {
  if (operation !== 'CREATE') return [];
  const made = `${kind.group}/${kind.kind}`;
  return makings.filter((each) => each.made === made && each.by === userInfo.username);
}

export type WorkloadName = { readonly kind: string; readonly name: string };

/** The workloads that an attempt is, or is made for: the object itself, its owner where the owner's controller creates
 * it and the ownerReference agrees, and the Deployment or CronJob whose generated name that owner carries. */
export function workloadsOf(
  attempt: Attempt,
  workloads: readonly WorkloadKind[],
): readonly WorkloadName[] {
  if (attempt.subResource !== '') return [];
  const { kind, name } = attempt;
  const isWorkload = workloads.some((w) => w.group === kind.group && w.kind === kind.kind);
  const itself = isWorkload && name !== '' ? [{ kind: kind.kind, name }] : [];
  const owners = makingsOf(attempt).flatMap((each) => ownersBy(each, attempt));
  return [...itself, ...owners, ...owners.flatMap((owner) => makerOf(owner, attempt))];
}

function ownersBy(making: Making, { object }: Attempt): readonly WorkloadName[] {
  const references = getIn(object, ['metadata', 'ownerReferences']);
  if (!isArray(references)) return [];
  return references.flatMap((reference) => {
    const name = get(reference, 'name');
    const agrees =
      get(reference, 'controller') === true &&
      get(reference, 'kind') === making.owner &&
      groupOf(get(reference, 'apiVersion')) === making.ownerGroup;
    return agrees && typeof name === 'string' && name !== '' ? [{ kind: making.owner, name }] : [];
  });
}

function groupOf(apiVersion: JsonValue | undefined): string | undefined {
  if (typeof apiVersion !== 'string') return undefined;
  return apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
}

/** A Deployment names its ReplicaSets NAME-HASH, and the hash is a label of their Pods; a CronJob names its Jobs
 * NAME-MINUTES. Whoever may create ReplicaSets or Jobs of such names in the namespace is taken for their maker: see
 * the threat model. */
function makerOf(owner: WorkloadName, { object }: Attempt): readonly WorkloadName[] {
  if (owner.kind === 'ReplicaSet') {
    const hash = getIn(object, ['metadata', 'labels', 'pod-template-hash']);
    const end = typeof hash === 'string' && hash !== '' ? `-${hash}` : undefined;
    if (end === undefined || !owner.name.endsWith(end)) return [];
    return [{ kind: 'Deployment', name: owner.name.slice(0, -end.length) }];
  }
  const job = owner.kind === 'Job' ? /^(.+)-\d{8,11}$/.exec(owner.name) : null;
  return job?.[1] === undefined ? [] : [{ kind: 'CronJob', name: job[1] }];
}
