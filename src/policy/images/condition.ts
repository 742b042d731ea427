// One `policy` of a ClusterImagePolicy: CEL, compiled at load. CUE and Rego are not read; for CUE that only compares, the
// fix holds the CEL that says the same.
// Upstream: Policy in sigstore/policy-controller, pkg/apis/policy/v1beta1/clusterimagepolicy_types.go.
import { type FieldPath, formatPath } from '../../base/field-path.ts';
import type { Scope } from '../../cel/program.ts';
import { compileInto } from '../expressions.ts';
import type { Report } from '../faults.ts';
import type { ImageCondition } from '../model.ts';
import { celOfCue } from './cue/cel.ts';
import type { WrittenCondition } from './written.ts';

export type ConditionLevel = 'attestation' | 'policy';

export function compileCondition(
  written: WrittenCondition,
  path: FieldPath,
  { scope, level }: { readonly scope: Scope; readonly level: ConditionLevel },
  report: Report,
): ImageCondition | null {
  refuseFields(written, path, level, report);
  const { type, data } = written;
  if (type === 'cue' || type === 'rego') {
    const fix = `write the rule in CEL: ${draftOf(type, data, level)}`;
    const message = `${formatPath([...path, 'type'])} ${type} is not supported`;
    report({ code: 'policy-unsupported', path: [...path, 'type'], message, fix });
    return null;
  }
  const isElsewhere = written.remote !== undefined || written.configMapRef !== undefined;
  if (data === undefined && !isElsewhere) {
    report({ path: [...path, 'data'], message: `${formatPath([...path, 'data'])} is missing` });
  }
  if (type !== 'cel' || data === undefined) return null;
  const program = compileInto(report)([...path, 'data'], data, scope, 'bool');
  return { program, message: '' };
}

function draftOf(type: string, data: string | undefined, level: ConditionLevel): string {
  const draft = type === 'cue' && data !== undefined ? celOfCue(data, level) : undefined;
  if (draft !== undefined) return `type: cel, data: ${draft}`;
  const names = level === 'policy' ? 'authorityMatches' : 'statement, signature';
  return `type: cel, data: an expression over ${names}, image, object, namespaceObject and now`;
}

const elsewhere = 'no policy is fetched: the set would not be what was reviewed';
const included = (what: string): string => `${what} is always there`;

/** Why, and what to write. */
const refused: Readonly<
  Record<Exclude<keyof WrittenCondition, 'type' | 'data'>, readonly [string, string]>
> = {
  remote: [elsewhere, 'write the expression into data'],
  configMapRef: [elsewhere, 'write the expression into data'],
  fetchConfigFile: [
    'the config file of an image is read by nobody here',
    'demand an attestation that says what you need of it',
  ],
  includeSpec: [included('object'), 'remove the field, and write object.spec'],
  includeObjectMeta: [included('object'), 'remove the field, and write object.metadata'],
  includeTypeMeta: [included('object'), 'remove the field, and write object.kind'],
};

function refuseFields(
  written: WrittenCondition,
  path: FieldPath,
  level: ConditionLevel,
  report: Report,
): void {
  for (const [field, [why, fix]] of Object.entries(refused)) {
    if (!Object.hasOwn(written, field)) continue;
    const at = [...path, field];
    const message = `${formatPath(at)} is not supported: ${why}`;
    const where = level === 'policy' || !field.startsWith('include') ? fix : 'remove the field';
    report({ code: 'policy-unsupported', path: at, at: 'key', message, fix: where });
  }
}
