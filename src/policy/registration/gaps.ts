// What a policy set needs of the API server and the cluster's webhook configurations do not give: policies that would never
// be asked about, wholly or for some of their rules, and webhooks that differ from what `sekisho webhook` prints.
import {
  canonicalJson,
  get,
  getIn,
  isArray,
  type JsonObject,
  type JsonValue,
} from '../../base/json.ts';
import { quote } from '../../base/text.ts';
import type { Policy, PolicySet, ResourceRule } from '../model.ts';
import { webhookObjects } from './configuration.ts';
import { type Entry, entriesOf, entryOf, podSecurityEntry } from './entries.ts';
import { type LiveWebhook, liveWebhooks } from './live-webhooks.ts';
import { imageRules, podSecurityRules, templateRules } from './pod-rules.ts';
import { covers, type WebhookRule } from './rules.ts';

/** A closed list: metrics count by it. */
export const gapKinds = [
  'never-asked',
  'rules',
  'failure-policy',
  'match-policy',
  'namespaces',
  'objects',
  'conditions',
  'timeout',
] as const;

export type Gap = {
  readonly kind: (typeof gapKinds)[number];
  /** null: it is about the webhook, whatever policies it is for. */
  readonly policy: string | null;
  readonly message: string;
};

const shortestTimeout = 3;

/** By policy and then by webhook, always in the same order. Empty: the API server asks about everything, as it should. */
export function gapsOf(
  policySet: PolicySet,
  configurations: readonly JsonObject[],
): readonly Gap[] {
  const live = liveWebhooks(configurations);
  const entries = entriesOf(policySet);
  const printed = printedConditions(policySet);
  return [
    ...entries.flatMap((entry) => entryGaps(entry, policySet, live)),
    ...live.flatMap((webhook) => webhookGaps(webhook, printed)),
  ];
}

function entryGaps(entry: Entry, policySet: PolicySet, live: readonly LiveWebhook[]): Gap[] {
  const asked = live.filter((webhook) => isAskedFor(webhook, entry));
  const gaps = entry.policies.flatMap((policy) => policyGaps(policy, entry, policySet, asked));
  const told = (kind: Gap['kind'], is: string, wanted: string): Gap[] =>
    entry.policies.map((policy) => {
      const message = `${kind === 'failure-policy' ? 'failurePolicy' : 'matchPolicy'} of the webhook ${is}, policy ${quote(policy)} needs ${wanted}`;
      return { kind, policy, message };
    });
  for (const { name, failurePolicy, matchPolicy } of asked) {
    if (failurePolicy !== entry.failurePolicy) {
      const is = `${quote(name)} is ${failurePolicy}`;
      gaps.push(...told('failure-policy', is, entry.failurePolicy));
    }
    if (matchPolicy !== entry.matchPolicy) {
      gaps.push(...told('match-policy', `${quote(name)} is ${matchPolicy}`, entry.matchPolicy));
    }
  }
  return gaps;
}

function isAskedFor({ entry }: LiveWebhook, { name, failurePolicy }: Entry): boolean {
  return entry === null || entry === name || entry === failurePolicy.toLowerCase();
}

function policyGaps(
  name: string,
  entry: Entry,
  policySet: PolicySet,
  asked: readonly LiveWebhook[],
): Gap[] {
  const given = asked.flatMap(({ rules }) => rules);
  const needed = rulesOf(name, entry, policySet).flatMap(atomsOf);
  const missing = needed.filter((atom) => !given.some((rule) => covers(rule, atom)));
  if (missing.length === 0) return [];
  if (missing.length === needed.length) {
    const message = `the API server never asks about policy ${quote(name)}: no webhook here has its rules`;
    return [{ kind: 'never-asked', policy: name, message }];
  }
  const shown = [...new Set(missing.map(textOf))].join('; ');
  const message = `the API server does not ask about all that policy ${quote(name)} matches: ${shown}`;
  return [{ kind: 'rules', policy: name, message }];
}

/** `pod-security` stands for Pod Security. Policies of several kinds may have one name. */
function rulesOf(
  name: string,
  entry: Entry,
  { policies, imagePolicies, settings: { workloads } }: PolicySet,
): readonly WebhookRule[] {
  const own = policies.find((policy) => policy.name === name && policy.bindings.length > 0);
  const isHere = entry.name === podSecurityEntry;
  const isImagePolicy = isHere && imagePolicies.some((policy) => policy.name === name);
  return [
    ...(own === undefined || entryOf(own) !== entry.name ? [] : policyRules(own, workloads)),
    ...(isImagePolicy ? imageRules(workloads) : []),
    ...(isHere && name === 'pod-security' ? podSecurityRules(workloads) : []),
  ];
}

