// charts/sekisho/crds: the CustomResourceDefinition of PolicyException, as `make docs` writes it and a test compares it.
import { stringify } from 'yaml';
import { exceptionDefinition } from '../../src/policy/schema/exception-crd.ts';

export const definitionFile = new URL(
  '../../charts/sekisho/crds/policyexceptions.sekisho.dev.yaml',
  import.meta.url,
);

export function renderDefinition(): string {
  const text = stringify(exceptionDefinition(), { aliasDuplicateObjects: false, lineWidth: 120 });
  return `# Made by \`make docs\` from the JSON Schema of PolicyException.\n${text}`;
}
