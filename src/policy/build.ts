// Documents to a PolicySet: whole, or every fault. Later layers override earlier ones by group, kind and name.
import { byPlace, type Diagnostic } from '../base/diagnostic.ts';
import { get, isObject, type JsonArray, type JsonObject } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import { quote } from '../base/text.ts';
import type { SourceDocument } from '../yaml/document.ts';
import { classify, type Identity, identityOf, readKinds } from './classify.ts';
import { type BindingDraft, compileBinding } from './compile-binding.ts';
import { compilePolicy, type PolicyDraft } from './compile-policy.ts';
import { collectFaults, type Faults } from './faults.ts';
import { hashOf } from './hash.ts';
import type { FileParam, Policy, PolicySet } from './model.ts';
import { compilePodSecurity } from './pod-security.ts';
import { resourceIndex } from './resource-index.ts';
import { createSchemas, type Schemas } from './validate-document.ts';

type Entry = { readonly document: SourceDocument; readonly identity: Identity };

/** One layer for each path. Faults are sorted by place. */
export function buildPolicySet(
  layers: readonly (readonly SourceDocument[])[],
): Result<PolicySet, readonly Diagnostic[]> {
  const faults = collectFaults();
  const entries = effective(layers, faults);
  const parts = compileAll(entries, createSchemas(), faults);
  const policies = bind(parts, faults);
  const params = paramsOf(parts, faults);
  const law = [...parts.lawful, ...params.map((param) => param.object)];
  if (faults.all.length === 0 && law.length === 0) return err([nothing()]);
  if (faults.all.length > 0) return err([...faults.all].sort(byPlace));
  return ok(
    Object.freeze({
      hash: hashOf(law),
      policies,
      policiesFor: resourceIndex(policies),
      params,
      podSecurity: compilePodSecurity(parts.podSecurity, parts.settings),
      files: [...new Set(entries.map((entry) => entry.document.file))].sort(),
    }),
  );
}

function nothing(): Diagnostic {
  const message = 'the policy paths hold no policy; nothing would ever be refused';
  return { code: 'policies-empty', message, file: 'policies', line: 0, column: 0 };
}

/** Of documents with the same group, kind, namespace and name the one of the last layer. */
function effective(
  layers: readonly (readonly SourceDocument[])[],
  faults: Faults,
): readonly Entry[] {
  const last = new Map<string, Entry>();
  for (const layer of layers) {
    const own = new Map<string, SourceDocument>();
    for (const document of layer) {
      const identity = identityOf(document);
      const key = keyOf(identity);
      const first = own.get(key);
      if (first !== undefined && classify(identity) !== 'test') {
        const message = `${identity.kind} ${quote(identity.name)} is already at ${first.file}:${first.line}`;
        faults.at(document, [], 'policy-duplicate', message);
      }
      own.set(key, document);
      // An override moves to the place of the later layer.
      last.delete(key);
      last.set(key, { document, identity });
    }
  }
  return [...last.values()];
}

/** Only one of these is in force, whatever it is called. */
const single: ReadonlySet<string> = new Set(['pod-security', 'settings']);

function keyOf(identity: Identity): string {
  const kind = classify(identity);
  if (kind === 'admission-configuration') return 'pod-security';
  if (single.has(kind)) return kind;
  const [group = ''] = identity.apiVersion.split('/');
  return [group.includes('.') ? group : '', identity.kind, identity.namespace, identity.name].join(
    '\n',
  );
}

type Parts = {
  readonly policies: PolicyDraft[];
  readonly bindings: (BindingDraft & Pick<Entry, 'document'>)[];
  readonly others: Entry[];
  /** Values that make up the law, for its hash. */
  readonly lawful: JsonObject[];
  /** Names of policies that are there but broken: their bindings are not blamed too. */
  readonly broken: Set<string>;
  podSecurity: JsonObject | null;
  settings: JsonObject | null;
};

