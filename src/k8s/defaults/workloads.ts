// Defaults of what makes pods from a template, in apps and batch.
// Upstream: pkg/apis/apps/v1/defaults.go and pkg/apis/batch/v1/defaults.go.
import { get, isObject } from '../../base/json.ts';
import type { Draft } from '../api-object.ts';
import { at, type Defaults, fillRows, isEmptyAt, type Row } from './table.ts';

const retries = 6;
const manyRetries = 2 ** 31 - 1;

export const workloadDefaults: Defaults = {
  rows: {
    'DeploymentSpec.replicas': 1,
    'DeploymentSpec.revisionHistoryLimit': 10,
    'DeploymentSpec.progressDeadlineSeconds': 600,
    'DeploymentStrategy.type': 'RollingUpdate',
    'RollingUpdateDeployment.maxUnavailable': '25%',
    'RollingUpdateDeployment.maxSurge': '25%',
    'ReplicaSetSpec.replicas': 1,
    'DaemonSetSpec.revisionHistoryLimit': 10,
    'DaemonSetUpdateStrategy.type': 'RollingUpdate',
    'RollingUpdateDaemonSet.maxUnavailable': 1,
    'RollingUpdateDaemonSet.maxSurge': 0,
    'StatefulSetSpec.replicas': 1,
    'StatefulSetSpec.revisionHistoryLimit': 10,
    'StatefulSetSpec.podManagementPolicy': 'OrderedReady',
    'StatefulSetSpec.persistentVolumeClaimRetentionPolicy': () => ({}),
    'StatefulSetPersistentVolumeClaimRetentionPolicy.whenDeleted': 'Retain',
    'StatefulSetPersistentVolumeClaimRetentionPolicy.whenScaled': 'Retain',
    'PodFailurePolicyOnPodConditionsPattern.status': 'True',
    'CronJobSpec.concurrencyPolicy': 'Allow',
    'CronJobSpec.suspend': false,
    'CronJobSpec.successfulJobsHistoryLimit': 3,
    'CronJobSpec.failedJobsHistoryLimit': 1,
  },
  acts: {
    DeploymentStrategy: roll,
    DaemonSetUpdateStrategy: roll,
    StatefulSetUpdateStrategy: rollInOrder,
    Job: settleJob,
  },
};

/** Only a rolling update has parameters. */
function roll(strategy: Draft): void {
  const isRolling = (strategy['type'] ?? 'RollingUpdate') === 'RollingUpdate';
  if (isRolling && !Object.hasOwn(strategy, 'rollingUpdate')) strategy['rollingUpdate'] = {};
}

/** Here the parameters are not made when the type was named without them. */
function rollInOrder(strategy: Draft): void {
  if (!Object.hasOwn(strategy, 'type')) {
    strategy['type'] = 'RollingUpdate';
    if (!Object.hasOwn(strategy, 'rollingUpdate')) strategy['rollingUpdate'] = {};
  }
  const rolling = at(strategy, 'rollingUpdate');
  if (strategy['type'] === 'RollingUpdate' && rolling !== undefined) {
    rolling['partition'] = rolling['partition'] ?? 0;
  }
}

/** Of a Job, but not of the template in a CronJob. */
const jobDefaults: Readonly<Record<string, Row>> = {
  parallelism: 1,
  backoffLimit: (spec) => (Object.hasOwn(spec, 'backoffLimitPerIndex') ? manyRetries : retries),
  completionMode: 'NonIndexed',
  suspend: false,
  manualSelector: false,
  podReplacementPolicy: (spec) =>
    Object.hasOwn(spec, 'podFailurePolicy') ? 'Failed' : 'TerminatingOrFailed',
};

function settleJob(job: Draft): void {
  const [spec, metadata] = [at(job, 'spec'), at(job, 'metadata')];
  if (spec === undefined || metadata === undefined) return;
  const isPlain = !Object.hasOwn(spec, 'completions') && !Object.hasOwn(spec, 'parallelism');
  if (isPlain) spec['completions'] = 1;
  fillRows(spec, Object.entries(jobDefaults));
  // The very same, as in Kubernetes: what is added to the one later is in the other.
  const labels = get(at(at(spec, 'template'), 'metadata'), 'labels');
  if (isObject(labels) && isEmptyAt(metadata, 'labels')) metadata['labels'] = labels;
}
