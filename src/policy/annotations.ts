// The annotations of Sekisho that a policy may carry: what no upstream field can say (design, section 3).
import { count, joinQuote, quote } from '../base/text.ts';
import type { Fault, Report } from './faults.ts';
import { readPatch } from './field-remedies.ts';
import type { FieldRemedy } from './model.ts';
import { suggest } from './suggest.ts';
import type { WrittenMetadata } from './written.ts';

const prefix = 'sekisho.dev/';
const common = ['title', 'description', 'remedy', 'severity', 'controls'] as const;
const policyAnnotations = [...common, 'rule-names', 'pod-templates', 'patch'] as const;
/** What a ClusterImagePolicy may carry. */
export const imagePolicyAnnotations = [...common, 'namespace-selector'] as const;
type Name = (typeof policyAnnotations)[number] | (typeof imagePolicyAnnotations)[number];
export const severities: readonly string[] = ['low', 'medium', 'high', 'critical'];
const ruleName = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

export type PolicyNotes = {
  readonly title: string | null;
  readonly description: string | null;
  readonly remedy: string | null;
  readonly severity: string | null;
  readonly controls: readonly string[];
  /** One for each validation, in order; empty when they have no names. */
  readonly ruleNames: readonly string[];
  readonly podTemplates: boolean;
  readonly patch: readonly FieldRemedy[];
};

/** Reads them from a policy with `rules` validations. */
export function readAnnotations(
  metadata: WrittenMetadata = {},
  rules: number,
  report: Report,
): PolicyNotes {
  const { text, word, list, ...notes } = readNotes(metadata, policyAnnotations, report);
  const names = list('rule-names');
  const wrong = names === null ? undefined : ruleNamesFault(names, rules);
  if (wrong !== undefined) report(faultAt(`${prefix}rule-names`, wrong));
  return {
    ...notes,
    ruleNames: names ?? [],
    podTemplates: word('pod-templates', ['true', 'false']) === 'true',
    patch: readPatch(list('patch') ?? [], report),
  };
}

/** Those that all policies may carry, and how to read the others; `known` are the names for this kind. */
export function readNotes(
  { annotations = {} }: WrittenMetadata = {},
  known: readonly Name[],
  report: Report,
): Omit<PolicyNotes, 'ruleNames' | 'podTemplates' | 'patch'> & Reader {
  refuseUnknown(annotations, known, report);
  const reader = readerOf(annotations, report);
  return {
    ...reader,
    title: reader.text('title'),
    description: reader.text('description'),
    remedy: reader.text('remedy'),
    severity: reader.word('severity', severities),
    controls: reader.list('controls') ?? [],
  };
}

/** On anything but a policy they would say nothing. */
export function refuseAnnotations(
  metadata: WrittenMetadata = {},
  kind: string,
  report: Report,
): void {
  for (const key of Object.keys(metadata.annotations ?? {})) {
    if (!key.startsWith(prefix)) continue;
    const message = `the annotation ${quote(key)} is not read on a ${kind}`;
    report({ ...faultAt(key, message, 'move it to the policy'), at: 'key' });
  }
}

function refuseUnknown(
  annotations: Readonly<Record<string, string>>,
  known: readonly Name[],
  report: Report,
): void {
  for (const key of Object.keys(annotations)) {
    const name = key.slice(prefix.length);
    if (!key.startsWith(prefix) || known.some((each) => each === name)) continue;
    const others = `the annotations of Sekisho are ${known.map((each) => prefix + each).join(', ')}`;
    const fix = suggest(name, known, prefix) ?? others;
    report({ ...faultAt(key, `unknown annotation ${quote(key)}`, fix), at: 'key' });
  }
}

type Reader = {
  text(name: Name): string | null;
  word(name: Name, allowed: readonly string[]): string | null;
  list(name: Name): readonly string[] | null;
};

/** null where the annotation is absent. */
function readerOf(annotations: Readonly<Record<string, string>>, report: Report): Reader {
  const text = (name: Name): string | null => {
    const key = `${prefix}${name}`;
    const value = Object.hasOwn(annotations, key) ? annotations[key]?.trim() : undefined;
    if (value === '') report(faultAt(key, `the annotation ${quote(key)} is blank`));
    return value ?? null;
  };
  return {
    text,
    word(name, allowed) {
      const value = text(name);
      if (value === null || value === '' || allowed.includes(value)) return value;
      const message = `${prefix}${name} must be one of ${joinQuote(allowed)}, not ${quote(value)}`;
      report(faultAt(`${prefix}${name}`, message, suggest(value, allowed)));
      return null;
    },
    list(name) {
      const items =
        text(name)
          ?.split(',')
          .map((item) => item.trim()) ?? null;
      if (items?.includes('') === true) {
        report(faultAt(`${prefix}${name}`, `an item of the comma list ${prefix}${name} is empty`));
      }
      return items;
    },
  };
}

function ruleNamesFault(names: readonly string[], rules: number): string | undefined {
  if (names.length !== rules) {
    const counts = `${count(names.length, 'name')} for ${count(rules, 'validation')}`;
    return `${prefix}rule-names has ${counts}: it needs one for each, in order`;
  }
  const before = new Set<string>();
  for (const name of names) {
    if (!ruleName.test(name)) {
      return `the rule name ${quote(name)} must be lower-case letters, digits and "-", at most 63`;
    }
    if (before.has(name)) return `the rule name ${quote(name)} is there twice`;
    before.add(name);
  }
  return undefined;
}

function faultAt(key: string, message: string, fix?: string): Fault {
  return { code: 'policy-annotation', path: ['metadata', 'annotations', key], message, fix };
}
