// Requests that follow from limits, resources of the whole pod, and the class of service that they make.
// Upstream: SetDefaults_Pod, defaultPodRequests, defaultHugePagePodLimits in pkg/apis/core/v1; ComputePodQOS in
// pkg/apis/core/helper/qos; AggregateContainerRequests in k8s.io/component-helpers/resource.
import { isObject, type JsonObject } from '../../base/json.ts';
import type { Draft } from '../api-object.ts';
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity,
  signOf,
} from '../quantity.ts';
import { formatQuantity } from '../quantity-text.ts';
import { at, isEmptyAt, items, textAt } from './table.ts';

type Side = 'requests' | 'limits';
/** By name, each with the text that it was first written as; `sum` when more was added to it. */
type Sums = Map<string, { readonly value: Quantity; readonly like: string; readonly sum?: true }>;

const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isOfPod = (name: string): boolean => name === 'cpu' || name === 'memory' || isHugePages(name);

export function fillPodResources(spec: Draft): void {
  for (const each of [...items(spec, 'containers'), ...items(spec, 'initContainers')]) {
    const resources = at(each, 'resources');
    const limits = at(resources, 'limits');
    if (resources !== undefined && limits !== undefined) {
      resources['requests'] = { ...limits, ...at(resources, 'requests') };
    }
  }
  const resources = at(spec, 'resources');
  if (resources === undefined) return;
  if (!isEmptyAt(resources, 'limits') || !isEmptyAt(resources, 'requests')) {
    fillLimits(resources, spec);
  }
  if (!isEmptyAt(resources, 'limits')) fillRequests(resources, spec);
}

/** Huge pages that containers are limited to. */
function fillLimits(resources: Draft, spec: Draft): void {
  const limits: Draft = { ...at(resources, 'limits') };
  for (const [name, text] of written(aggregated(spec, 'limits'))) {
    const requested = Object.hasOwn(at(resources, 'requests') ?? {}, name);
    if (isHugePages(name) && !requested && !Object.hasOwn(limits, name)) limits[name] = text;
  }
  if (Object.keys(limits).length > 0) resources['limits'] = limits;
}

function fillRequests(resources: Draft, spec: Draft): void {
  const requests: Draft = { ...at(resources, 'requests') };
  for (const [name, text] of written(aggregated(spec, 'requests'))) {
    if (isOfPod(name) && !isHugePages(name) && !Object.hasOwn(requests, name)) {
      requests[name] = text;
    }
  }
  for (const [name, limit] of Object.entries(at(resources, 'limits') ?? {})) {
    if (isOfPod(name) && !Object.hasOwn(requests, name)) requests[name] = limit;
  }
  if (Object.keys(requests).length > 0) resources['requests'] = requests;
}

/** What all containers need together, or one init container beside the sidecars before it, whichever is more. */
function aggregated(spec: Draft, side: Side): Sums {
  const all = sums(items(spec, 'containers'), side);
  const sidecars: Sums = new Map();
  const starting: Sums = new Map();
  for (const each of items(spec, 'initContainers')) {
    const own = sums([each], side);
    const isSidecar = textAt(each, 'restartPolicy') === 'Always';
    if (isSidecar) for (const sum of [all, sidecars]) add(sum, own);
    const needed: Sums = isSidecar ? sidecars : new Map(own);
    if (!isSidecar) add(needed, sidecars);
    atLeast(starting, needed);
  }
  atLeast(all, starting);
  return all;
}

function sums(containers: readonly Draft[], side: Side): Sums {
  const total: Sums = new Map();
  for (const each of containers) add(total, quantities(at(at(each, 'resources'), side)));
  return total;
}

function quantities(list: JsonObject | undefined): Sums {
  return new Map(
    Object.entries(list ?? {}).flatMap(([name, text]) => {
      const read = typeof text === 'string' ? parseQuantity(text) : undefined;
      return read?.ok && typeof text === 'string'
        ? [[name, { value: read.value, like: text }] as const]
        : [];
    }),
  );
}

function add(total: Sums, more: Sums): void {
  for (const [name, each] of more) {
    const known = total.get(name);
    const sum = known === undefined ? undefined : addQuantities(known.value, each.value);
    if (known === undefined) total.set(name, each);
    else if (sum !== undefined) total.set(name, { value: sum, like: known.like, sum: true });
  }
}

function atLeast(total: Sums, other: Sums): void {
  for (const [name, each] of other) {
    const known = total.get(name);
    if (known === undefined || compareQuantities(each.value, known.value) > 0) {
      total.set(name, each);
    }
  }
}

function written(total: Sums): [string, string][] {
  return [...total].map(([name, { value, like, sum }]) => [
    name,
    sum === undefined ? like : formatQuantity(value, like),
  ]);
}

/** The class of service of a pod whose defaults are filled in. */
export function qosClass(spec: Draft): string {
  const own = at(spec, 'resources');
  const parts =
    own === undefined
      ? [...items(spec, 'containers'), ...items(spec, 'initContainers')].map((c) =>
          at(c, 'resources'),
        )
      : [own];
  const [requests, limits] = [computing(parts, 'requests'), computing(parts, 'limits')];
  if (requests.size === 0 && limits.size === 0) return 'BestEffort';
  const isLimited = parts.every((part) => computing([part], 'limits').size === 2);
  const isEqual = [...requests].every(([name, { value }]) => {
    const limit = limits.get(name);
    return limit !== undefined && compareQuantities(limit.value, value) === 0;
  });
  return isLimited && isEqual && requests.size === limits.size ? 'Guaranteed' : 'Burstable';
}

/** Processors and memory that are more than nothing. */
function computing(parts: readonly (Draft | undefined)[], side: Side): Sums {
  const total: Sums = new Map();
  for (const part of parts) {
    const list = quantities(isObject(part?.[side]) ? part[side] : undefined);
    for (const [name, { value }] of list) {
      if ((name !== 'cpu' && name !== 'memory') || signOf(value) <= 0) list.delete(name);
    }
    add(total, list);
  }
  return total;
}
