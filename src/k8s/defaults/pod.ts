// Defaults of pods and pod templates, without their volumes.
// Upstream: SetDefaults_PodSpec, _Pod, _Container, _Probe, _HTTPGetAction, _ObjectFieldSelector in pkg/apis/core/v1.
import type { Draft } from '../api-object.ts';
import { imageTag } from '../image-reference.ts';
import { fillPodResources } from './pod-resources.ts';
import { at, type Defaults, items, textAt } from './table.ts';

const pullPolicy = (image: string): string =>
  imageTag(image) === 'latest' ? 'Always' : 'IfNotPresent';

const container = (type: string): Defaults['rows'] => ({
  [`${type}.imagePullPolicy`]: (owner) => pullPolicy(textAt(owner, 'image')),
  [`${type}.terminationMessagePath`]: '/dev/termination-log',
  [`${type}.terminationMessagePolicy`]: 'File',
});

export const podDefaults: Defaults = {
  rows: {
    'PodSpec.dnsPolicy': 'ClusterFirst',
    'PodSpec.restartPolicy': 'Always',
    'PodSpec.securityContext': () => ({}),
    'PodSpec.terminationGracePeriodSeconds': 30,
    'PodSpec.schedulerName': 'default-scheduler',
    ...container('Container'),
    ...container('EphemeralContainer'),
    'ContainerPort.protocol': 'TCP',
    'Probe.timeoutSeconds': 1,
    'Probe.periodSeconds': 10,
    'Probe.successThreshold': 1,
    'Probe.failureThreshold': 3,
    'HTTPGetAction.path': '/',
    'HTTPGetAction.scheme': 'HTTP',
    'GRPCAction.service': '',
    'ObjectFieldSelector.apiVersion': 'v1',
    'FileKeySelector.optional': false,
    'ImageVolumeSource.pullPolicy': (owner) => pullPolicy(textAt(owner, 'reference')),
  },
  acts: { Pod: settlePod, PodSpec: nameServiceAccount },
};

/** What only pods get, not templates. */
function settlePod(pod: Draft): void {
  const spec = at(pod, 'spec');
  if (spec === undefined) return;
  fillPodResources(spec);
  if (!Object.hasOwn(spec, 'enableServiceLinks')) spec['enableServiceLinks'] = true;
  if (spec['hostNetwork'] === true) showHostPorts(spec);
  const grace = spec['terminationGracePeriodSeconds'];
  if (typeof grace === 'number' && grace < 0) spec['terminationGracePeriodSeconds'] = 1;
}

/** On the host's network every port is a port of the host. */
function showHostPorts(spec: Draft): void {
  for (const each of [...items(spec, 'containers'), ...items(spec, 'initContainers')]) {
    for (const port of items(each, 'ports')) {
      if (!Object.hasOwn(port, 'hostPort') && Object.hasOwn(port, 'containerPort')) {
        port['hostPort'] = port['containerPort'] ?? 0;
      }
    }
  }
}

/** `serviceAccount` is the old name of `serviceAccountName`, which wins; both are always written. */
function nameServiceAccount(spec: Draft): void {
  const name = textAt(spec, 'serviceAccountName') || textAt(spec, 'serviceAccount');
  if (name === '') return;
  spec['serviceAccountName'] = name;
  spec['serviceAccount'] = name;
}
