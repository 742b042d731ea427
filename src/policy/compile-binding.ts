// One ValidatingAdmissionPolicyBinding, from a document that the schema accepted.
import { get, getIn } from '../base/json.ts';
import type { SourceDocument } from '../yaml/document.ts';
import type { Faults } from './faults.ts';
import { compileMatchResources, compileSelector } from './match-resources.ts';
import type { Binding, ParamRef, ValidationAction } from './model.ts';

export type BindingDraft = Binding & { readonly policyName: string };

export function compileBinding(document: SourceDocument, faults: Faults): BindingDraft {
  const spec = get(document.value, 'spec');
  const actions = (get(spec, 'validationActions') ?? []) as readonly ValidationAction[];
  if (actions.includes('Deny') && actions.includes('Warn')) {
    const message = 'Deny and Warn must not be used together: a denial is told anyway';
    faults.at(document, ['spec', 'validationActions'], 'policy-field', message);
  }
  const matchResources = get(spec, 'matchResources');
  return {
    name: getIn(document.value, ['metadata', 'name']) as string,
    policyName: get(spec, 'policyName') as string,
    validationActions: actions,
    matchResources:
      matchResources === undefined || matchResources === null
        ? null
        : compileMatchResources(matchResources, {
            document,
            path: ['spec', 'matchResources'],
            faults,
          }),
    paramRef: paramRefOf(document, faults),
  };
}

function paramRefOf(document: SourceDocument, faults: Faults): ParamRef | null {
  const ref = getIn(document.value, ['spec', 'paramRef']);
  if (ref === undefined || ref === null) return null;
  const path = ['spec', 'paramRef'];
  const [name, selector] = [get(ref, 'name'), get(ref, 'selector')];
  if ((name === undefined) === (selector === undefined)) {
    faults.at(document, path, 'policy-field', 'spec.paramRef must have either name or selector');
  }
  return {
    name: typeof name === 'string' ? name : null,
    selector:
      selector === undefined
        ? null
        : compileSelector(selector, { document, path: [...path, 'selector'], faults }),
    namespace: (get(ref, 'namespace') ?? null) as string | null,
    parameterNotFoundAction: get(ref, 'parameterNotFoundAction') === 'Allow' ? 'Allow' : 'Deny',
  };
}
