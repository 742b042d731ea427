// Audit annotations of policies, gathered as the API server does: one value for each policy and key.
// Upstream: auditAnnotationCollector in k8s.io/apiserver/pkg/admission/plugin/policy/validating.
export type AuditNotes = {
  add(policy: string, key: string, value: string): void;
  /** `POLICY/KEY` to the distinct values of all bindings and params, joined by a comma. */
  all(): Readonly<Record<string, string>>;
};

export function auditNotes(): AuditNotes {
  const values = new Map<string, Set<string>>();
  return {
    add(policy, key, value) {
      const name = `${policy}/${key}`;
      const known = values.get(name) ?? new Set<string>();
      values.set(name, known.add(value));
    },
    all: () => Object.fromEntries([...values].map(([name, set]) => [name, [...set].join(', ')])),
  };
}