function compileAll(entries: readonly Entry[], schemas: Schemas, faults: Faults): Parts {
  const parts: Parts = {
    policies: [],
    bindings: [],
    others: [],
    lawful: [],
    broken: new Set(),
    podSecurity: null,
    settings: null,
  };
  for (const entry of entries) compileOne(entry, parts, schemas, faults);
  return parts;
}

function compileOne(entry: Entry, parts: Parts, schemas: Schemas, faults: Faults): void {
  const { document, identity } = entry;
  const kind = classify(identity);
  if (kind === 'test') return;
  if (kind === 'other' || !isObject(document.value)) {
    parts.others.push(entry);
    return;
  }
  if (!schemas.accepts(kind, document, [], document.value, faults)) {
    if (kind === 'policy') parts.broken.add(identity.name);
    return;
  }
  if (kind === 'policy') parts.policies.push(compilePolicy(document, faults));
  else if (kind === 'binding')
    parts.bindings.push({ ...compileBinding(document, faults), document });
  else if (kind === 'settings') parts.settings = document.value;
  else if (kind === 'pod-security') parts.podSecurity = document.value;
  else parts.podSecurity = pluginConfiguration(document, schemas, faults);
  parts.lawful.push(document.value);
}

/** The PodSecurityConfiguration inside an AdmissionConfiguration. */
function pluginConfiguration(
  document: SourceDocument,
  schemas: Schemas,
  faults: Faults,
): JsonObject | null {
  const plugins = (get(document.value, 'plugins') ?? []) as JsonArray;
  const at = plugins.findIndex((plugin) => get(plugin, 'name') === 'PodSecurity');
  const path = ['plugins', at, 'configuration'];
  const configuration = get(plugins[at], 'configuration');
  if (!isObject(configuration)) {
    const message =
      'the AdmissionConfiguration has no PodSecurity plugin with an inline configuration';
    faults.at(document, ['plugins'], 'policy-field', message);
    return null;
  }
  return schemas.accepts('pod-security', document, path, configuration, faults)
    ? configuration
    : null;
}

function bind({ policies, bindings, broken }: Parts, faults: Faults): readonly Policy[] {
  const names = new Set(policies.map((policy) => policy.name));
  for (const { policyName, document } of bindings) {
    if (names.has(policyName) || broken.has(policyName)) continue;
    const message = `there is no ValidatingAdmissionPolicy ${quote(policyName)} under the policy paths`;
    faults.at(document, ['spec', 'policyName'], 'policy-reference', message);
  }
  return policies.map((policy) => ({
    ...policy,
    bindings: bindings
      .filter((binding) => binding.policyName === policy.name)
      .map(({ policyName: _, document: __, ...binding }) => binding),
  }));
}

function paramsOf({ policies, others, broken }: Parts, faults: Faults): readonly FileParam[] {
  const kinds = new Set(
    policies.map(({ paramKind: k }) => (k === null ? '' : `${k.apiVersion} ${k.kind}`)),
  );
  return others.flatMap(({ document, identity }) => {
    const { apiVersion, kind, namespace, name } = identity;
    const { value } = document;
    if (!isObject(value)) {
      faults.at(document, [], 'policy-kind', 'the document is not a mapping');
      return [];
    }
    if (kind === 'Secret' && apiVersion === 'v1') {
      faults.at(document, ['kind'], 'policy-kind', 'a Secret is never read as params');
      return [];
    }
    if (kinds.has(`${apiVersion} ${kind}`))
      return [{ apiVersion, kind, namespace, name, object: value }];
    // With a broken policy around, its paramKind is not known.
    if (broken.size === 0)
      faults.at(
        document,
        ['kind'],
        'policy-kind',
        notRead(identity),
        `read here are: ${readKinds}`,
      );
    return [];
  });
}

function notRead({ apiVersion, kind }: Identity): string {
  if (kind === '' || apiVersion === '') return 'the document has no apiVersion or no kind';
  return `a document of kind ${quote(kind)} (${quote(apiVersion)}) is not read under a policy path`;
}
