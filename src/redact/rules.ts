// What is redacted, by name, and a digest of how: a record can then say which rules were in force when it was written.
import { createHash } from 'node:crypto';
import { detectorForms } from './detectors.ts';

export type RedactionRules = {
  readonly rules: readonly string[];
  /** sha256 over names and patterns; it changes with them. */
  readonly digest: string;
};

const places = [
  'Secret.data',
  'Secret.stringData',
  'ConfigMap.data',
  'ConfigMap.binaryData',
  'Secrets and ConfigMaps inside other objects',
  'env[].value',
  'annotations[kubectl.kubernetes.io/last-applied-configuration]',
  'annotations[named as a secret]',
  '{name: named as a secret, value}',
  'fields named as a secret',
  'argument after a secret flag',
];

export function redactionRules(): RedactionRules {
  const forms = detectorForms();
  const rules = [...places, ...forms.map(({ name }) => `text: ${name}`)];
  const text = JSON.stringify([places, forms]);
  return { rules, digest: `sha256:${createHash('sha256').update(text).digest('hex')}` };
}
