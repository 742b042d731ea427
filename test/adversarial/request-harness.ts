// Requests made by hand for the hostile suite, sent to a real server and, as a manifest, to `check`: both answers in
// one line each, so that a table can say what must come of them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import {
  canonicalJson,
  get,
  getIn,
  isArray,
  type JsonObject,
  type JsonValue,
} from '../../src/base/json.ts';
import { type Ran, sekisho } from '../cli/harness.ts';
import { root } from '../gate.ts';
import { type Call, type Options, type Reply, type Running, serve } from '../server/harness.ts';

export const digest = `@sha256:${'a'.repeat(64)}`;
export const goodImage = `registry.example.com/shop/web${digest}`;

export type Group = { readonly group: string; readonly version: string };

/** Fields of a request; what is not given is that of CREATE of the Pod shop/web by alice. */
export type Asked = { readonly [field: string]: unknown };

const core = { group: '', version: 'v1' };

export const uid = 'b7f1cf9e-8f7f-4d0c-9d7a-0a2b53b1c111';

export function podOf(spec: object = {}, metadata: object = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', ...metadata },
    spec: { containers: [{ name: 'web', image: goodImage }], ...spec },
  } as JsonObject;
}

/** A Pod whose only container has these fields. */
export function podWith(container: object, metadata: object = {}): JsonObject {
  return podOf({ containers: [{ name: 'web', image: goodImage, ...container }] }, metadata);
}

/** The request of a review, as an API server would fill it in. */
export function askOf(asked: Asked = {}): Record<string, unknown> {
  const kind = asked['kind'] ?? { ...core, kind: 'Pod' };
  const resource = asked['resource'] ?? { ...core, resource: 'pods' };
  const sub = asked['subResource'];
  return {
    uid,
    kind,
    resource,
    requestKind: kind,
    requestResource: resource,
    ...(sub === undefined ? {} : { requestSubResource: sub }),
    name: 'web',
    namespace: 'shop',
    operation: 'CREATE',
    userInfo: { username: 'alice', groups: ['system:authenticated'] },
    object: podOf(),
    oldObject: null,
    dryRun: false,
    options: null,
    ...asked,
  };
}

export function reviewOf(asked: Asked = {}): string {
  const request = askOf(asked);
  return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request });
}

/** CREATE of an object of any kind in core/v1 or apps/v1 as its own apiVersion says. */
export function creates(object: JsonObject, resource: string, asked: Asked = {}): string {
  const [version = '', group = ''] = String(object['apiVersion']).split('/').reverse();
  return reviewOf({
    kind: { group, version, kind: object['kind'] },
    resource: { group, version, resource },
    object,
    ...asked,
  });
}

/** `400 review-syntax`, `allowed`, or `denied` and the rules that denied. */
export function verdict({ status, json }: Reply): string {
  const { response } = json;
  if (response === undefined) return `${status} ${json.code ?? ''}`.trim();
  if (status !== 200) return `${status} with a review`;
  if (response.allowed) return 'allowed';
  const by = response.auditAnnotations?.['denied-by'] ?? '';
  return `denied ${[...new Set(by.split(','))].sort().join(' ')}`.trim();
}

export type Gate = Running & {
  /** The verdict about a body. */
  readonly said: (body: string | Buffer, call?: Call) => Promise<string>;
  /** The verdict of `check` about an object, or about a text as it stands. */
  readonly checked: (manifest: JsonValue | string, ...args: string[]) => Promise<string>;
  /** The verdicts of one `check` about many objects, each of which can be read. */
  readonly checkedAll: (objects: readonly JsonValue[]) => Promise<readonly string[]>;
  readonly check: (manifest: JsonValue | string, ...args: string[]) => Promise<Ran>;
};

const shop = `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
`;

/** A server and `check` with these policies: folders of the bundle by name, or the text of policies. */
export async function gateOf(
  t: Test,
  laws: readonly string[],
  options: Omit<Options, 'policies'> = {},
): Promise<Gate> {
  const texts = laws.filter((law) => law.includes('\n'));
  const inBundle = laws
    .filter((law) => !law.includes('\n'))
    .map((law) => join(root, 'policies', law));
  const files = { ...options.files, 'shop.yaml': shop };
  const policies = Object.fromEntries(texts.map((text, i) => [`${i}.yaml`, text]));
  const paths = (folder: string): string[] =>
    texts.length === 0 ? inBundle : [...inBundle, join(folder, 'policies')];
  const running = await serve(t, {
    ...options,
    files,
    policies,
    settings: (folder) => ({
      policies: paths(folder),
      clusterObjects: [join(folder, 'shop.yaml')],
      ...options.settings?.(folder),
    }),
  });
  const { folder, logged } = running;
  const ready = await running.plain('/readyz');
  if (ready.status !== 200) throw new Error(logged.join(''));
  const check: Gate['check'] = (manifest, ...args) => {
    const text = typeof manifest === 'string' ? manifest : canonicalJson(manifest);
    const file = join(folder, 'manifest.yaml');
    writeFileSync(file, text);
    const given = paths(folder).flatMap((path) => ['-p', path]);
    return sekisho(folder, ['check', ...given, file, ...args]);
  };
  return {
    ...running,
    said: async (body, call = {}) => verdict(await running.call({ body, ...call })),
    check,
    checked: async (manifest, ...args) =>
      verdictOfCheck(await check(manifest, '-o', 'json', ...args)),
    async checkedAll(objects) {
      const documents = objects.map(canonicalJson).join('\n---\n');
      const { stdout } = await check(documents, '-o', 'json');
      const decisions = get(JSON.parse(stdout), 'decisions');
      if (isArray(decisions) && decisions.length === objects.length) return decisions.map(decided);
      throw new Error(`not every object was decided: ${stdout.slice(-2000)}`);
    },
  };
}

/** As of the server; `exit 2 CODE…` where it could not be decided. */
function verdictOfCheck({ code, stdout, stderr }: Ran): string {
  const faults = [...stderr.matchAll(/^\S+?:\d+:\d+: ([a-z-]+): /gm)].map(([, fault]) => fault);
  if (code === 2) return ['exit 2', ...new Set(faults)].join(' ');
  const said = decided(getIn(JSON.parse(stdout), ['decisions', 0]) ?? null);
  return code === (said === 'allowed' ? 0 : 1) ? said : `${said}, exit ${code}`;
}

function decided(decision: JsonValue): string {
  if (get(decision, 'allowed') === true) return 'allowed';
  const results = get(decision, 'results');
  const rules = (isArray(results) ? results : []).filter((result) => {
    const actions = get(result, 'actions');
    return isArray(actions) && actions.includes('deny');
  });
  return `denied ${[...new Set(rules.map((rule) => String(get(rule, 'rule'))))].sort().join(' ')}`;
}
