// What is applied to a cluster so that the API server asks Sekisho: the webhooks of a policy set, and an in-tree policy
// for the namespaces that they leave out. Upstream: admissionregistration.k8s.io/v1.
import type { JsonObject } from '../../base/json.ts';
import { ignoredPodSubresources } from '../../pss/admission.ts';
import type { PolicySet } from '../model.ts';
import { type Entry, entriesOf, podSecurityEntry } from './entries.ts';
import { type MatchCondition, vitalConditions } from './lockout.ts';
import type { WebhookRule } from './rules.ts';

export type Registration = {
  /** Of the ValidatingWebhookConfiguration. */
  readonly name: string;
  readonly client: WebhookClient;
  readonly timeoutSeconds: number;
  /** Never asked about: our own first. */
  readonly excludedNamespaces: readonly string[];
  /** Groups whose members may change pods and workloads there. */
  readonly adminGroups: readonly string[];
  /** `NAMESPACE/CERTIFICATE` of cert-manager, whose CA it writes into the configuration. */
  readonly certManager: string | null;
};

export type WebhookClient =
  | {
      readonly kind: 'service';
      readonly namespace: string;
      readonly name: string;
      readonly port: number;
      readonly ca: string | null;
    }
  | { readonly kind: 'url'; readonly url: string; readonly ca: string | null };

/** The ValidatingWebhookConfiguration, the guard of the namespaces that it leaves out, and the guard's binding. */
export function webhookObjects(
  policySet: PolicySet,
  registration: Registration,
): readonly JsonObject[] {
  return [configuration(policySet, registration), ...guard(registration)];
}

function configuration(policySet: PolicySet, registration: Registration): JsonObject {
  const entries = entriesOf(policySet);
  const { name, certManager } = registration;
  const annotations = {
    'sekisho.dev/policies': policySet.hash,
    ...(certManager === null ? {} : { 'cert-manager.io/inject-ca-from': certManager }),
  };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name, annotations },
    webhooks: entries.map((entry) => webhook(entry, policySet, registration)),
  };
}

function webhook(entry: Entry, policySet: PolicySet, registration: Registration): JsonObject {
  const { timeoutSeconds, excludedNamespaces, client } = registration;
  return {
    name: webhookName(entry.name),
    clientConfig: clientConfig(client, entry.name),
    rules: entry.rules.map(ruleObject),
    matchPolicy: entry.matchPolicy,
    failurePolicy: entry.failurePolicy,
    sideEffects: 'None',
    timeoutSeconds,
    admissionReviewVersions: ['v1'],
    namespaceSelector: { matchExpressions: [outside(excludedNamespaces)] },
    matchConditions: conditionsOf(entry, policySet).map(({ name, expression }) => ({
      name,
      expression,
    })),
  };
}

/** The entry of most policies has the plain name, which developers read in every refusal. */
function webhookName(entry: string): string {
  if (entry === podSecurityEntry) return 'gate.sekisho.dev';
  return `${entry.replace(/[.+]/g, '-')}.gate.sekisho.dev`;
}

function clientConfig(client: WebhookClient, entry: string): JsonObject {
  const ca = client.ca === null ? {} : { caBundle: Buffer.from(client.ca).toString('base64') };
  const path = `/validate/${entry}`;
  if (client.kind === 'url') return { url: `${client.url.replace(/\/$/, '')}${path}`, ...ca };
  const { namespace, name, port } = client;
  return { service: { namespace, name, port, path }, ...ca };
}

function ruleObject({
  apiGroups,
  apiVersions,
  operations,
  resources,
  scope,
}: WebhookRule): JsonObject {
  return {
    apiGroups: [...apiGroups],
    apiVersions: [...apiVersions],
    operations: [...operations],
    resources: [...resources],
    scope,
  };
}

/** By the label that the API server itself sets and nobody can change. */
function outside(namespaces: readonly string[]): JsonObject {
  return { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [...namespaces] };
}

/** What concerns no policy here is not asked: vital resources, and subresources of pods that carry no Pod. */
function conditionsOf(entry: Entry, policySet: PolicySet): readonly MatchCondition[] {
  const conditions = vitalConditions(entry.rules);
  if (entry.name !== podSecurityEntry) return conditions;
  const wanted = policySet.policies
    .filter((policy) => entry.policies.includes(policy.name))
    .flatMap((policy) => policy.matchConstraints.resourceRules)
    .flatMap(({ resources }) => resources);
  const unwanted = [...ignoredPodSubresources].filter((sub) => !wanted.some((r) => names(r, sub)));
  if (unwanted.length === 0) return conditions;
  const listed = unwanted
    .sort()
    .map((sub) => JSON.stringify(sub))
    .join(', ');
  const isPods = 'request.resource.group == "" && request.resource.resource == "pods"';
  // A request about the object itself may leave the subresource out.
  const sub = `has(request.subResource) && request.subResource in [${listed}]`;
  return [...conditions, { name: 'not-pod-status', expression: `!(${isPods} && ${sub})` }];
}

function names(resource: string, sub: string): boolean {
  const [name = '', wantedSub = ''] = resource.split('/');
  return (name === '*' || name === 'pods') && (wantedSub === '*' || wantedSub === sub);
}

const guardName = 'sekisho-excluded-namespaces';

/** Nobody is asked about the namespaces that are left out, so the API server itself keeps them to those who run the cluster. */
function guard({ excludedNamespaces, adminGroups }: Registration): readonly JsonObject[] {
  const groups = [
    ...new Set([
      'system:masters',
      'system:nodes',
      'system:serviceaccounts:kube-system',
      ...adminGroups,
    ]),
  ];
  const listed = groups.map((group) => JSON.stringify(group)).join(', ');
  const inside = {
    key: 'kubernetes.io/metadata.name',
    operator: 'In',
    values: [...excludedNamespaces],
  };
  const writes = ['CREATE', 'UPDATE'];
  const policy: JsonObject = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: guardName },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        matchPolicy: 'Equivalent',
        namespaceSelector: { matchExpressions: [inside] },
        resourceRules: [
          guarded(
            [''],
            [
              'pods',
              'pods/ephemeralcontainers',
              'pods/resize',
              'replicationcontrollers',
              'podtemplates',
            ],
            writes,
          ),
          guarded(['apps'], ['deployments', 'replicasets', 'statefulsets', 'daemonsets'], writes),
          guarded(['batch'], ['jobs', 'cronjobs'], writes),
          guarded([''], ['pods/exec', 'pods/attach', 'pods/portforward'], ['CONNECT']),
        ],
      },
      validations: [
        {
          expression: `request.userInfo.groups.exists(g, g in [${listed}])`,
          message: `Sekisho is not asked about this namespace: only members of ${groups.join(', ')} may change pods and workloads in it`,
          reason: 'Forbidden',
        },
      ],
    },
  };
  const binding: JsonObject = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: guardName },
    spec: { policyName: guardName, validationActions: ['Deny'] },
  };
  return [policy, binding];
}

function guarded(apiGroups: string[], resources: string[], operations: string[]): JsonObject {
  return { apiGroups, apiVersions: ['*'], operations, resources };
}
