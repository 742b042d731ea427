// Generated policies with their bindings, as they are written: rules with wildcards, subresources, scopes and names,
// exclusions, selectors, match conditions, params. Their validations fail with texts that say whose they are.
// Some are refused by the API server, which ours must refuse too.
import fc from 'fast-check';
import type { JsonObject } from '../../../src/base/json.ts';

export type Generated = { readonly policy: JsonObject; readonly bindings: readonly JsonObject[] };

const group = 'admissionregistration.k8s.io/v1';

const oneOf = <T>(...items: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...items);
/** `wide` in most cases, so that enough policies match. */
const mostly = <T>(wide: T, narrow: fc.Arbitrary<T>, weight = 8): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(wide) }, { weight: 2, arbitrary: narrow });
/** Absent `weight` times out of `weight` + 1. */
const maybe = <T>(value: fc.Arbitrary<T>, weight: number): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
/** Without what is undefined. */
const given = (fields: Readonly<Record<string, unknown>>): JsonObject =>
  JSON.parse(JSON.stringify(fields));

const requirement = fc.oneof(
  fc
    .tuple(
      oneOf('app', 'tier', 'team', 'use'),
      oneOf('In', 'NotIn'),
      oneOf(['web'], ['db', 'shop'], ['yes']),
    )
    .map(([key, operator, values]) => ({ key, operator, values })),
  fc
    .tuple(oneOf('app', 'tier', 'team'), oneOf('Exists', 'DoesNotExist'))
    .map(([key, operator]) => ({ key, operator })),
);
const selector = fc.oneof(
  oneOf({}, { matchLabels: { app: 'web' } }, { matchLabels: { tier: 'web' } }),
  oneOf({ matchLabels: { 'kubernetes.io/metadata.name': 'shop' } }),
  fc.array(requirement, { minLength: 1, maxLength: 2 }).map((e) => ({ matchExpressions: e })),
);

const operations = oneOf<string[]>(
  ...[['CREATE'], ['UPDATE'], ['DELETE'], ['CONNECT'], ['CREATE', 'UPDATE'], ['CREATE', 'CONNECT']],
);
const groups = oneOf<string[]>(
  ...[[''], ['apps'], ['', 'apps'], ['example.com'], ['autoscaling', ''], ['events.k8s.io']],
  ...[['rbac.authorization.k8s.io', 'example.com'], ['authentication.k8s.io']],
);
const versions = oneOf<string[]>(['v1'], ['v2'], ['v1beta1'], ['v1', 'v1beta1'], ['v1', 'v2']);
const resource = oneOf(
  ...['pods', 'pods/exec', 'pods/*', 'pods/eviction', '*/status', '*/scale', 'deployments'],
  ...['deployments/scale', 'deployments/*', 'configmaps', 'namespaces', 'namespaces/*', 'widgets'],
  ...['widgets/*', 'gadgets', 'events', 'horizontalpodautoscalers', 'clusterroles', 'services/*'],
  ...['*', 'serviceaccounts/token', 'selfsubjectreviews', '*/*', '*/proxy'],
);
const rule = fc
  .record({
    apiGroups: mostly(['*'], groups),
    apiVersions: mostly(['*'], versions),
    operations: mostly(['*'], operations),
    resources: fc.oneof(
      oneOf<string[]>(['*/*'], ['*'], ['*', '*/status']),
      fc.uniqueArray(resource, { minLength: 1, maxLength: 3 }),
    ),
    scope: maybe(oneOf('Cluster', 'Namespaced', '*'), 3),
    resourceNames: maybe(
      oneOf<string[]>(['web'], ['shop', 'new'], ['web', 'default', 'applied']),
      6,
    ),
  })
  .map(given);

const selectors = {
  namespaceSelector: maybe(selector, 3),
  objectSelector: maybe(selector, 4),
  matchPolicy: maybe(oneOf('Exact', 'Equivalent'), 2),
};
const excludeResourceRules = maybe(fc.array(rule, { minLength: 1, maxLength: 1 }), 6);
const constraints = fc
  .record({
    resourceRules: fc.array(rule, { minLength: 1, maxLength: 2 }),
    excludeResourceRules,
    ...selectors,
  })
  .map(given);
const matchResources = fc
  .record({
    resourceRules: maybe(fc.array(rule, { minLength: 1, maxLength: 2 }), 2),
    excludeResourceRules,
    ...selectors,
  })
  .map(given);

/** Some fail for some requests: no such key, no such overload. */
const conditions = [
  "request.operation != 'DELETE'",
  'oldObject == null',
  "object.metadata.labels.app == 'web'",
  "request.namespace == 'shop'",
  'has(request.subResource)',
  'request.dryRun',
  "request.name == 'web' || request.name == ''",
  "request.kind.kind == 'Pod'",
  "request.resource.resource.startsWith('p') || request.resource.version == 'v1beta1'",
  "request.userInfo.username == 'admin' && 'system:masters' in request.userInfo.groups",
  "request.options.kind.endsWith('Options')",
  "request.requestKind.kind == request.kind.kind && request.requestSubResource != 'scale'",
  'namespaceObject == null',
  "object.spec.nothing == 1 || request.operation == 'UPDATE'",
];
const paramConditions = [
  "params.metadata.name != 'two'",
  'params == null',
  "params.data.mode == 'on'",
];

