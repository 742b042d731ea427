// The patches of one validation's findings, by what its policy says in `sekisho.dev/patch`. INVARIANT: they are told only when
// the object with all of them passes the validation.
import { type FieldPath, toPointer } from '../base/field-path.ts';
import { isObject, type JsonObject } from '../base/json.ts';
import { edit } from '../base/json-edit.ts';
import type { PatchOperation } from '../base/json-patch.ts';
import { activate } from '../cel/activation.ts';
import { expressionLimit } from '../cel/limits.ts';
import type { Activation, Budget } from '../cel/program.ts';
import type { Finding } from '../model/decision.ts';
import type { Policy, Validation } from '../policy/model.ts';

/** A validation that came out false. */
export type Broken = {
  readonly policy: Policy;
  readonly validation: Validation;
  readonly activation: Activation;
  /** What explanations of this policy may still spend. */
  readonly budget: Budget;
  readonly message: string;
};

/** A finding, and the field below the policy's object that it is about. */
export type Blamed = { readonly finding: Finding; readonly field: FieldPath };

export function withPatches(
  blamed: readonly Blamed[],
  broken: Broken,
  basePath: FieldPath,
): readonly Finding[] {
  const findings = blamed.map(({ finding }) => finding);
  const { object } = broken.activation.roots;
  if (broken.policy.patch.length === 0 || !isObject(object)) return findings;
  let mended: JsonObject = object;
  const patched = blamed.map(({ finding, field }): Finding => {
    const { value, patch } = edit(mended, editsOf(field, broken));
    if (isObject(value)) mended = value;
    return { ...finding, patch: patch.map((each) => placed(each, basePath)) };
  });
  return passes(mended, broken) ? patched : findings;
}

function editsOf(field: FieldPath, { policy }: Broken) {
  const remedy = policy.patch.find(({ field: own }) =>
    own.every((step, i) => step === field[field.length - own.length + i]),
  );
  return remedy === undefined ? [] : [{ path: field, value: remedy.value }];
}

function placed(operation: PatchOperation, basePath: FieldPath): PatchOperation {
  return { ...operation, path: `${toPointer(basePath)}${operation.path}` };
}

/** At the cost of an explanation. */
function passes(
  object: JsonObject,
  { policy, validation, activation: { roots }, budget }: Broken,
): boolean {
  const own = { total: Math.min(expressionLimit, budget.total) };
  const before = own.total;
  const activation = activate({ ...roots, object }, policy.variables, own);
  const outcome = validation.program.evaluate(activation);
  budget.total -= before - Math.max(0, own.total);
  return own.total >= 0 && outcome.kind === 'value' && outcome.value === true;
}
