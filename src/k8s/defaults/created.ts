// What happens to a new object of each kind after its defaults: what is allocated, admitted and begun.
// Upstream: BeforeCreate in k8s.io/apiserver/pkg/registry/rest, PrepareForCreate of the strategies in pkg/registry,
// and the plugins StorageObjectInUseProtection and TaintNodesByCondition.
import { get, isArray, type JsonValue } from '../../base/json.ts';
import type { Draft } from '../api-object.ts';
import { admitPod } from './pod-admission.ts';
import { preparePod } from './pod-strategy.ts';
import { allocate } from './service.ts';
import { at, items, push, textAt } from './table.ts';
import { unknownUid } from './unknown.ts';

type Created = {
  /** The first generation is 1; other kinds count none. */
  readonly counted?: true;
  /** undefined: the kind has no status, or keeps what is written. */
  readonly status?: JsonValue;
  /** `old`: the object as it was, when it is replaced. */
  readonly act?: (draft: Draft, old: Draft | undefined) => void;
};

const protect =
  (finalizer: string) =>
  (draft: Draft): void => {
    const metadata = at(draft, 'metadata');
    if (metadata !== undefined) addOnce(metadata, 'finalizers', finalizer);
  };

const kinds: Readonly<Record<string, Created>> = {
  Pod: { counted: true, act: createPod },
  PodTemplate: { counted: true },
  ReplicationController: { counted: true, status: { replicas: 0 } },
  Service: { status: { loadBalancer: {} }, act: allocate },
  ServiceAccount: { act: keepSecretNames },
  Namespace: { status: { phase: 'Active' }, act: finishNamespace },
  Node: { act: taint },
  PersistentVolume: { status: { phase: 'Pending' }, act: protect('kubernetes.io/pv-protection') },
  PersistentVolumeClaim: { status: {}, act: createClaim },
  ResourceQuota: { status: {} },
  Deployment: { counted: true, status: {} },
  ReplicaSet: { counted: true, status: { replicas: 0 } },
  StatefulSet: { counted: true, status: { replicas: 0, availableReplicas: 0 }, act: nameClaims },
  DaemonSet: {
    counted: true,
    status: {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    },
    act: countTemplates,
  },
  Job: { counted: true, status: {}, act: selectPods },
  CronJob: { counted: true, status: {} },
  Ingress: { counted: true, status: { loadBalancer: {} } },
  NetworkPolicy: { counted: true },
  IngressClass: { counted: true },
};

/** What the server makes itself, whatever is written. */
const ownMetadata = [
  ...['uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'],
  ...['selfLink', 'managedFields'],
];

/** As created now; with `old`, as put in its place. */
export function create(kind: string, draft: Draft, old: Draft | undefined): void {
  const { counted, status, act } = kinds[kind] ?? {};
  const [metadata, was] = [at(draft, 'metadata'), at(old, 'metadata')];
  if (metadata !== undefined) {
    for (const field of ownMetadata) {
      delete metadata[field];
      const kept = get(was, field);
      if (kept !== undefined) metadata[field] = kept;
    }
    if (counted === true) metadata['generation'] = get(was, 'generation') ?? 1;
  }
  act?.(draft, old);
  if (status !== undefined) draft['status'] = get(old, 'status') ?? status;
  else if (old !== undefined && Object.hasOwn(old, 'status'))
    draft['status'] = old['status'] ?? null;
}

function createPod(pod: Draft, old: Draft | undefined): void {
  admitPod(pod, old);
  preparePod(pod);
}

function keepSecretNames(account: Draft): void {
  const secrets = get(account, 'secrets');
  if (!isArray(secrets)) return;
  account['secrets'] = items(account, 'secrets').map((secret) => {
    const name = textAt(secret, 'name');
    return name === '' ? {} : { name };
  });
}

function finishNamespace(namespace: Draft): void {
  const spec = at(namespace, 'spec');
  if (spec !== undefined) addOnce(spec, 'finalizers', 'kubernetes');
}

function addOnce(draft: Draft, key: string, text: string): void {
  const found = get(draft, key);
  if (!isArray(found) || !found.includes(text)) push(draft, key, text);
}

/** A node is not ready until it says so. */
function taint(node: Draft): void {
  const [spec, key] = [at(node, 'spec'), 'node.kubernetes.io/not-ready'];
  if (spec === undefined) return;
  // Of a feature that is gone.
  delete spec['configSource'];
  const isTainted = items(spec, 'taints').some(
    (each) => each['key'] === key && each['effect'] === 'NoSchedule',
  );
  if (!isTainted) push(spec, 'taints', { key, effect: 'NoSchedule' });
}

function createClaim(claim: Draft): void {
  protect('kubernetes.io/pvc-protection')(claim);
  const spec = at(claim, 'spec');
  if (spec !== undefined) alignSources(spec);
}

/** `dataSource` and `dataSourceRef` say the same; the first only names claims and snapshots. */
function alignSources(spec: Draft): void {
  // From another namespace: of a feature that is off, unless a cluster turns it on.
  if (textAt(at(spec, 'dataSourceRef'), 'namespace') !== '') return;
  const [source, reference] = [at(spec, 'dataSource'), at(spec, 'dataSourceRef')];
  if (reference !== undefined && source === undefined) {
    const { namespace: _, ...local } = reference;
    spec['dataSource'] = local;
  }
  if (reference !== undefined || source === undefined) return;
  const place = `${textAt(source, 'apiGroup')}/${textAt(source, 'kind')}`;
  const isKnown = ['/PersistentVolumeClaim', 'snapshot.storage.k8s.io/VolumeSnapshot'];
  if (isKnown.includes(place)) spec['dataSourceRef'] = { ...source };
  else delete spec['dataSource'];
}

function nameClaims(set: Draft): void {
  for (const claim of items(at(set, 'spec'), 'volumeClaimTemplates')) {
    claim['apiVersion'] = 'v1';
    claim['kind'] = 'PersistentVolumeClaim';
    claim['status'] = { phase: 'Pending' };
  }
}

const templateGeneration = 'deprecated.daemonset.template.generation';

function countTemplates(daemonSet: Draft): void {
  const metadata = at(daemonSet, 'metadata');
  if (metadata === undefined) return;
  const annotations = at(metadata, 'annotations');
  const given = Number(textAt(annotations, templateGeneration));
  metadata['annotations'] = { ...annotations, [templateGeneration]: String(Math.max(given, 1)) };
}

/** Unless it is to select them itself, a Job's pods are those that bear its uid. */
function selectPods(job: Draft, old: Draft | undefined): void {
  const spec = at(job, 'spec');
  const template = at(spec, 'template');
  if (spec === undefined || template === undefined || spec['manualSelector'] === true) return;
  const name = textAt(at(job, 'metadata'), 'name');
  const uid = textAt(at(old, 'metadata'), 'uid') || unknownUid;
  const metadata = at(template, 'metadata') ?? {};
  // INVARIANT: in place, for the Job's own labels may be these (settleJob).
  const labels = at(metadata, 'labels') ?? {};
  for (const [field, value] of Object.entries({ 'job-name': name, 'controller-uid': uid })) {
    for (const key of [field, `batch.kubernetes.io/${field}`]) {
      if (!Object.hasOwn(labels, key)) labels[key] = value;
    }
  }
  metadata['labels'] = labels;
  template['metadata'] = metadata;
  const selector = at(spec, 'selector') ?? {};
  const label = { 'batch.kubernetes.io/controller-uid': uid };
  spec['selector'] = { ...selector, matchLabels: { ...label, ...at(selector, 'matchLabels') } };
}