type Validation = {
  readonly expression: string;
  readonly message?: string;
  readonly messageExpression?: string;
};
const validations: readonly Validation[] = [
  { expression: 'false', message: 'NAME' },
  { expression: 'false', messageExpression: "'NAME ' + request.operation + ' ' + request.name" },
  { expression: 'object == null', message: ' NAME object \n' },
  { expression: "object.metadata.name == 'x'", message: 'NAME', messageExpression: "'a\\nb'" },
  { expression: 'oldObject != null' },
  {
    expression: 'false',
    messageExpression:
      "'NAME ' + string(has(request.options)) + ' ' + string(request.options == null)",
  },
  {
    expression: 'namespaceObject == null',
    messageExpression: "'NAME in ' + namespaceObject.metadata.name",
  },
  { expression: "variables.sub == 'none'", messageExpression: "'NAME ' + variables.sub" },
  { expression: 'object.spec.replicas > 5', message: 'NAME', messageExpression: "'  '" },
];
const paramValidations: readonly Validation[] = [
  {
    expression: 'false',
    messageExpression: "'NAME ' + (params == null ? 'none' : params.metadata.name)",
  },
  { expression: 'params.metadata.namespace == request.namespace', message: 'NAME' },
  { expression: "params.kind == 'ConfigMap' && params.data.mode == 'off'", message: 'NAME param' },
];
const notes = [
  "'on ' + request.operation",
  'object.metadata.labels.app',
  "oldObject == null ? null : ' NAME '",
];
const paramNotes = ['params == null ? null : params.metadata.name'];

const paramKind = fc.oneof(
  { weight: 5, arbitrary: fc.constant(undefined) },
  {
    weight: 4,
    arbitrary: oneOf(
      { apiVersion: 'v1', kind: 'ConfigMap' },
      { apiVersion: 'example.com/v1', kind: 'Limit' },
      { apiVersion: 'example.com/v1', kind: 'ClusterLimit' },
    ),
  },
);
const paramRef = fc
  .tuple(
    fc.oneof(
      oneOf('one', 'two', 'three').map((name) => ({ name })),
      fc.oneof(oneOf({}, { matchLabels: { use: 'yes' } }), selector).map((s) => ({ selector: s })),
    ),
    maybe(oneOf('shop', 'bank', 'default'), 3),
    oneOf('Allow', 'Deny'),
  )
  .map(([ref, namespace, parameterNotFoundAction]) =>
    given({ ...ref, namespace, parameterNotFoundAction }),
  );

const actions = fc.oneof(
  { weight: 8, arbitrary: oneOf<string[]>(['Warn']) },
  { weight: 3, arbitrary: oneOf<string[]>(['Warn', 'Audit'], ['Audit']) },
  { weight: 2, arbitrary: oneOf<string[]>(['Deny'], ['Deny', 'Audit'], ['Deny', 'Warn']) },
);
const reason = maybe(oneOf('Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'), 3);

type Draft = {
  readonly spec: JsonObject;
  readonly bindings: readonly { readonly ref: JsonObject | undefined; readonly spec: JsonObject }[];
};

const draft: fc.Arbitrary<Draft> = paramKind.chain((kind) => {
  const some = kind !== undefined;
  const condition = oneOf(...conditions, ...(some ? paramConditions : []));
  const validation = fc
    .tuple(oneOf(...validations, ...(some ? paramValidations : [])), reason)
    .map(([each, why]) => given({ ...each, reason: why }));
  const note = oneOf(...notes, ...(some ? paramNotes : []));
  return fc.record({
    spec: fc
      .record({
        failurePolicy: oneOf('Fail', 'Fail', 'Ignore'),
        matchConstraints: constraints,
        matchConditions: fc.uniqueArray(condition, { maxLength: 2 }).map(namedConditions),
        validations: fc.array(validation, { minLength: 1, maxLength: 2 }),
        auditAnnotations: maybe(note, 4).map(
          (value) => value && [{ key: 'note', valueExpression: value }],
        ),
      })
      .map((spec) => given({ paramKind: kind, variables, ...spec })),
    bindings: fc.array(
      fc.record({
        ref: some ? maybe(paramRef, 6).map((each) => each ?? undefined) : fc.constant(undefined),
        spec: fc
          .record({ matchResources: maybe(matchResources, 3), validationActions: actions })
          .map(given),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  });
});

const variables = [
  { name: 'sub', expression: "has(request.subResource) ? request.subResource : 'none'" },
];

const namedConditions = (expressions: readonly string[]): readonly JsonObject[] =>
  expressions.map((expression, i) => ({ name: `c${i}`, expression }));

/** `count` policies, with names that no other batch has. */
export function policies(count: number, seed: number, batch: string): readonly Generated[] {
  return fc.sample(draft, { seed, numRuns: count }).map((each, i) => named(each, `${batch}-${i}`));
}

function named({ spec, bindings }: Draft, name: string): Generated {
  const own: JsonObject = JSON.parse(JSON.stringify(spec).replaceAll('NAME', name));
  return {
    policy: { apiVersion: group, kind: 'ValidatingAdmissionPolicy', metadata: { name }, spec: own },
    bindings: bindings.map(({ ref, spec: bound }, i) => ({
      apiVersion: group,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: `${name}.${i}` },
      spec: { policyName: name, ...(ref === undefined ? {} : { paramRef: ref }), ...bound },
    })),
  };
}
