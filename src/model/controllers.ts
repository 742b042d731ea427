// Objects that a built-in controller makes from a template that was already judged in its owner.
// Threat: an ownerReference alone is a claim of the sender; only the controller's own user counts.
import type { Attempt } from './attempt.ts';

const controllers: Readonly<Record<string, string>> = {
  'apps/ReplicaSet': 'system:serviceaccount:kube-system:deployment-controller',
  'batch/Job': 'system:serviceaccount:kube-system:cronjob-controller',
};

/** True for a ReplicaSet or Job that the deployment- or cronjob-controller itself creates: its template is not
 * judged a second time. Pods are never meant: they are judged in full, whoever creates them. */
export function judgedInOwner(attempt: Attempt): boolean {
  const user = controllers[`${attempt.kind.group}/${attempt.kind.kind}`];
  return user !== undefined && attempt.operation === 'CREATE' && attempt.userInfo.username === user;
}
