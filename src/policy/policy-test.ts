// PolicyTest documents to plain cases: each an attempt, what the cluster has around it, and what must come of it.
import { byPlace, type Diagnostic } from '../base/diagnostic.ts';
import type { FieldPath } from '../base/field-path.ts';
import { getIn, isObject, type JsonObject } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import { quote } from '../base/text.ts';
import { namespaceLabel } from '../k8s/defaults.ts';
import type { Attempt } from '../model/attempt.ts';
import { isNamespaceKind } from '../review/settle.ts';
import type { SourceDocument } from '../yaml/document.ts';
import { diagnose, type Report, reporter } from './faults.ts';
import { identityOf, roleOf, unreadKind } from './kinds.ts';
import { type Piece, piecesOf } from './pieces.ts';
import { attemptOf } from './policy-test-attempt.ts';
import { type Expectation, expectationOf } from './policy-test-expectation.ts';
import { type ObjectFiles, objectsOf } from './policy-test-objects.ts';
import { createShapes, type Shapes } from './shape.ts';
import { suggest } from './suggest.ts';
import type { WrittenCase } from './written.ts';

export type PolicyCase = {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The policies that it is about; null: all. */
  readonly policies: readonly string[] | null;
  readonly attempt: Attempt;
  /** As the cluster has them: the namespace of the attempt, and params. */
  readonly cluster: readonly JsonObject[];
  readonly expect: Expectation;
};

export type PolicyTestOptions = {
  /** RFC 3339: for cases that name no time. */
  readonly now: string;
  /** What the files hold that the cases name. */
  readonly files: ObjectFiles;
  /** The names of all policies that there are; null: not known. */
  readonly policies: readonly string[] | null;
};

/** The cases of all PolicyTest documents; documents that are not ours are passed over. All faults at once. */
export function readPolicyTests(
  documents: readonly SourceDocument[],
  options: PolicyTestOptions,
): Result<readonly PolicyCase[], readonly Diagnostic[]> {
  const shapes = createShapes();
  const found: Diagnostic[] = [];
  const cases = documents
    .flatMap(piecesOf)
    .flatMap((piece) => casesOf(piece, { shapes, found, options }));
  return found.length > 0 ? err([...found].sort(byPlace)) : ok(cases);
}

type Reading = {
  readonly shapes: Shapes;
  readonly found: Diagnostic[];
  readonly options: PolicyTestOptions;
};

function casesOf(piece: Piece, { shapes, found, options }: Reading): readonly PolicyCase[] {
  const identity = identityOf(piece.value);
  if (identity.kind !== 'PolicyTest') {
    const misspelt = identity.group === 'sekisho.dev' && roleOf(identity) === undefined;
    if (misspelt) found.push(diagnose(piece, unreadKind(identity)));
    return [];
  }
  const report = reporter(piece, found);
  const before = found.length;
  const read = shapes.policyTest(piece.value, report);
  // What comes of a case is of no interest where a field is not what it should be.
  if (read === undefined || found.length > before) return [];
  const { cases = [], policies = null } = read.written.spec ?? {};
  checkPolicies(policies ?? [], options, report);
  return cases.flatMap((written, i) => {
    const path = ['spec', 'cases', i];
    const made = caseOf(written, { piece, path, policies, report, options });
    return made === undefined ? [] : [made];
  });
}

/** Threat: about a policy that is not there every case that is allowed would hold. */
function checkPolicies(
  names: readonly string[],
  { policies: known }: PolicyTestOptions,
  report: Report,
): void {
  for (const [i, name] of names.entries()) {
    if (known === null || known.includes(name)) continue;
    const message = `there is no policy ${quote(name)} under the policy paths`;
    const path = ['spec', 'policies', i];
    report({ code: 'policy-reference', path, message, fix: suggest(name, known) });
  }
}

type Context = {
  readonly piece: Piece;
  readonly path: FieldPath;
  readonly policies: readonly string[] | null;
  readonly report: Report;
  readonly options: PolicyTestOptions;
};

function caseOf(written: WrittenCase, context: Context): PolicyCase | undefined {
  const { piece, path, policies, options } = context;
  const report: Report = (fault) => context.report({ ...fault, path: [...path, ...fault.path] });
  const base = getIn(piece.value, ['spec', 'base']);
  const objects = objectsOf(written.operation, {
    file: piece.document.file,
    raw: getIn(piece.value, path),
    base: isObject(base) ? base : null,
    files: options.files,
    report,
  });
  const expect = expectationOf(written.expect ?? {}, report);
  const params = paramsOf(written, report);
  if (objects === undefined) return undefined;
  const attempt = attemptOf(written, objects, { report, now: options.now });
  if (attempt === undefined) return undefined;
  const { line, column } = piece.document.position([...piece.base, ...path]);
  const cluster = [...namespaceObject(written, attempt), ...params];
  const name = written.name ?? '';
  const { file } = piece.document;
  return { name, file, line, column, policies, attempt, cluster, expect };
}

function paramsOf({ params = [] }: WrittenCase, report: Report): readonly JsonObject[] {
  for (const [i, param] of params.entries()) {
    const { apiVersion, kind, name } = identityOf(param);
    for (const [field, text] of Object.entries({ apiVersion, kind, 'metadata.name': name })) {
      if (text !== '') continue;
      report({ path: ['params', i], message: `a param object needs ${field}` });
    }
  }
  return params;
}

/** A Namespace that is deleted, or whose status changes, is judged by what the cluster has. */
function namespaceObject({ namespace = {} }: WrittenCase, attempt: Attempt): readonly JsonObject[] {
  const { object, oldObject, kind, namespace: name } = attempt;
  if (isNamespaceKind(kind)) {
    const own = oldObject ?? object;
    return own === null ? [] : [own];
  }
  if (name === '') return [];
  const labels = { ...namespace.labels, [namespaceLabel]: name };
  const annotations =
    namespace.annotations === undefined ? {} : { annotations: namespace.annotations };
  return [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels, ...annotations } }];
}
