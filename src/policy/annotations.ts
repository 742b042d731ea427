// The annotations of Sekisho that any policy may carry: what no upstream field can say (design, section 3).
import { get } from '../base/json.ts';
import { quote } from '../base/text.ts';
import type { SourceDocument } from '../yaml/document.ts';
import { type Faults, suggestion } from './faults.ts';

const prefix = 'sekisho.dev/';
const known = [
  'title',
  'description',
  'remedy',
  'severity',
  'controls',
  'rule-names',
  'pod-templates',
];
const severities = ['low', 'medium', 'high', 'critical'];
const ruleName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export type Annotations = {
  readonly title: string | null;
  readonly description: string | null;
  readonly remedy: string | null;
  readonly severity: string | null;
  readonly controls: readonly string[];
  /** Empty when there are none. */
  readonly ruleNames: readonly string[];
  readonly podTemplates: boolean;
};

/** Reads them, and notes what cannot be read. `rules`: how many validations the policy has. */
export function readAnnotations(
  document: SourceDocument,
  rules: number,
  faults: Faults,
): Annotations {
  const annotations = get(get(document.value, 'metadata'), 'annotations');
  const text = (name: string): string | null => {
    const value = get(annotations, `${prefix}${name}`);
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
  };
  const fault = (name: string, message: string, fix?: string): void =>
    faults.at(
      document,
      ['metadata', 'annotations', `${prefix}${name}`],
      'policy-annotation',
      message,
      fix,
    );

  for (const key of Object.keys(annotations ?? {})) {
    const name = key.startsWith(prefix) ? key.slice(prefix.length) : undefined;
    if (name !== undefined && !known.includes(name)) {
      fault(name, `unknown annotation ${quote(key)}`, suggestion(name, known));
    }
  }
  const severity = text('severity');
  if (severity !== null && !severities.includes(severity)) {
    fault('severity', `the severity must be one of ${severities.join(', ')}`);
  }
  const podTemplates = text('pod-templates');
  if (podTemplates !== null && podTemplates !== 'true' && podTemplates !== 'false') {
    fault('pod-templates', 'pod-templates must be "true" or "false"');
  }
  return {
    title: text('title'),
    description: text('description'),
    remedy: text('remedy'),
    severity,
    controls: listOf(text('controls')),
    ruleNames: ruleNamesOf(listOf(text('rule-names')), rules, fault),
    podTemplates: podTemplates === 'true',
  };
}

function listOf(text: string | null): readonly string[] {
  return text === null ? [] : text.split(',').map((item) => item.trim());
}

function ruleNamesOf(
  names: readonly string[],
  rules: number,
  fault: (name: string, message: string) => void,
): readonly string[] {
  if (names.length === 0) return [];
  const before = names.find((name) => !ruleName.test(name));
  if (before !== undefined)
    fault('rule-names', `a rule name must match ${ruleName.source}: ${quote(before)}`);
  if (new Set(names).size < names.length) fault('rule-names', 'the rule names are not distinct');
  if (names.length !== rules) {
    fault(
      'rule-names',
      `there are ${names.length} rule names for ${rules} validations: one each, in order`,
    );
  }
  return names;
}