function policyRules(
  { matchConstraints, podTemplates }: Policy,
  workloads: PolicySet['settings']['workloads'],
): readonly WebhookRule[] {
  return [...matchConstraints.resourceRules, ...(podTemplates ? templateRules(workloads) : [])];
}

const allOperations = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const;

/** One group, operation and resource each: what several webhook rules cover together is covered. */
function atomsOf(rule: WebhookRule | ResourceRule): readonly WebhookRule[] {
  const { apiGroups, operations, resources, scope } = rule;
  const apiVersions = rule.apiVersions.includes('*')
    ? ['*']
    : [...new Set(rule.apiVersions)].sort();
  const wanted = operations.includes('*') ? allOperations : operations;
  return apiGroups.flatMap((group) =>
    wanted.flatMap((operation) =>
      resources.map((resource) => ({
        ...{ apiGroups: [group], apiVersions, operations: [operation] },
        ...{ resources: [resource], scope },
      })),
    ),
  );
}

function textOf({ apiGroups, apiVersions, operations, resources }: WebhookRule): string {
  const group = apiGroups[0] === '' ? '' : `.${apiGroups[0]}`;
  return `${operations[0]} ${resources[0]}${group} (${apiVersions.join(', ')})`;
}

/** What a webhook keeps from us, or gives us too little time for. */
function webhookGaps(webhook: LiveWebhook, printed: ReadonlySet<string>): Gap[] {
  const { name, namespaceSelector, objectSelector, timeoutSeconds, conditions } = webhook;
  const gaps: Gap[] = [];
  const tell = (kind: Gap['kind'], text: string): void => {
    gaps.push({ kind, policy: null, message: `the webhook ${quote(name)} ${text}` });
  };
  if (!namesNamespacesOnly(namespaceSelector)) {
    tell(
      'namespaces',
      'selects namespaces by more than their names: whoever may label one decides',
    );
  }
  if (!isEmptySelector(objectSelector)) {
    tell('objects', 'selects objects by labels: whoever makes an object decides');
  }
  const others = conditions.filter((expression) => !printed.has(expression));
  if (others.length > 0) {
    tell(
      'conditions',
      `has a match condition that is not of this policy set: ${quote(others[0] ?? '')}`,
    );
  }
  if (timeoutSeconds < shortestTimeout) {
    tell('timeout', `gives ${timeoutSeconds} s to decide; at least ${shortestTimeout} are needed`);
  }
  return gaps;
}

/** Leaving namespaces out by their names is as printed; which ones is not ours to know. */
function namesNamespacesOnly(selector: JsonValue): boolean {
  const labels = get(selector, 'matchLabels');
  const expressions = get(selector, 'matchExpressions') ?? [];
  if (labels !== undefined && canonicalJson(labels) !== '{}') return false;
  return (
    isArray(expressions) &&
    expressions.every(
      (each) =>
        get(each, 'key') === 'kubernetes.io/metadata.name' && get(each, 'operator') === 'NotIn',
    )
  );
}

function isEmptySelector(selector: JsonValue): boolean {
  return ['matchLabels', 'matchExpressions'].every((key) => {
    const found = get(selector, key);
    return found === undefined || canonicalJson(found) === '{}' || canonicalJson(found) === '[]';
  });
}

function printedConditions(policySet: PolicySet): ReadonlySet<string> {
  const [configuration] = webhookObjects(policySet, anyRegistration);
  const webhooks = get(configuration, 'webhooks');
  const conditions = (isArray(webhooks) ? webhooks : []).flatMap((webhook) => {
    const found = getIn(webhook, ['matchConditions']);
    return isArray(found) ? found : [];
  });
  return new Set(conditions.map((each) => String(get(each, 'expression') ?? '')));
}

const anyRegistration = {
  name: 'sekisho',
  client: { kind: 'url', url: 'https://localhost', ca: null },
  ...{ timeoutSeconds: 10, excludedNamespaces: ['sekisho'], adminGroups: [], certManager: null },
} as const;
