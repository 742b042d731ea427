// charts/sekisho/files/registration.yaml: what `sekisho webhook` prints for the bundle, as `make docs` writes it.
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadPolicySet } from '../../src/policy/load.ts';
import { webhookObjects } from '../../src/policy/registration/configuration.ts';
import { root } from '../gate.ts';

export const registrationFile = new URL(
  '../../charts/sekisho/files/registration.yaml',
  import.meta.url,
);

export async function renderRegistration(): Promise<string> {
  const bundle = await loadPolicySet([join(root, 'policies')], { now: '2026-01-01T00:00:00Z' });
  if (!bundle.ok) throw new Error('the bundle has faults');
  const service = { namespace: 'sekisho', name: 'sekisho', port: 443, ca: null } as const;
  const items = webhookObjects(bundle.value, {
    name: 'sekisho',
    client: { kind: 'service', ...service },
    timeoutSeconds: 10,
    excludedNamespaces: ['sekisho', 'kube-system'],
    adminGroups: [],
    certManager: null,
  });
  const list = { apiVersion: 'v1', kind: 'List', items };
  const text = stringify(list, { aliasDuplicateObjects: false, lineWidth: 120 });
  return `# Made by \`make docs\` from policies/.\n${text}`;
}
