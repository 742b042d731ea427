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
/** `scope`: whether they are in namespaces, when the cluster says so. */
type Candidates = { readonly found: readonly Candidate[]; readonly scope: boolean | undefined };
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
  const { policy, attempt } = question;
  const candidates = await candidatesOf(paramKind, question);
  if (!candidates.ok) return candidates;
  const { found: all, scope } = candidates.value;
  const namespaced = scope ?? isNamespaced(paramKind, policy, all);
  const namespace = namespaceOf(ref, namespaced, attempt);
  if (!namespace.ok) return namespace;
  const found = all
    .map((candidate) => placed(candidate, namespaced))
    .filter((candidate) => candidate.namespace === namespace.value && isMeant(ref, candidate));
  if (found.length === 0 && ref.parameterNotFoundAction === 'Deny') {
    return fault(
      'params-not-found',
      'no params found for policy binding with `Deny` parameterNotFoundAction',
    );
  }
  return ok(found.map(paramOf));
}

/** Files first; of the same namespace and name the cluster's object is not looked at. */
async function candidatesOf(
  paramKind: ParamKind,
  { policySet, ports, inputs }: Question,
): Promise<Result<Candidates, ParamsFault>> {
  const { apiVersion, kind } = paramKind;
  const files = policySet.params.filter((p) => p.apiVersion === apiVersion && p.kind === kind);
  const answer = await ports.params(paramKind);
  if (!answer.ok) return err({ ...answer.error, portFault: true });
  const known = new Set(files.map((file) => `${file.namespace}/${file.name}`));
  const others = answer.value.value
    .map(candidateOf)
    .filter((candidate) => !known.has(`${candidate.namespace}/${candidate.name}`));
  if (others.length > 0) {
    const objects = others.map((candidate) => candidate.object);
    inputs.push(input('params', { apiVersion, kind }, objects, answer.value.at));
  }
  const { namespaced } = answer.value;
  return ok({ found: [...files, ...others].sort(byName), scope: namespaced });
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
