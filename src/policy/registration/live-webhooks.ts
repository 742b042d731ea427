// The webhooks of a cluster's ValidatingWebhookConfigurations that lead to us, as far as they can be told by their paths.
// Upstream: admissionregistration.k8s.io/v1, with the defaults that the API server writes.
import { get, getIn, isArray, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { FailurePolicy } from '../model.ts';
import { isEntryName } from './entries.ts';
import type { WebhookRule } from './rules.ts';

export type LiveWebhook = {
  /** `CONFIGURATION/WEBHOOK`. */
  readonly name: string;
  /** The last part of its path; null: /validate, where everything is judged. */
  readonly entry: string | null;
  readonly failurePolicy: FailurePolicy;
  readonly matchPolicy: string;
  readonly rules: readonly WebhookRule[];
  readonly namespaceSelector: JsonValue;
  readonly objectSelector: JsonValue;
  readonly timeoutSeconds: number;
  readonly conditions: readonly string[];
};

export function liveWebhooks(configurations: readonly JsonObject[]): readonly LiveWebhook[] {
  return configurations.flatMap((configuration) => {
    const marked = getIn(configuration, ['metadata', 'annotations', 'sekisho.dev/policies']);
    const name = textAt(configuration, ['metadata', 'name']);
    return listAt(configuration, ['webhooks']).flatMap((webhook) => {
      const own = textAt(webhook, ['name']);
      const entry = entryOfPath(pathOf(webhook));
      if (entry === undefined) return [];
      // Threat: many gates listen on /validate; one of another make must not seem to be us.
      const isOurs = marked !== undefined || /(^|\.)sekisho\.dev$/.test(own);
      return entry !== null || isOurs ? [liveWebhook(`${name}/${own}`, entry, webhook)] : [];
    });
  });
}

/** undefined: not ours. */
function entryOfPath(path: string): string | null | undefined {
  if (path === '/validate') return null;
  const entry = /\/validate\/([^/]+)$/.exec(path)?.[1];
  return entry !== undefined && isEntryName(entry) ? entry : undefined;
}

function pathOf(webhook: JsonValue): string {
  const url = textAt(webhook, ['clientConfig', 'url']);
  if (url === '') return textAt(webhook, ['clientConfig', 'service', 'path']);
  return URL.canParse(url) ? new URL(url).pathname : '';
}

function liveWebhook(name: string, entry: string | null, webhook: JsonValue): LiveWebhook {
  const timeout = get(webhook, 'timeoutSeconds');
  return {
    name,
    entry,
    failurePolicy: textAt(webhook, ['failurePolicy']) === 'Ignore' ? 'Ignore' : 'Fail',
    matchPolicy: textAt(webhook, ['matchPolicy']) || 'Equivalent',
    rules: listAt(webhook, ['rules']).map(ruleOf),
    namespaceSelector: get(webhook, 'namespaceSelector') ?? {},
    objectSelector: get(webhook, 'objectSelector') ?? {},
    timeoutSeconds: typeof timeout === 'number' ? timeout : 10,
    conditions: listAt(webhook, ['matchConditions']).map((each) => textAt(each, ['expression'])),
  };
}

function ruleOf(rule: JsonValue): WebhookRule {
  const scope = textAt(rule, ['scope']);
  return {
    apiGroups: textsAt(rule, 'apiGroups'),
    apiVersions: [...textsAt(rule, 'apiVersions')].sort(),
    operations: textsAt(rule, 'operations').filter(isOperation),
    resources: textsAt(rule, 'resources'),
    scope: scope === 'Cluster' || scope === 'Namespaced' ? scope : '*',
  };
}

const operations = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT', '*'] as const;

function isOperation(text: string): text is (typeof operations)[number] {
  return operations.some((each) => each === text);
}

function textsAt(value: JsonValue, key: string): readonly string[] {
  return listAt(value, [key]).filter((each) => typeof each === 'string');
}

function listAt(value: JsonValue, path: readonly string[]): readonly JsonValue[] {
  const found = getIn(value, path);
  return isArray(found) ? found : [];
}

function textAt(value: JsonValue, path: readonly string[]): string {
  const found = getIn(value, path);
  return typeof found === 'string' ? found : '';
}
