// charts/sekisho without Helm: its schema refuses wrong values, what is made from the sources is up to date, and its rights
// are those that docs/rbac.yaml tells. Helm renders and installs it in test/e2e/chart.e2e.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { test } from 'tap';
import { parse, parseAllDocuments } from 'yaml';
import { getIn, isObject, type JsonObject, setOwn } from '../src/base/json.ts';
import { registrationFile, renderRegistration } from './docs/registration.ts';
import { root } from './gate.ts';

const chart = join(root, 'charts/sekisho');
const read = (name: string): string => readFileSync(join(chart, name), 'utf8');
const digest = `sha256:${'0'.repeat(64)}`;
const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

/** values.yaml with what everybody must say, and then `path` set to `value`. */
function valuesWith(path: string, value: unknown): JsonObject {
  const values: JsonObject = parse(read('values.yaml'));
  const given: readonly (readonly [string, unknown])[] = [
    ['image.repository', 'registry.example.com/sekisho'],
    ['image.digest', digest],
    ['tls.secretName', 'sekisho-tls'],
    ['webhook.caBundle', pem],
    [path, value],
  ];
  for (const [at, what] of given) put(values, at.split('.'), what);
  return values;
}

function put(into: JsonObject, [name = '', ...rest]: readonly string[], value: unknown): void {
  if (name === '') return;
  if (rest.length === 0) setOwn(into, name, JSON.parse(JSON.stringify(value)));
  else {
    const inner = getIn(into, [name]);
    if (isObject(inner)) put(inner, rest, value);
  }
}

test('the schema takes the default values with what everybody must say, and refuses wrong ones by their place', (t) => {
  const validate = new Ajv({ allErrors: true, strict: false }).compile(
    JSON.parse(read('values.schema.json')),
  );
  const faults = (values: unknown): string[] => {
    validate(values);
    return (validate.errors ?? []).map(({ instancePath }) => instancePath);
  };
  const good: readonly (readonly [string, unknown])[] = [
    ['', null],
    ['image.repository', 'localhost:5000/sekisho'],
    ['global', { anything: true }],
    ['tls', { secretName: '', certManager: { enabled: true, issuerRef: { name: 'ca' } } }],
    ['webhook', { enabled: false }],
    ['policies.files', { 'a.yaml': 'kind: x' }],
    ['podDisruptionBudget.maxUnavailable', '34%'],
    ['rbac.params', [{ apiGroup: '', resource: 'configmaps', namespaces: ['gate-params'] }]],
    ['priorityClassName', ''],
    ['pullSecrets', { enabled: true, namespaces: ['shop'], clusterWide: false, names: ['a.b'] }],
  ];
  for (const [path, value] of good) t.same(faults(valuesWith(path, value)), [], path);
  const bad: readonly (readonly [path: string, value: unknown, place: string])[] = [
    ['image.repository', '', '/image/repository'],
    ['image.repository', 'registry.example.com/sekisho:latest@x', '/image/repository'],
    ['image.digest', '', '/image/digest'],
    ['image.digest', 'sha256:12', '/image/digest'],
    ['image.tag', 'latest', '/image'],
    ['replicas', 0, '/replicas'],
    ['replicas', '3', '/replicas'],
    ['drainSeconds', 601, '/drainSeconds'],
    ['resources.limits', {}, '/resources/limits'],
    ['resources.requests', { cpu: 'much', memory: '1Gi' }, '/resources/requests/cpu'],
    ['podDisruptionBudget.maxUnavailable', 0, '/podDisruptionBudget/maxUnavailable'],
    ['tls.secretName', '', '/tls'],
    ['tls.secretname', 'x', '/tls'],
    ['tls.certManager.enabled', true, '/tls'],
    ['tls.certManager.duration', '90d', '/tls/certManager/duration'],
    ['webhook.caBundle', '', '/webhook/caBundle'],
    ['webhook.caBundle', 'LS0tLS1CRUdJTi', '/webhook/caBundle'],
    ['webhook.timeoutSeconds', 2, '/webhook/timeoutSeconds'],
    ['webhook.timeoutSeconds', 31, '/webhook/timeoutSeconds'],
    ['webhook.failurePolicy', 'Ignore', '/webhook'],
    ['pullSecrets.namespaces', ['Shop'], '/pullSecrets/namespaces/0'],
    ['pullSecrets.names', [''], '/pullSecrets/names/0'],
    ['webhook.excludeNamespaces', ['*'], '/webhook/excludeNamespaces/0'],
    ['webhook.adminGroups', ['a"]) || true || (["'], '/webhook/adminGroups/0'],
    ['policies.files', { '../a.yaml': 'x' }, '/policies/files'],
    ['policies.files', { 'a.yaml': { kind: 'x' } }, '/policies/files/a.yaml'],
    ['ledger.onFailure', 'ignore', '/ledger/onFailure'],
    ['ledger.sizeLimit', '4', '/ledger/sizeLimit'],
    ['rbac.params', [{ apiGroup: '', resource: '*' }], '/rbac/params/0/resource'],
    ['rbac.params', [{ apiGroup: '*', resource: 'configmaps' }], '/rbac/params/0/apiGroup'],
    ['service.port', 0, '/service/port'],
    ['hostNetwork', true, ''],
  ];
  for (const [path, value, place] of bad) {
    t.ok(faults(valuesWith(path, value)).includes(place), `${path}: ${JSON.stringify(value)}`);
  }
  t.same(
    faults(parse(read('values.yaml'))).includes('/image/digest'),
    true,
    'an image must be said',
  );
  t.end();
});

