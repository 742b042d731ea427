// matchConstraints and matchResources: what the schema cannot say of them, and their compiled form.
// Upstream: validation of admissionregistration in k8s.io/kubernetes/pkg/apis/admissionregistration/validation.
import type { FieldPath } from '../base/field-path.ts';
import { get, type JsonArray, type JsonValue } from '../base/json.ts';
import { everything, type LabelSelector, type SelectorOperator } from '../k8s/selector.ts';
import type { SourceDocument } from '../yaml/document.ts';
import type { Faults } from './faults.ts';
import type { MatchResources, ResourceRule } from './model.ts';

type At = { readonly document: SourceDocument; readonly path: FieldPath; readonly faults: Faults };

/** From a value that the schema accepted. */
export function compileMatchResources(value: JsonValue | undefined, at: At): MatchResources {
  return {
    matchPolicy: get(value, 'matchPolicy') === 'Exact' ? 'Exact' : 'Equivalent',
    namespaceSelector: compileSelector(
      get(value, 'namespaceSelector'),
      below(at, 'namespaceSelector'),
    ),
    objectSelector: compileSelector(get(value, 'objectSelector'), below(at, 'objectSelector')),
    resourceRules: compileRules(get(value, 'resourceRules'), below(at, 'resourceRules')),
    excludeResourceRules: compileRules(
      get(value, 'excludeResourceRules'),
      below(at, 'excludeResourceRules'),
    ),
  };
}

function below({ document, path, faults }: At, ...steps: FieldPath): At {
  return { document, path: [...path, ...steps], faults };
}

export function compileSelector(value: JsonValue | undefined, at: At): LabelSelector {
  if (value === undefined || value === null) return everything;
  const expressions = (get(value, 'matchExpressions') ?? []) as JsonArray;
  return {
    matchLabels: (get(value, 'matchLabels') ?? {}) as Readonly<Record<string, string>>,
    matchExpressions: expressions.map((each, i) => {
      const operator = get(each, 'operator') as SelectorOperator;
      const values = (get(each, 'values') ?? []) as readonly string[];
      const needsValues = operator === 'In' || operator === 'NotIn';
      if (needsValues !== values.length > 0) {
        const message = needsValues ? 'must name at least one value' : 'must not name values';
        at.faults.at(
          at.document,
          [...at.path, 'matchExpressions', i],
          'policy-field',
          `${operator} ${message}`,
        );
      }
      return { key: get(each, 'key') as string, operator, values };
    }),
  };
}

function compileRules(value: JsonValue | undefined, at: At): readonly ResourceRule[] {
  return ((value ?? []) as JsonArray).map((rule, i) => {
    const list = (key: string): readonly string[] => (get(rule, key) ?? []) as readonly string[];
    for (const key of ['apiGroups', 'apiVersions', 'operations']) {
      if (list(key).length > 1 && list(key).includes('*')) {
        at.faults.at(
          at.document,
          [...at.path, i, key],
          'policy-field',
          `if '*' is present in ${key}, it must be the only one`,
        );
      }
    }
    checkResources(list('resources'), below(at, i, 'resources'));
    return {
      apiGroups: list('apiGroups'),
      apiVersions: list('apiVersions'),
      operations: list('operations') as ResourceRule['operations'],
      resources: list('resources'),
      resourceNames: list('resourceNames'),
      scope: (get(rule, 'scope') ?? '*') as ResourceRule['scope'],
    };
  });
}

function checkResources(resources: readonly string[], at: At): void {
  const fault = (i: number, message: string): void =>
    at.faults.at(at.document, [...at.path, i], 'policy-field', message);
  const all = resources.includes('*/*');
  if (all && resources.length > 1)
    fault(resources.indexOf('*/*'), "if '*/*' is present, it must be the only resource");
  for (const [i, each] of resources.entries()) {
    const parts = each.split('/');
    const [resource = '', sub] = parts;
    if (parts.length > 2 || resource === '' || sub === '')
      fault(i, 'must be RESOURCE or RESOURCE/SUBRESOURCE');
    else if (sub === undefined && resource !== '*' && resources.includes('*')) {
      fault(i, "if '*' is present, other resources without a subresource must not be");
    } else if (sub !== undefined && sub !== '*' && resources.includes(`${resource}/*`)) {
      fault(i, `if '${resource}/*' is present, its subresources must not be`);
    }
  }
}
