// Keys, numbers and texts that one reader takes otherwise than another: each is judged as the API server would, or
// refused, through the server and through `check`. Ids: the catalogue of bypasses (B).
import { test } from 'tap';
import type { JsonValue } from '../../src/base/json.ts';
import { quote } from '../../src/base/text.ts';
import { creates, gateOf, podOf, podWith, reviewOf } from './request-harness.ts';

const denied = 'denied pod-security/hostNamespaces';
const oddKeys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
  '',
];

/** Denies whatever has the value `evil` in one of three maps. */
const noEvil = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-evil}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
  variables:
    - {name: maps, expression: "[object.?data.orValue({}), object.metadata.?labels.orValue({}), object.metadata.?annotations.orValue({})]"}
  validations:
    - expression: "variables.maps.all(m, m.all(k, m[k] != 'evil'))"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-evil}
spec: {policyName: no-evil, validationActions: [Deny]}
`;

/** Own property names of what every object inherits from; nothing that is read may change them. */
function prototypes(): readonly string[] {
  return [Object.prototype, Array.prototype, Function.prototype].flatMap((each) => [
    ...Object.getOwnPropertyNames(each),
    String(Object.getPrototypeOf(each) === null),
  ]);
}

/** The text of an object with one more member written into the empty map that `field` holds. */
function withMember(object: JsonValue, field: string, key: string, value: JsonValue): string {
  const empty = `"${field}":{}`;
  const member = `${JSON.stringify(key)}:${JSON.stringify(value)}`;
  const text = JSON.stringify(object);
  if (!text.includes(empty)) throw new Error(`no empty ${field} in ${text}`);
  return text.replace(empty, `"${field}":{${member}}`);
}

/** The review of a text that takes the place of the object. */
function around(object: string, kind: string, resource: string): string {
  const marker = { apiVersion: 'v1', kind, marker: 'here' };
  return creates(marker, resource).replace(JSON.stringify(marker), () => object);
}

const map = (field: string): JsonValue => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap' },
  ...(field === 'data'
    ? { metadata: { name: 'c' }, data: {} }
    : { metadata: { name: 'c', [field]: {} } }),
});

test('B26: __proto__, constructor and their like are keys as any other, in data, labels and annotations', async (t) => {
  const gate = await gateOf(t, [noEvil]);
  const before = prototypes();
  for (const field of ['data', 'labels', 'annotations']) {
    for (const key of ['ordinary', ...oddKeys]) {
      for (const [value, want] of [
        ['good', 'allowed'],
        ['evil', 'denied no-evil/validations[0]'],
      ] as const) {
        const text = withMember(map(field), field, key, value);
        const what = `${field}: ${text.slice(-40)}`;
        t.equal(await gate.said(around(text, 'ConfigMap', 'configmaps')), want, what);
        t.equal(await gate.checked(text), want, `${what} through check`);
      }
    }
  }
  t.same(prototypes(), before, 'nothing was polluted');
});

test('B26: what stands under __proto__ is not what stands beside it', async (t) => {
  const gate = await gateOf(t, ['pod-security']);
  const before = prototypes();
  const inner = (key: string, value: string) => (text: string) =>
    text.replace('"spec":{', `"spec":{${JSON.stringify(key)}:${value},`);
  const rows: readonly [string, string, JsonValue, string][] = [
    ['a host network', '{"hostNetwork":true}', podOf(), 'allowed'],
    ['no host network, over one', '{"hostNetwork":false}', podOf({ hostNetwork: true }), denied],
    [
      'containers, over a bad one',
      '{"containers":[]}',
      podWith({ securityContext: { privileged: true } }),
      'denied pod-security/privileged',
    ],
    ['null', 'null', podOf({ hostNetwork: true }), denied],
  ];
  for (const key of ['__proto__', 'constructor', 'prototype']) {
    for (const [what, value, object, want] of rows) {
      const text = inner(key, value)(JSON.stringify(object));
      t.equal(await gate.said(around(text, 'Pod', 'pods')), want, `${key}: ${what}`);
      t.equal(await gate.checked(text), want, `${key}: ${what}, through check`);
    }
  }
  for (const field of ['request', 'userInfo', 'kind']) {
    const body = reviewOf({ object: podOf({ hostNetwork: true }) });
    const forged = body.replace(
      `"${field}":{`,
      `"${field}":{"__proto__":{"operation":"DELETE","allowed":true},`,
    );
    t.equal(await gate.said(forged), denied, `in ${field}`);
  }
  t.same(prototypes(), before, 'nothing was polluted');
});

/** The same member twice: `first`, then `second`, wherever the text has `marker`. */
function twice(text: string, marker: string, first: string, second = marker): string {
  if (!text.includes(marker)) throw new Error(`no ${marker}`);
  return text.replace(marker, () => `${first},${second}`);
}

test('B26: a body or manifest with the same key twice is refused, whichever value is the good one', async (t) => {
  const gate = await gateOf(t, ['pod-security']);
  const good = JSON.stringify(podOf({ hostNetwork: false }));
  const bad = JSON.stringify(podOf({ hostNetwork: true }));
  const rows: readonly [string, string][] = [
    ['bad, then good', twice(good, '"hostNetwork":false', '"hostNetwork":true')],
    ['good, then bad', twice(bad, '"hostNetwork":true', '"hostNetwork":false')],
    ['one escaped', twice(good, '"hostNetwork":false', '"host\\u004eetwork":true')],
    ['good twice', twice(good, '"hostNetwork":false', '"hostNetwork":false')],
    ['two specs', twice(good, '"metadata":', bad.slice(bad.indexOf('"spec":'), -1))],
    ['two kinds', twice(good, '"kind":"Pod"', '"kind":"Secret"')],
    ['two names', twice(good, '"name":"web","namespace"', '"name":"x"')],
    ['__proto__ twice', twice(good, '"hostNetwork":false', '"__proto__":1,"__proto__":{}')],
  ];
  const twiceThere = 'denied sekisho/review-duplicate-key';
  for (const [what, text] of rows) {
    t.equal(await gate.said(around(text, 'Pod', 'pods')), twiceThere, what);
    t.equal(await gate.checked(text), 'exit 2 yaml-duplicate-key', `${what}, through check`);
  }
  const body = reviewOf({ object: podOf({ hostNetwork: true }) });
  for (const marker of [
    '"uid":',
    '"operation":',
    '"object":',
    '"request":',
    '"apiVersion":',
    '"namespace":',
  ]) {
    t.match(
      await gate.said(twice(body, marker, `${marker}null`)),
      /^(400 |denied sekisho\/)review-duplicate-key$/,
      marker,
    );
  }
  t.equal(await gate.said(body), denied, 'and judges the next one');
});

const exact = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: exact}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
  validations:
    - expression: "object.n == 9007199254740993"
    - expression: "string(object.n) == '9007199254740993'"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: exact}
spec: {policyName: exact, validationActions: [Deny]}
`;

const configMap = (n: string): string =>
  `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"n":${n}}`;
const both = 'denied exact/validations[0] exact/validations[1]';

test('B27: integers beyond 2^53 reach the policies exactly, and no neighbour passes for them', async (t) => {
  const gate = await gateOf(t, [exact]);
  const rows: readonly [string, string][] = [
    ['9007199254740993', 'allowed'],
    ['9007199254740992', both],
    ['9007199254740994', both],
    ['-9007199254740993', both],
    ['"9007199254740993"', 'denied exact/validations[0]'],
    ['9223372036854775807', both],
    ['9223372036854775808', both],
    ['1e400', '400 review-syntax'],
  ];
  for (const [n, want] of rows) {
    t.equal(await gate.said(around(configMap(n), 'ConfigMap', 'configmaps')), want, n);
    if (n !== '1e400') t.equal(await gate.checked(configMap(n)), want, `${n} through check`);
  }
  t.match(await gate.checked(configMap('1e400')), /^exit 2 /);
});

const restricted = `
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: restricted, enforce-version: v1.30}
`;
const asRoot = 'denied pod-security/runAsUser';
const safe = {
  ...{ allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
  seccompProfile: { type: 'RuntimeDefault' },
};

const users: readonly [string, string][] = [
  ['0', asRoot],
  ['-0', asRoot],
  ['0.0', asRoot],
  ['-0.0', asRoot],
  ['0e0', asRoot],
  ['0E+10', asRoot],
  ['1e-400', asRoot],
  ['1000', 'allowed'],
  ['1e0', 'allowed'],
  ['18446744073709551616', 'allowed'],
  ['0.5', 'denied pod-security'],
  ['"0"', 'denied pod-security'],
  ['false', 'denied pod-security'],
  ['[]', 'denied pod-security'],
  ['{}', 'denied pod-security'],
  ['null', 'allowed'],
];

test('B27: root is root in every spelling of zero, and what is no integer is not passed over', async (t) => {
  const gate = await gateOf(t, [restricted]);
  for (const [user, want] of users) {
    const pod = JSON.stringify(podWith({ securityContext: { ...safe, runAsUser: 7_777_777 } }));
    const text = pod.replace('7777777', user);
    t.equal(await gate.said(around(text, 'Pod', 'pods')), want, user);
    t.equal(await gate.checked(text), want, `${user} through check`);
  }
});

test('B27: half of a surrogate pair is text that matches nothing, and is answered in well-formed UTF-8', async (t) => {
  const gate = await gateOf(t, ['allowed-registries', 'pod-security']);
  const half = '\ud800';
  const image = JSON.stringify(podWith({ image: `registry.example.com/a${half}` }));
  t.match(await gate.said(around(image, 'Pod', 'pods')), /^denied allowed-registries/);
  const { json } = await gate.call({ body: around(image, 'Pod', 'pods') });
  const { status, auditAnnotations = {}, warnings = [] } = json.response ?? {};
  for (const said of [status?.message ?? '', ...Object.values(auditAnnotations), ...warnings]) {
    t.ok(said.isWellFormed(), said);
  }
  const reviews = [
    reviewOf({ name: half, object: podOf({ hostNetwork: true }, { labels: { [half]: half } }) }),
    reviewOf({
      userInfo: { username: half, groups: [half] },
      object: podOf({ hostNetwork: true }),
    }),
  ];
  for (const body of reviews) t.equal(await gate.said(body), denied);
});

const yamlPod = (line: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: a, image: b}]\n${line}\n`;
const inPod = (field: string): string => yamlPod(`  ${field}`);
const asUser = (user: string): string =>
  yamlPod(`  securityContext: {runAsUser: ${user}}`)
    .replace('{name: a, image: b}', 'CONTAINER')
    .replace('CONTAINER', JSON.stringify({ name: 'a', image: 'b', securityContext: safe }));

/** Scalars of YAML 1.1, as sigs.k8s.io/yaml reads them for kubectl. */
const scalars: readonly [string, string][] = [
  ...'true True TRUE yes Yes YES on On ON y Y !!bool@yes'
    .split(' ')
    .map((yes): [string, string] => [inPod(`hostNetwork: ${yes.replace('@', ' ')}`), denied]),
  ...'false no No off OFF n N ~ null'
    .split(' ')
    .map((no): [string, string] => [inPod(`hostNetwork: ${no}`), 'allowed']),
  ...['"yes"', "'true'", '!!str true', 'tRUE', '|\n    true', '0x1', '1', '1.0'].map(
    (odd): [string, string] => [inPod(`hostNetwork: ${odd}`), 'denied pod-security'],
  ),
  [inPod('"hostNetwork": yes'), denied],
  [inPod('? hostNetwork\n  : yes'), denied],
  [inPod('<<: {hostNetwork: true}'), denied],
  [inPod('<<: [{hostNetwork: true}, {hostNetwork: false}]'), denied],
  [inPod('x: &a true\n  hostNetwork: *a'), denied],
  [inPod('hostNetwork: !evil true'), 'denied pod-security'],
  [inPod('hostNetwork: !!binary dHJ1ZQ=='), 'denied pod-security'],
  [inPod('hostNetwork: true # \u2028  hostNetwork: false'), 'exit 2 yaml-syntax'],
];
const zeros = ['0', '00', '0x0', '0b0', '-0', '+0', '0_0', '0o0'];

test('B28: scalars, merges, anchors and tags of YAML 1.1 mean to check what they mean to kubectl', async (t) => {
  const { checked } = await gateOf(t, [restricted.replace('restricted', 'baseline')]);
  for (const [manifest, want] of scalars)
    t.equal(await checked(manifest), want, quote(manifest.slice(85)));
});

test('B28: root is root in every number that YAML 1.1 knows', async (t) => {
  const { checked } = await gateOf(t, [restricted]);
  for (const zero of zeros) t.match(await checked(asUser(zero)), /pod-security/, zero);
  for (const user of ['0777', '0x1f', '1_000'])
    t.equal(await checked(asUser(user)), 'allowed', user);
  t.equal(await checked(asUser('1:0')), 'denied pod-security', 'no sexagesimals: a text');
});
