// Label selectors as k8s.io/apimachinery evaluates them: an empty selector matches everything.
export type SelectorOperator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';

export type SelectorRequirement = {
  readonly key: string;
  readonly operator: SelectorOperator;
  readonly values: readonly string[];
};

export type LabelSelector = {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly SelectorRequirement[];
};

export const everything: LabelSelector = { matchLabels: {}, matchExpressions: [] };

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
