// The expressions of a policy, each compiled with the names that it may use and the type that it must have.
// Upstream: validateValidatingAdmissionPolicySpec in k8s.io/kubernetes/pkg/apis/admissionregistration/validation.
import { type FieldPath, formatPath } from '../base/field-path.ts';
import { compile } from '../cel/compile.ts';
import type { Program, Scope, Variable, Wanted } from '../cel/program.ts';
import type { Report } from './faults.ts';

/** `path` and `source` of an expression as written; a fault is reported where it stands inside the text. */
export type CompileAt = (
  path: FieldPath,
  source: string | undefined,
  scope: Scope,
  wanted: Wanted,
) => Program;

/** `kubernetesVersion`: of PolicySettings; absent: whatever is known may be used. */
export function compileInto(report: Report, kubernetesVersion?: string): CompileAt {
  const version = kubernetesVersion === undefined ? {} : { kubernetesVersion };
  return (path, source, scope, wanted) => {
    if (source === undefined) return broken('');
    if (source.trim() === '') {
      report({ path, message: `${formatPath(path)} must not be blank` });
      return broken(source);
    }
    const compiled = compile(source, { ...scope, ...version }, wanted);
    if (compiled.ok) return compiled.value;
    for (const { code, message, start } of compiled.error)
      report({ code, path, message, at: start });
    return broken(source);
  };
}

/** Stands where a fault was reported, so that what refers to it is not blamed too. A set with it is never built. */
function broken(source: string): Program {
  const message = 'the expression was not compiled';
  return {
    source,
    type: 'dyn',
    evaluate: () => ({ kind: 'error', code: 'internal-error', message, cost: 0 }),
  };
}

/** The scopes of one policy's expressions. */
export type Scopes = {
  readonly matchCondition: Scope;
  readonly rule: Scope;
  readonly message: Scope;
};

/** Only rules and messages see `variables`, and only when the policy has some. Messages do not see the authorizer. */
export function scopesOf(params: boolean, variables: readonly Variable[]): Scopes {
  const seen = variables.length === 0 ? {} : { variables };
  return {
    matchCondition: { params, authorizer: true },
    rule: { params, authorizer: true, ...seen },
    message: { params, authorizer: false, ...seen },
  };
}
