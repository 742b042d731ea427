// matchConstraints of a policy and matchResources of a binding: selectors and resource rules, with their defaults.
// Upstream: validateMatchResources in k8s.io/kubernetes/pkg/apis/admissionregistration/validation.
import { type FieldPath, formatPath } from '../base/field-path.ts';
import { quote } from '../base/text.ts';
import { nameForms } from '../k8s/names.ts';
import { type LabelSelector, parseSelector, type WrittenSelector } from '../k8s/selector.ts';
import { operations } from '../model/attempt.ts';
import { onceEach, type Report } from './faults.ts';
import type { MatchResources, ResourceRule } from './model.ts';
import { scopes } from './schema/parts.ts';
import type { WrittenMatchResources, WrittenRule } from './written.ts';

export function compileMatchResources(
  written: WrittenMatchResources = {},
  path: FieldPath,
  report: Report,
): MatchResources {
  const rules = (field: 'resourceRules' | 'excludeResourceRules'): readonly ResourceRule[] =>
    (written[field] ?? []).map((rule, i) => compileRule(rule, [...path, field, i], report));
  const selector = (field: 'namespaceSelector' | 'objectSelector'): LabelSelector =>
    compileSelector(written[field], [...path, field], report);
  return {
    matchPolicy: written.matchPolicy === 'Exact' ? 'Exact' : 'Equivalent',
    namespaceSelector: selector('namespaceSelector'),
    objectSelector: selector('objectSelector'),
    resourceRules: rules('resourceRules'),
    excludeResourceRules: rules('excludeResourceRules'),
  };
}

export function compileSelector(
  written: WrittenSelector | undefined,
  path: FieldPath,
  report: Report,
): LabelSelector {
  const { selector, faults } = parseSelector(written);
  for (const fault of faults) report({ path: [...path, ...fault.path], message: fault.message });
  return selector;
}

function compileRule(written: WrittenRule, path: FieldPath, report: Report): ResourceRule {
  const { apiGroups = [], apiVersions = [], resources = [], resourceNames = [] } = written;
  const field = (name: string): FieldPath => [...path, name];
  for (const name of ['operations', 'apiGroups', 'apiVersions'] as const) {
    checkStar(written[name] ?? [], field(name), report);
  }
  checkFilled(apiVersions, field('apiVersions'), report);
  checkResources(resources, field('resources'), report);
  checkResourceNames(resourceNames, field('resourceNames'), report);
  return {
    apiGroups,
    apiVersions,
    operations: ([...operations, '*'] as const).filter((each) =>
      written.operations?.includes(each),
    ),
    resources,
    resourceNames,
    scope: scopes.find((each) => each === written.scope) ?? '*',
  };
}

function checkStar(items: readonly string[], path: FieldPath, report: Report): void {
  if (items.length > 1 && items.includes('*')) {
    report({ path, message: `${formatPath(path)}: "*" must be alone, it is everything` });
  }
}

function checkFilled(items: readonly string[], path: FieldPath, report: Report): void {
  for (const [i, item] of items.entries()) {
    if (item === '')
      report({ path: [...path, i], message: `${formatPath([...path, i])} is empty` });
  }
}

/** As upstream, by the order in which they are written: what stands before a wildcard is not held against it. */
function checkResources(items: readonly string[], path: FieldPath, report: Report): void {
  const before = new Set<string>();
  for (const [i, item] of items.entries()) {
    const fault = (message: string): void => report({ path: [...path, i], message });
    const [resource = '', sub, more] = item.split('/');
    if (resource === '' || sub === '' || more !== undefined) {
      fault(`${quote(item)} must be RESOURCE or RESOURCE/SUBRESOURCE, "*" may stand for either`);
    } else if (sub !== undefined) {
      const wider = [`${resource}/*`, `*/${sub}`].find((each) => before.has(each));
      if (wider !== undefined)
        fault(`${quote(item)} must not follow ${quote(wider)}, which holds it`);
    }
    before.add(item);
  }
  const lastPlain = items.findLast((item) => !item.includes('/'));
  if (before.has('*/*') && items.length > 1) {
    report({ path, message: `${formatPath(path)}: "*/*" must be alone, it is everything` });
  } else if (before.has('*') && lastPlain !== '*') {
    report({
      path,
      message: `${formatPath(path)}: "*" is every resource, ${quote(lastPlain ?? '')} too`,
    });
  }
}

function checkResourceNames(items: readonly string[], path: FieldPath, report: Report): void {
  const { rule, holds } = nameForms['path-segment'];
  const distinct = onceEach(report);
  for (const [i, item] of items.entries()) {
    const at = [...path, i];
    if (!holds(item)) report({ path: at, message: `${formatPath(at)} must be ${rule}` });
    distinct(at, item);
  }
}
