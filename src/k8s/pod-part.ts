// Custom resources that hold part of a Pod and no template: how each part reads as a PodSpec, and where its fields really
// stand. Upstream: pod.Template and TaskSpec of tekton.dev/v1, VirtualMachineInstanceSpec of kubevirt.io/v1.
import { get, isArray, isObject, type JsonObject, type JsonValue } from '../base/json.ts';

export type PartForm = 'tekton-pod' | 'tekton-task' | 'kubevirt-machine';

export type Part = {
  readonly spec: (part: JsonObject) => JsonObject;
  /** Names of a PodSpec's fields, and what they are here. */
  readonly names: Readonly<Record<string, string>>;
};

export const partForms: Readonly<Record<PartForm, Part>> = {
  /** Fields of a PodSpec under their own names. */
  'tekton-pod': { spec: (part) => part, names: {} },
  'tekton-task': {
    spec: (part) => ({
      containers: get(part, 'steps') ?? [],
      initContainers: get(part, 'sidecars') ?? [],
      volumes: get(part, 'volumes') ?? [],
    }),
    names: { containers: 'steps', initContainers: 'sidecars' },
  },
  /** A disk of the host is mounted from a hostPath; no other kind of its volumes is one of a Pod's that is forbidden. */
  'kubevirt-machine': {
    spec: (part) => ({ volumes: listOf(get(part, 'volumes')).map(volumeOf) }),
    names: { hostPath: 'hostDisk' },
  },
};

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return isArray(value) ? value : [];
}

function volumeOf(volume: JsonValue): JsonObject {
  const source: JsonObject = isObject(get(volume, 'hostDisk'))
    ? { hostPath: get(volume, 'hostDisk') ?? {} }
    : { emptyDir: {} };
  return { name: get(volume, 'name') ?? '', ...source };
}