test('the registration of the chart is the one that `sekisho webhook` prints for the bundle: make docs', async (t) => {
  t.equal(readFileSync(registrationFile, 'utf8'), await renderRegistration());
});

test('the cluster-wide rights of the chart are those that docs/rbac.yaml tells', (t) => {
  const told = parseAllDocuments(readFileSync(join(root, 'docs/rbac.yaml'), 'utf8'))
    .map((document) => document.toJS())
    .find(({ kind }) => kind === 'ClusterRole');
  const rows = read('templates/rbac.yaml').split('\n');
  const ours = rows.filter(
    (row) => /^ {2}- \{apiGroups: \[(?!\{)/.test(row) && !row.includes('{{'),
  );
  t.same(
    ours.flatMap((row) => parse(row)),
    told.rules,
  );
  t.end();
});

test('pull secrets may be read by the rules that docs/rbac-pull-secrets.yaml tells, and only where they are on', (t) => {
  const told = parseAllDocuments(readFileSync(join(root, 'docs/rbac-pull-secrets.yaml'), 'utf8'));
  const [role, binding] = told.map((document) => document.toJS());
  t.match([role.kind, binding.kind], ['Role', 'RoleBinding'], 'in one namespace');
  const rows = read('templates/rbac.yaml').split('\n');
  const rules = rows.flatMap(
    (row) => /:= dict ("apiGroups" .*"(?:secrets|serviceaccounts)".*) \}\}$/.exec(row)?.[1] ?? [],
  );
  const wanted = role.rules.map((rule: Record<string, string[]>) =>
    Object.entries(rule)
      .map(([key, values]) => `"${key}" (list ${values.map((each) => `"${each}"`).join(' ')})`)
      .join(' '),
  );
  t.strictSame(rules, wanted);
  const granted = rows.flatMap((row, i) =>
    /(toJson|\(list) \$(accounts|secrets)/.test(row) ? [i] : [],
  );
  t.equal(granted.length, 3, 'for the cluster, two rows, and for namespaces');
  for (const i of granted) {
    const before = rows.slice(0, i).filter((row) => /\{\{- (if|end)/.test(row));
    t.match(before.at(-1), 'and .Values.pullSecrets.enabled', rows[i] ?? '');
  }
  t.end();
});
