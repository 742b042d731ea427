// PolicyException objects of a cluster beside the files: those that fit become part of the law and its hash.
// Threat: whoever may write one must not be able to stop the law from loading, so one with a fault is left out and told.
import type { Diagnostic } from '../base/diagnostic.ts';
import { ok, type Result } from '../base/result.ts';
import { quote } from '../base/text.ts';
import type { SourceDocument } from '../yaml/document.ts';
import { buildPolicySet } from './build.ts';
import { identityOf, roleOf } from './kinds.ts';
import type { PolicySet } from './model.ts';

/** Each round leaves out all that have a fault; leaving out can bring no fault that was not there. */
const maxRounds = 5;

/** `exceptions`: the oldest first. Of two that meet, the older counts; a file beats the cluster. */
export function buildWithExceptions(
  layers: readonly (readonly SourceDocument[])[],
  exceptions: readonly SourceDocument[],
  { now }: { readonly now: string },
): Result<PolicySet, readonly Diagnostic[]> {
  const base = buildPolicySet(layers, { now });
  if (!base.ok || exceptions.length === 0) return base;
  const leftOut: Diagnostic[] = [];
  let kept = unlessInFiles(exceptions, base.value, leftOut);
  for (let round = 0; round < maxRounds; round++) {
    const built = kept.length === 0 ? base : buildPolicySet([...layers, kept], { now });
    if (built.ok) return ok(withWarnings(built.value, leftOut));
    const own = new Set(kept.map(({ file }) => file));
    const blamed = built.error.filter(({ file }) => own.has(file));
    if (blamed.length === 0) break;
    leftOut.push(...blamed);
    const faulty = new Set(blamed.map(({ file }) => file));
    kept = kept.filter(({ file }) => !faulty.has(file));
  }
  return ok(withWarnings(base.value, [...leftOut, ...kept.map(notRead)]));
}

function unlessInFiles(
  exceptions: readonly SourceDocument[],
  { exceptions: inFiles }: PolicySet,
  leftOut: Diagnostic[],
): readonly SourceDocument[] {
  const known = new Set(inFiles.map(({ name }) => name));
  return exceptions.filter(({ file, value }) => {
    const identity = identityOf(value);
    const isException = roleOf(identity) === 'exception';
    if (isException && !known.has(identity.name)) return true;
    const [code, message] = isException
      ? (['policy-duplicate', 'is in a file, which counts instead'] as const)
      : (['policy-kind', 'is no PolicyException of a version that is read'] as const);
    const told = `${quote(identity.name)} ${message}`;
    leftOut.push({ code, message: told, file, line: 0, column: 0 });
    return false;
  });
}

function notRead({ file }: SourceDocument): Diagnostic {
  const message = 'the exception does not fit the others, and is left out';
  return { code: 'exception-overlap', message, file, line: 0, column: 0 };
}

function withWarnings(policySet: PolicySet, more: readonly Diagnostic[]): PolicySet {
  return more.length === 0
    ? policySet
    : { ...policySet, warnings: [...policySet.warnings, ...more] };
}
