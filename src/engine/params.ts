// The param objects that a binding is evaluated with: one evaluation for each.
// Upstream: CollectParams in k8s.io/apiserver/pkg/admission/plugin/policy/generic; a file beats the cluster.
import type { Code } from '../base/codes.ts';
import { get, type JsonObject } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import { parseApiVersion } from '../k8s/gvk.ts';
import { resourceFor } from '../k8s/resources.ts';
import { selects } from '../k8s/selector.ts';
import type { Attempt } from '../model/attempt.ts';
import type { PortInput } from '../model/decision.ts';
import type { Binding, ParamRef, Policy, PolicySet } from '../policy/model.ts';
import { labelsOf } from './match.ts';
import type { Ports } from './ports.ts';
import { input } from './surroundings.ts';

/** `object` is null when the binding uses no params: expressions then see `params` as null. */
export type Param = { readonly name: string | null; readonly object: JsonObject | null };
/** `portFault`: the params could not be had at all, which outside the webhook is unknown. */
export type ParamsFault = {
  readonly code: Code;
  readonly message: string;
  readonly portFault: boolean;
};

type Candidate = { readonly namespace: string; readonly name: string; readonly object: JsonObject };
/** `others`: of the cluster. `scope`: whether they are in namespaces, when the cluster says so. */
type Candidates = {
  readonly files: readonly Candidate[];
  readonly others: readonly Candidate[];
  readonly scope: boolean | undefined;
  readonly at: string;
};
type ParamKind = { readonly apiVersion: string; readonly kind: string };
type Question = {
  readonly policySet: PolicySet;
  readonly policy: Policy;
  readonly binding: Binding;
  readonly attempt: Attempt;
  readonly ports: Ports;
  readonly inputs: PortInput[];
};

type Params = Result<readonly Param[], ParamsFault>;

const noParams: Params = ok([{ name: null, object: null }]);

/** Params of one binding; empty when none were found and that is allowed. A promise only where a port is asked. */
export function paramsOf(question: Question): Params | Promise<Params> {
  const { paramKind } = question.policy;
  const ref = question.binding.paramRef;
  return paramKind === null || ref === null ? noParams : paramsMeant(paramKind, ref, question);
}

async function paramsMeant(
  paramKind: ParamKind,
  ref: ParamRef,
  question: Question,
): Promise<Params> {
  const { policy, attempt, inputs } = question;
  const candidates = await candidatesOf(paramKind, question);
  if (!candidates.ok) return candidates;
  const { files, others, scope, at } = candidates.value;
  const namespaced = scope ?? isNamespaced(paramKind, policy, [...files, ...others]);
  const namespace = namespaceOf(ref, namespaced, attempt);
  if (!namespace.ok) return namespace;
  const place = { namespaced, namespace: namespace.value, name: ref.name };
  const own = candidatesAt(place, files);
  const known = without(own, candidatesAt(place, others));
  if (others.length > 0) {
    const objects = known.map(({ object }) => object);
    inputs.push(input('params', questionOf(paramKind, place), objects, at));
  }
  return paramsAmong([...own, ...known], ref);
}

/** Where a binding looks. `name` null: it selects. */
type Where = {
  readonly namespaced: boolean;
  readonly namespace: string;
  readonly name: string | null;
};

function candidatesAt(
  { namespaced, namespace, name }: Where,
  all: readonly Candidate[],
): readonly Candidate[] {
  return all
    .map((candidate) => placed(candidate, namespaced))
    .filter((each) => each.namespace === namespace && (name === null || each.name === name));
}

/** A file beats the cluster; all are in one place. */
function without(files: readonly Candidate[], cluster: readonly Candidate[]): readonly Candidate[] {
  const names = new Set(files.map(({ name }) => name));
  return cluster.filter(({ name }) => !names.has(name));
}

function paramsAmong(candidates: readonly Candidate[], ref: ParamRef): Params {
  const found = candidates.filter((candidate) => isMeant(ref, candidate)).sort(byName);
  if (found.length === 0 && ref.parameterNotFoundAction === 'Deny') {
    return fault(
      'params-not-found',
      'no params found for policy binding with `Deny` parameterNotFoundAction',
    );
  }
  return ok(found.map(paramOf));
}

/** Threat: all objects of a kind are another tenant's too, and would leave no room in the record for the object itself. */
function questionOf({ apiVersion, kind }: ParamKind, { namespace, name }: Where): JsonObject {
  return {
    apiVersion,
    kind,
    ...(namespace === '' ? {} : { namespace }),
    ...(name === null ? {} : { name }),
  };
}

async function candidatesOf(
  { apiVersion, kind }: ParamKind,
  { policySet, ports }: Question,
): Promise<Result<Candidates, ParamsFault>> {
  const files = policySet.params.filter((p) => p.apiVersion === apiVersion && p.kind === kind);
  const answer = await ports.params({ apiVersion, kind });
  if (!answer.ok) return err({ ...answer.error, portFault: true });
  const { value, at, namespaced } = answer.value;
  return ok({ files, others: value.map(candidateOf), scope: namespaced, at });
}

function candidateOf(object: JsonObject): Candidate {
  const metadata = get(object, 'metadata');
  return { namespace: text(metadata, 'namespace'), name: text(metadata, 'name'), object };
}

function text(value: unknown, key: string): string {
  const found = get(value, key);
  return typeof found === 'string' ? found : '';
}

function byName(a: Candidate, b: Candidate): number {
  const [left, right] = [`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A custom kind of unknown scope is namespaced when any of its objects or bindings names a namespace. */
function isNamespaced(
  paramKind: ParamKind,
  policy: Policy,
  candidates: readonly Candidate[],
): boolean {
  const gv = parseApiVersion(paramKind.apiVersion);
  const known = gv.ok ? resourceFor(gv.value.group, paramKind.kind) : undefined;
  if (known !== undefined) return known.namespaced;
  return (
    candidates.some((candidate) => candidate.namespace !== '') ||
    policy.bindings.some((binding) => (binding.paramRef?.namespace ?? null) !== null)
  );
}

/** A namespaced object in a file without a namespace is where kubectl would put it. */
function placed(candidate: Candidate, namespaced: boolean): Candidate {
  if (!namespaced) return { ...candidate, namespace: '' };
  return candidate.namespace === '' ? { ...candidate, namespace: 'default' } : candidate;
}

function namespaceOf(
  ref: ParamRef,
  namespaced: boolean,
  attempt: Attempt,
): Result<string, ParamsFault> {
  if (!namespaced) {
    if (ref.namespace === null) return ok('');
    return fault(
      'params-invalid',
      'paramRef.namespace must not be provided for a cluster-scoped `paramKind`',
    );
  }
  const namespace = ref.namespace ?? attempt.namespace;
  if (namespace !== '') return ok(namespace);
  return fault(
    'params-invalid',
    'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
  );
}

function isMeant(ref: ParamRef, candidate: Candidate): boolean {
  if (ref.name !== null) return candidate.name === ref.name;
  return ref.selector !== null && selects(ref.selector, labelsOf(candidate.object));
}

function paramOf({ namespace, name, object }: Candidate): Param {
  return { name: namespace === '' ? name : `${namespace}/${name}`, object };
}

function fault(code: Code, message: string): Result<never, ParamsFault> {
  return err({ code, message, portFault: false });
}
