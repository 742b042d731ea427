// Defaults of networking and rbac.
// Upstream: pkg/apis/networking/v1/defaults.go and pkg/apis/rbac/v1/defaults.go.
import type { Draft } from '../api-object.ts';
import { at, type Defaults, isEmptyAt, textAt } from './table.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

export const networkingDefaults: Defaults = {
  rows: {
    'NetworkPolicyPort.protocol': 'TCP',
    'IngressClassParametersReference.scope': 'Cluster',
  },
  acts: { NetworkPolicySpec: chooseTypes },
};

/** A policy is about incoming traffic, and about outgoing traffic when it has rules for it. */
function chooseTypes(spec: Draft): void {
  if (!isEmptyAt(spec, 'policyTypes')) return;
  spec['policyTypes'] = isEmptyAt(spec, 'egress') ? ['Ingress'] : ['Ingress', 'Egress'];
}

export const rbacDefaults: Defaults = {
  rows: {
    'Subject.apiGroup': (subject) =>
      ['User', 'Group'].includes(textAt(subject, 'kind')) ? rbacGroup : undefined,
  },
  acts: { RoleBinding: nameGroup, ClusterRoleBinding: nameGroup },
};

function nameGroup(binding: Draft): void {
  const role = at(binding, 'roleRef');
  if (role !== undefined && !Object.hasOwn(role, 'apiGroup')) role['apiGroup'] = rbacGroup;
}
