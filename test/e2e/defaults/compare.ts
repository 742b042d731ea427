// What the API server answers, without what it alone can make, beside what `check` makes of the same object.
import {
  get,
  getIn,
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
} from '../../../src/base/json.ts';
import {
  unknownAddress,
  unknownNodePort,
  unknownSuffix,
  unknownUid,
} from '../../../src/k8s/defaults/unknown.ts';
import { attemptsOf } from '../../../src/review/manifest.ts';
import { readDocuments } from '../../../src/yaml/read.ts';

/** The object that policies see in `check` when the manifest is created, as a cluster with the usual features has it. */
export function ours(manifest: JsonObject): JsonValue {
  if (isFromElsewhere(manifest)) return withoutSource(settled(manifest));
  return withoutGated(settled(manifest), get(manifest, 'kind') === 'StatefulSet');
}

/** A claim whose source is in another namespace: such a source is dropped too, and the other field with it. */
function isFromElsewhere(manifest: JsonObject): boolean {
  const namespace = getIn(manifest, ['spec', 'dataSourceRef', 'namespace']) ?? '';
  return get(manifest, 'kind') === 'PersistentVolumeClaim' && namespace !== '';
}

function withoutSource(claim: JsonValue): JsonValue {
  const spec = get(claim, 'spec');
  if (!isObject(claim) || !isObject(spec)) return claim;
  const { dataSource: _, dataSourceRef: __, ...rest } = spec;
  return { ...claim, spec: rest };
}

/** Fields of features that are off unless a cluster turns them on: `check` keeps what is written. */
const gated = new Set(['schedulingGroup', 'clusterTrustBundle', 'podCertificate', 'stopSignal']);

function withoutGated(value: JsonValue, isStatefulSet: boolean): JsonValue {
  if (isArray(value)) return value.map((item) => withoutGated(item, isStatefulSet));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([key, each]): [string, JsonValue][] => {
    const inner = withoutGated(each, isStatefulSet);
    const isBare = key === 'lifecycle' && get(each, 'stopSignal') !== undefined && isEmpty(inner);
    if (gated.has(key) || isBare) return [];
    if (isStatefulSet && key === 'rollingUpdate' && isObject(inner)) {
      const { maxUnavailable: _, ...rest } = inner;
      return [[key, rest]];
    }
    return [[key, inner]];
  });
  return Object.fromEntries(entries);
}

const isEmpty = (value: JsonValue): boolean => isObject(value) && Object.keys(value).length === 0;

function settled(manifest: JsonObject): JsonValue {
  const { documents } = readDocuments(JSON.stringify(manifest), 'o.json');
  const { attempts, faults } = attemptsOf(documents, {
    operation: null,
    namespace: 'default',
    userInfo: { username: 'admin', uid: '', groups: [], extra: {} },
    now: '2027-01-01T00:00:00Z',
    customKinds: new Map(),
    old: new Map(),
  });
  const [made] = attempts;
  if (made === undefined) throw new Error(faults.map(({ message }) => message).join('\n'));
  return made.attempt.object ?? null;
}

/** The closed list: what nobody but the server can make is taken away, or becomes its stand-in. */
export function theirs(answer: JsonObject, manifest: JsonObject): JsonObject {
  const { metadata, ...rest } = answer;
  const own = isObject(metadata) ? metadata : {};
  const { uid, creationTimestamp: _, managedFields: __, ...kept } = own;
  const text = JSON.stringify({ ...rest, metadata: kept })
    .replaceAll(String(uid), unknownUid)
    .replaceAll(/"kube-api-access-[a-z0-9]{5}"/g, `"kube-api-access-${unknownSuffix}"`)
    .replaceAll(/"(lastPhaseTransitionTime|lastTransitionTime)":"202\d-[^"]*Z",?/g, '')
    .replaceAll(',}', '}');
  const object = JSON.parse(text) as JsonObject;
  const named = withName(object, manifest);
  if (isFromElsewhere(manifest)) return withoutSource(named) as JsonObject;
  if (get(named, 'kind') === 'Service') return withAllocated(named, manifest);
  return named;
}

function withName(object: JsonObject, manifest: JsonObject): JsonObject {
  const base = getIn(manifest, ['metadata', 'generateName']);
  const metadata = get(object, 'metadata');
  // Of all kinds only this one gets a name that is all the server's.
  const isNamed = hasName(manifest) || (typeof base === 'string' && base !== '');
  if (get(object, 'kind') === 'LimitRange' && isObject(metadata) && !isNamed) {
    const { name: _, ...rest } = metadata;
    return { ...object, metadata: rest };
  }
  if (typeof base !== 'string' || base === '' || !isObject(metadata)) return object;
  if (hasName(manifest)) return object;
  const chosen = String(metadata['name']);
  const name = chosen.slice(0, -unknownSuffix.length) + unknownSuffix;
  return JSON.parse(JSON.stringify(object).replaceAll(`"${chosen}"`, `"${name}"`));
}

function hasName(manifest: JsonObject): boolean {
  return (getIn(manifest, ['metadata', 'name']) ?? '') !== '';
}

function withAllocated(object: JsonObject, manifest: JsonObject): JsonObject {
  const [spec, given] = [get(object, 'spec'), get(manifest, 'spec')];
  if (!isObject(spec)) return object;
  const out: Record<string, JsonValue> = { ...spec };
  const isAllocated = (value: JsonValue | undefined): boolean =>
    typeof value === 'string' && value.startsWith('10.0.0.') && get(given, 'clusterIP') !== value;
  if (isAllocated(spec['clusterIP'])) {
    out['clusterIP'] = unknownAddress.IPv4;
    out['clusterIPs'] = [unknownAddress.IPv4];
  }
  const ports = isArray(spec['ports']) ? spec['ports'].filter(isObject) : [];
  if (ports.length > 0) {
    out['ports'] = ports.map((port, i) => {
      const own = getIn(given, ['ports', i, 'nodePort']) ?? 0;
      const isChosen = Object.hasOwn(port, 'nodePort') && own === 0;
      return isChosen ? { ...port, nodePort: unknownNodePort + i } : port;
    });
  }
  if (Object.hasOwn(spec, 'healthCheckNodePort') && !get(given, 'healthCheckNodePort')) {
    out['healthCheckNodePort'] = unknownNodePort + ports.length;
  }
  return { ...object, spec: out };
}

/** `path: server … / ours …` for every place where they differ. */
export function differences(
  server: JsonValue | undefined,
  own: JsonValue | undefined,
  path = '',
): readonly string[] {
  if (isObject(server) && isObject(own)) {
    const keys = new Set([...Object.keys(server), ...Object.keys(own)]);
    return [...keys].flatMap((key) =>
      differences(get(server, key), get(own, key), path === '' ? key : `${path}.${key}`),
    );
  }
  if (isArray(server) && isArray(own) && server.length === own.length) {
    return server.flatMap((item, i) => differences(item, own[i], `${path}[${i}]`));
  }
  const [left, right] = [shown(server), shown(own)];
  return left === right ? [] : [`${path}: the server has ${left}, ours ${right}`];
}

function shown(value: JsonValue | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
