// Label selectors as k8s.io/apimachinery reads and evaluates them: an empty selector matches everything.
import type { FieldPath } from '../base/field-path.ts';
import { quote } from '../base/text.ts';
import { nameForms } from './names.ts';

export type SelectorOperator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
export const selectorOperators: readonly SelectorOperator[] = [
  'In',
  'NotIn',
  'Exists',
  'DoesNotExist',
];

export type SelectorRequirement = {
  readonly key: string;
  readonly operator: SelectorOperator;
  readonly values: readonly string[];
};

export type LabelSelector = {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly SelectorRequirement[];
};

/** As it is written, once its types are known: any field may be absent. */
export type WrittenSelector = {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly WrittenRequirement[];
};
export type WrittenRequirement = {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[];
};

/** `path` is below the selector. */
export type SelectorFault = { readonly path: FieldPath; readonly message: string };

export const everything: LabelSelector = { matchLabels: {}, matchExpressions: [] };

/** A selector with everything in it that the API server would refuse; absent stands for the empty one. */
export function parseSelector(written: WrittenSelector | undefined): {
  readonly selector: LabelSelector;
  readonly faults: readonly SelectorFault[];
} {
  if (written === undefined) return { selector: everything, faults: [] };
  const { matchLabels = {}, matchExpressions = [] } = written;
  const faults = [
    ...Object.entries(matchLabels).flatMap(([key, value]) => labelFaults(key, value)),
    ...matchExpressions.flatMap((requirement, index) =>
      requirementFaults(requirement).map(({ path, message }) => ({
        path: ['matchExpressions', index, ...path],
        message,
      })),
    ),
  ];
  const selector = { matchLabels, matchExpressions: matchExpressions.flatMap(requirementOf) };
  return { selector, faults };
}

function labelFaults(key: string, value: string): readonly SelectorFault[] {
  const path = ['matchLabels', key];
  return [
    ...(nameForms['qualified-name'].holds(key) ? [] : [keyFault(path, key)]),
    ...(nameForms['label-value'].holds(value) ? [] : [valueFault(path, value)]),
  ];
}

function requirementFaults({
  key,
  operator,
  values = [],
}: WrittenRequirement): readonly SelectorFault[] {
  const faults: SelectorFault[] = [];
  if (key === undefined) faults.push({ path: ['key'], message: 'the label key is missing' });
  else if (!nameForms['qualified-name'].holds(key)) faults.push(keyFault(['key'], key));
  const form = selectorOperators.find((each) => each === operator);
  if (form === undefined) {
    const message = `the operator must be one of ${selectorOperators.join(', ')}`;
    faults.push({ path: ['operator'], message });
  } else if (takesValues(form) && values.length === 0) {
    faults.push({ path: ['values'], message: `the operator ${form} needs at least one value` });
  } else if (!takesValues(form) && values.length > 0) {
    faults.push({ path: ['values'], message: `the operator ${form} takes no values` });
  }
  for (const [index, value] of values.entries()) {
    if (!nameForms['label-value'].holds(value)) faults.push(valueFault(['values', index], value));
  }
  return faults;
}

const takesValues = (operator: SelectorOperator): boolean =>
  operator === 'In' || operator === 'NotIn';

function keyFault(path: FieldPath, key: string): SelectorFault {
  const { rule } = nameForms['qualified-name'];
  return { path, message: `the label key ${quote(key)} must be ${rule}` };
}

function valueFault(path: FieldPath, value: string): SelectorFault {
  return { path, message: `${quote(value)} must be ${nameForms['label-value'].rule}` };
}

function requirementOf({
  key,
  operator,
  values = [],
}: WrittenRequirement): readonly SelectorRequirement[] {
  const form = selectorOperators.find((each) => each === operator);
  return key === undefined || form === undefined ? [] : [{ key, operator: form, values }];
}

/** True when the labels satisfy every requirement; `NotIn` holds when the label is missing. */
export function selects(
  selector: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  return (
    Object.entries(selector.matchLabels).every(([key, value]) => label(labels, key) === value) &&
    selector.matchExpressions.every((requirement) =>
      holds(requirement, label(labels, requirement.key)),
    )
  );
}

function holds({ operator, values }: SelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

function label(labels: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
