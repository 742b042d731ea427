// Defaults of the core kinds but pods and volumes.
// Upstream: pkg/apis/core/v1/defaults.go, Convert_v1_Secret_To_core_Secret, and the strategies of pkg/registry/core.
import { get, isArray, isObject, setOwn } from '../../base/json.ts';
import type { Draft } from '../api-object.ts';
import { at, type Defaults, isEmptyAt, items, textAt } from './table.ts';

export const coreDefaults: Defaults = {
  rows: {
    'Secret.type': 'Opaque',
    'EndpointPort.protocol': 'TCP',
    'ReplicationControllerSpec.replicas': 1,
    'ServicePort.protocol': 'TCP',
    'ServiceSpec.sessionAffinity': 'None',
    'ServiceSpec.type': 'ClusterIP',
  },
  acts: {
    Secret: joinData,
    ServiceSpec: settleService,
    ReplicationController: followTemplate,
    LimitRangeItem: settleLimits,
    NodeSpec: alignRanges,
    NodeStatus: allocateAll,
  },
};

/** `stringData` is only ever written; it wins over `data`. */
function joinData(secret: Draft): void {
  const texts = at(secret, 'stringData');
  delete secret['stringData'];
  if (texts === undefined || Object.keys(texts).length === 0) return;
  const data: Draft = { ...at(secret, 'data') };
  for (const [key, text] of Object.entries(texts)) {
    setOwn(data, key, typeof text === 'string' ? Buffer.from(text).toString('base64') : text);
  }
  secret['data'] = data;
}

const stickySeconds = 10_800;

function settleService(spec: Draft): void {
  const type = textAt(spec, 'type') || 'ClusterIP';
  const affinity = textAt(spec, 'sessionAffinity') || 'None';
  if (affinity === 'None') delete spec['sessionAffinityConfig'];
  const config = at(at(spec, 'sessionAffinityConfig'), 'clientIP');
  if (affinity === 'ClientIP' && get(config, 'timeoutSeconds') === undefined) {
    spec['sessionAffinityConfig'] = { clientIP: { timeoutSeconds: stickySeconds } };
  }
  for (const port of items(spec, 'ports')) {
    const target = get(port, 'targetPort') ?? 0;
    if (target === 0 || target === '') port['targetPort'] = get(port, 'port') ?? 0;
  }
  const isInside = type === 'ClusterIP';
  const isPublic = type === 'NodePort' || type === 'LoadBalancer';
  const fill = (field: string, value: string | boolean): void => {
    if (!Object.hasOwn(spec, field)) spec[field] = value;
  };
  if (isPublic || (isInside && !isEmptyAt(spec, 'externalIPs'))) {
    fill('externalTrafficPolicy', 'Cluster');
  }
  if (isPublic || isInside) fill('internalTrafficPolicy', 'Cluster');
  if (type === 'LoadBalancer') fill('allocateLoadBalancerNodePorts', true);
}

/** Labels and selector are those of its pods, when it has none. */
function followTemplate(controller: Draft): void {
  const spec = at(controller, 'spec');
  const metadata = at(controller, 'metadata');
  const labels = get(at(at(spec, 'template'), 'metadata'), 'labels');
  if (spec === undefined || metadata === undefined || !isObject(labels)) return;
  if (isEmptyAt(spec, 'selector')) spec['selector'] = { ...labels };
  if (isEmptyAt(metadata, 'labels')) metadata['labels'] = { ...labels };
}

/** For containers: the default limit is the maximum, the default request that limit, or else the minimum. */
function settleLimits(item: Draft): void {
  if (item['type'] !== 'Container') return;
  const limit = { ...at(item, 'max'), ...at(item, 'default') };
  item['default'] = limit;
  item['defaultRequest'] = { ...at(item, 'min'), ...limit, ...at(item, 'defaultRequest') };
}

/** `podCIDR` is the first of `podCIDRs`. */
function alignRanges(spec: Draft): void {
  const [one, all] = [get(spec, 'podCIDR'), get(spec, 'podCIDRs')];
  if (one !== undefined && isEmptyAt(spec, 'podCIDRs')) spec['podCIDRs'] = [one];
  else if (one === undefined && isArray(all) && all[0] !== undefined) spec['podCIDR'] = all[0];
}

function allocateAll(status: Draft): void {
  const capacity = at(status, 'capacity');
  if (capacity !== undefined && !Object.hasOwn(status, 'allocatable')) {
    status['allocatable'] = { ...capacity };
  }
}
