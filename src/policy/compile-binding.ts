// One ValidatingAdmissionPolicyBinding as the engine runs it, or everything that the API server would refuse it for.
// Upstream: validateValidatingAdmissionPolicyBindingSpec in k8s.io/kubernetes/pkg/apis/admissionregistration/validation.
import { nameForms } from '../k8s/names.ts';
import { refuseAnnotations } from './annotations.ts';
import { onceEach, type Report } from './faults.ts';
import { compileMatchResources, compileSelector } from './match-resources.ts';
import { checkMetadata } from './metadata.ts';
import type { Binding, ParamRef, ValidationAction } from './model.ts';
import { validationActions } from './schema/validating-admission-policy-binding.ts';
import type { WrittenBinding, WrittenParamRef } from './written.ts';

export type BindingDraft = Binding & { readonly policyName: string };

export function compileBinding(written: WrittenBinding, report: Report): BindingDraft {
  const { metadata, spec = {} } = written;
  refuseAnnotations(metadata, 'ValidatingAdmissionPolicyBinding', report);
  const { policyName = '', matchResources } = spec;
  const { rule, holds } = nameForms['dns-subdomain'];
  if (!holds(policyName)) {
    report({ path: ['spec', 'policyName'], message: `spec.policyName must be ${rule}` });
  }
  return {
    name: checkMetadata(metadata, report),
    policyName,
    paramRef: compileParamRef(spec.paramRef, report),
    matchResources:
      matchResources === undefined
        ? null
        : compileMatchResources(matchResources, ['spec', 'matchResources'], report),
    validationActions: compileActions(spec.validationActions, report),
  };
}

function compileActions(
  written: readonly string[] = [],
  report: Report,
): readonly ValidationAction[] {
  const field = ['spec', 'validationActions'];
  const distinct = onceEach(report);
  for (const [i, action] of written.entries()) distinct([...field, i], action);
  if (written.includes('Deny') && written.includes('Warn')) {
    const message = 'spec.validationActions must not hold both "Deny" and "Warn"';
    report({ path: field, message, fix: 'keep "Deny": a refusal tells what a warning would' });
  }
  return validationActions.filter((each) => written.includes(each));
}

function compileParamRef(written: WrittenParamRef | undefined, report: Report): ParamRef | null {
  if (written === undefined) return null;
  const field = ['spec', 'paramRef'];
  const { name = '', namespace = '', selector, parameterNotFoundAction } = written;
  const { rule, holds } = nameForms['path-segment'];
  if (!holds(name))
    report({ path: [...field, 'name'], message: `spec.paramRef.name must be ${rule}` });
  if (name === '' && selector === undefined) {
    report({ path: field, message: 'spec.paramRef must have a name or a selector' });
  } else if (name !== '' && selector !== undefined) {
    const message = 'spec.paramRef must have either a name or a selector, not both';
    report({ path: [...field, 'selector'], message });
  }
  return {
    name: name === '' ? null : name,
    selector:
      selector === undefined ? null : compileSelector(selector, [...field, 'selector'], report),
    namespace: namespace === '' ? null : namespace,
    parameterNotFoundAction: parameterNotFoundAction === 'Allow' ? 'Allow' : 'Deny',
  };
}
