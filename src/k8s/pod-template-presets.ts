// Custom resources of well-known projects that make Pods: what PolicySettings name with `preset`.
// Upstream: the API types of Argo Rollouts, Knative Serving, KubeVirt, Tekton Pipelines and Kubeflow Training.
import type { FieldPath } from '../base/field-path.ts';
import type { PartForm } from './pod-part.ts';
import type { WorkloadKind } from './pod-template.ts';

export const presetNames = ['argo-rollouts', 'knative', 'kubevirt', 'tekton', 'kubeflow'] as const;
export type PresetName = (typeof presetNames)[number];

type Row = readonly [kind: string, resource: string, path: string, part?: PartForm];

const machine = 'kubevirt-machine';
const [runPod, task] = ['tekton-pod', 'tekton-task'] as const;

/** By API group. What a controller makes of these (Knative revisions, Tekton task runs of a pipeline) is not listed, nor
 * are cluster-scoped kinds: the namespace, and so the level, of their pods is not known. */
const rows: Readonly<Record<PresetName, Readonly<Record<string, readonly Row[]>>>> = {
  'argo-rollouts': {
    'argoproj.io': [
      ['Rollout', 'rollouts', 'spec.template'],
      ['Experiment', 'experiments', 'spec.templates.*.template'],
      ['AnalysisTemplate', 'analysistemplates', 'spec.metrics.*.provider.job.spec.template'],
      ['AnalysisRun', 'analysisruns', 'spec.metrics.*.provider.job.spec.template'],
    ],
  },
  knative: {
    'serving.knative.dev': [
      ['Service', 'services', 'spec.template'],
      ['Configuration', 'configurations', 'spec.template'],
    ],
  },
  kubevirt: {
    'kubevirt.io': [
      ['VirtualMachine', 'virtualmachines', 'spec.template.spec', machine],
      ['VirtualMachineInstance', 'virtualmachineinstances', 'spec', machine],
      [
        'VirtualMachineInstanceReplicaSet',
        'virtualmachineinstancereplicasets',
        'spec.template.spec',
        machine,
      ],
    ],
  },
  tekton: {
    'tekton.dev': [
      ['Task', 'tasks', 'spec', task],
      ['TaskRun', 'taskruns', 'spec.podTemplate', runPod],
      ['TaskRun', 'taskruns', 'spec.taskSpec', task],
      ['Pipeline', 'pipelines', 'spec.tasks.*.taskSpec', task],
      ['Pipeline', 'pipelines', 'spec.finally.*.taskSpec', task],
      ['PipelineRun', 'pipelineruns', 'spec.podTemplate', runPod],
      ['PipelineRun', 'pipelineruns', 'spec.taskRunTemplate.podTemplate', runPod],
      ['PipelineRun', 'pipelineruns', 'spec.taskRunSpecs.*.podTemplate', runPod],
      ['PipelineRun', 'pipelineruns', 'spec.taskRunSpecs.*.taskPodTemplate', runPod],
      ['PipelineRun', 'pipelineruns', 'spec.pipelineSpec.tasks.*.taskSpec', task],
      ['PipelineRun', 'pipelineruns', 'spec.pipelineSpec.finally.*.taskSpec', task],
    ],
  },
  kubeflow: {
    'kubeflow.org': [
      ['PyTorchJob', 'pytorchjobs', 'spec.pytorchReplicaSpecs.*.template'],
      ['TFJob', 'tfjobs', 'spec.tfReplicaSpecs.*.template'],
      ['MPIJob', 'mpijobs', 'spec.mpiReplicaSpecs.*.template'],
      ['XGBoostJob', 'xgboostjobs', 'spec.xgbReplicaSpecs.*.template'],
      ['PaddleJob', 'paddlejobs', 'spec.paddleReplicaSpecs.*.template'],
      ['JAXJob', 'jaxjobs', 'spec.jaxReplicaSpecs.*.template'],
      ['Notebook', 'notebooks', 'spec.template'],
    ],
  },
};

export function presetKinds(name: PresetName): readonly WorkloadKind[] {
  return Object.entries(rows[name]).flatMap(([group, kinds]) =>
    kinds.map(([kind, resource, path, part]) => ({
      ...{ group, kind, resource, path: stepsOf(path) },
      ...(part === undefined ? {} : { part }),
    })),
  );
}

function stepsOf(path: string): FieldPath {
  return path.split('.');
}
