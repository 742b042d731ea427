// What the API server allocates for a new Service: addresses, their families and ports of nodes. The cluster is taken
// for one of IPv4 only. Upstream: pkg/registry/core/service/storage/alloc.go.
import { get, isArray, type JsonValue } from '../../base/json.ts';
import type { Draft } from '../api-object.ts';
import { at, isEmptyAt, items, textAt } from './table.ts';
import { unknownAddress, unknownNodePort } from './unknown.ts';

/** `old`: the Service as it was, which keeps what it was given. */
export function allocate(service: Draft, old: Draft | undefined): void {
  const [spec, before] = [at(service, 'spec'), at(old, 'spec')];
  if (spec === undefined || textAt(spec, 'type') === 'ExternalName') return;
  for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) {
    keep(spec, before, field);
  }
  const given = textAt(spec, 'clusterIP');
  if (given !== '' && isEmptyAt(spec, 'clusterIPs')) spec['clusterIPs'] = [given];
  chooseFamilies(spec);
  if (textAt(spec, 'clusterIP') === '') {
    const [first] = listAt(spec, 'ipFamilies');
    const address = unknownAddress[first === 'IPv6' ? 'IPv6' : 'IPv4'];
    spec['clusterIP'] = address;
    spec['clusterIPs'] = [address];
  }
  allocatePorts(spec, before);
}

function keep(spec: Draft, before: Draft | undefined, field: string): void {
  const was = get(before, field);
  if (was !== undefined && isEmptyAt(spec, field)) spec[field] = was;
}

function chooseFamilies(spec: Draft): void {
  const isHeadless = textAt(spec, 'clusterIP') === 'None';
  const isBare = isHeadless && isEmptyAt(spec, 'selector');
  const policy = textAt(spec, 'ipFamilyPolicy') || (isBare ? 'RequireDualStack' : 'SingleStack');
  spec['ipFamilyPolicy'] = policy;
  const families = [...listAt(spec, 'ipFamilies')];
  const addresses = isHeadless ? [] : listAt(spec, 'clusterIPs');
  for (const address of addresses.slice(families.length)) {
    families.push(String(address).includes(':') ? 'IPv6' : 'IPv4');
  }
  if (families.length === 0) families.push('IPv4');
  if (isBare && families.length === 1 && policy !== 'SingleStack') {
    families.push(families[0] === 'IPv4' ? 'IPv6' : 'IPv4');
  }
  spec['ipFamilies'] = families;
}

function allocatePorts(spec: Draft, before: Draft | undefined): void {
  const type = textAt(spec, 'type');
  const isOnNodes =
    type === 'NodePort' ||
    (type === 'LoadBalancer' && get(spec, 'allocateLoadBalancerNodePorts') !== false);
  if (isOnNodes) {
    for (const [i, port] of items(spec, 'ports').entries()) {
      if (Object.hasOwn(port, 'nodePort')) continue;
      port['nodePort'] = get(samePort(before, port), 'nodePort') ?? unknownNodePort + i;
    }
  }
  if (type === 'LoadBalancer' && textAt(spec, 'externalTrafficPolicy') === 'Local') {
    keep(spec, before, 'healthCheckNodePort');
    spec['healthCheckNodePort'] =
      spec['healthCheckNodePort'] ?? unknownNodePort + items(spec, 'ports').length;
  }
}

function samePort(before: Draft | undefined, { port, protocol }: Draft): Draft | undefined {
  return items(before, 'ports').find((was) => was['port'] === port && was['protocol'] === protocol);
}

function listAt(draft: Draft, key: string): readonly JsonValue[] {
  const found = get(draft, key);
  return isArray(found) ? found : [];
}
