// What of an attempt is held against a level: the pod itself, the templates of a workload, and the parts of pods that some
// custom resources hold. Findings name the field of the object that was sent.
import { type FieldPath, formatPath, toPointer } from '../base/field-path.ts';
import type { JsonObject } from '../base/json.ts';
import { partForms } from '../k8s/pod-part.ts';
import {
  type PodPart,
  type PodTemplate,
  podParts,
  podTemplates,
  type WorkloadKind,
} from '../k8s/pod-template.ts';
import type { Attempt } from '../model/attempt.ts';
import type { Finding } from '../model/decision.ts';
import type { LevelVersion } from './types.ts';

export type Subject = {
  readonly pod: JsonObject;
  /** Where it stands in the object: [] for the object itself. */
  readonly path: FieldPath;
  /** What is asked of it where that level is asked for. */
  readonly held: (level: LevelVersion) => LevelVersion;
  /** A finding of the pod, at its place in the object. */
  readonly place: (finding: Finding) => Finding;
};

const asAsked = (level: LevelVersion): LevelVersion => level;

export function podSubject(object: JsonObject | null): Subject {
  return { pod: object ?? {}, path: [], held: asAsked, place: (finding) => finding };
}

export function workloadSubjects(
  kind: Attempt['kind'],
  object: JsonObject,
  workloads: readonly WorkloadKind[],
): readonly Subject[] {
  return [
    ...podTemplates(kind, object, workloads).map(templateSubject),
    ...podParts(kind, object, workloads).map(partSubject),
  ];
}

function templateSubject({ pod, path }: PodTemplate): Subject {
  const place = (finding: Finding): Finding => ({
    ...finding,
    path: [formatPath(path), finding.path].filter((part) => part !== '').join('.'),
    pointer: `${toPointer(path)}${finding.pointer}`,
    patch: finding.patch.map((one) => ({ ...one, path: `${toPointer(path)}${one.path}` })),
  });
  return { pod, path, held: asAsked, place };
}

/** What restricted wants to be set may be set elsewhere, by a run or by the controller: a part of a pod is held to
 * baseline at most, which only forbids. Its pods are held to the whole level. */
function partSubject({ pod, path, form }: PodPart): Subject {
  const { names } = partForms[form];
  const named = (text: string): string =>
    text.replace(/[A-Za-z]+/g, (word) => (Object.hasOwn(names, word) ? (names[word] ?? '') : word));
  const place = (finding: Finding): Finding => ({
    ...finding,
    path: `${formatPath(path)}${named(finding.path.replace(/^spec/, ''))}`,
    pointer: `${toPointer(path)}${named(finding.pointer.replace(/^\/spec/, ''))}`,
    // What makes a pod pass need not be a patch of this.
    patch: [],
  });
  const held = (level: LevelVersion): LevelVersion =>
    level.level === 'restricted' ? { ...level, level: 'baseline' } : level;
  return { pod, path, held, place };
}
