// Documents to a PolicySet: whole, or every fault of every document.
import { byPlace, type Diagnostic } from '../base/diagnostic.ts';
import { getIn } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import { quote } from '../base/text.ts';
import type { TrustRoot } from '../images/model.ts';
import { nameForms } from '../k8s/names.ts';
import type { SourceDocument } from '../yaml/document.ts';
import { checkExceptions, type ExceptionEntry } from './check-exceptions.ts';
import type { BindingDraft } from './compile-binding.ts';
import type { PolicyDraft } from './compile-policy.ts';
import { type Entry, effective, entryOf, piecesOfLayer } from './entries.ts';
import { diagnose, reporter } from './faults.ts';
import { deepFreeze } from './freeze.ts';
import { hashOf, lawText } from './hash.ts';
import { linkImagePolicy } from './images/link.ts';
import { checkMatches } from './images/matches.ts';
import { identityOf, roleOf } from './kinds.ts';
import type {
  Binding,
  FileParam,
  ImagePolicy,
  Policy,
  PolicySet,
  PolicySettings,
} from './model.ts';
import { paramKindsOf } from './params.ts';
import type { Piece } from './pieces.ts';
import { compilePodSecurity, type PodSecurityDraft } from './pod-security.ts';
import { resourceIndex } from './resource-index.ts';
import { kubernetesVersions } from './schema/policy-settings.ts';
import { defaultSettings, type SettingsDraft } from './settings.ts';
import { createShapes } from './shape.ts';
import { suggest } from './suggest.ts';

/** `now` (RFC 3339): what the ends of exceptions are held against. One layer for each path: later layers override earlier ones by group, kind and name (params: and namespace).
 * Faults are sorted by place; codes: policy-*, cel-*. Never throws. */
export function buildPolicySet(
  layers: readonly (readonly SourceDocument[])[],
  { now }: { readonly now: string },
): Result<PolicySet, readonly Diagnostic[]> {
  const faults: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  const shapes = createShapes();
  const pieces = layers.map((layer) => piecesOfLayer(layer, { shapes, faults, warnings }));
  const policies = pieces.flat().filter(({ value }) => roleOf(identityOf(value)) === 'policy');
  const paramKinds = paramKindsOf(policies.map(({ value }) => value));
  const kubernetesVersion = kubernetesVersionOf(pieces.flat());
  const entries = pieces.map((layer) =>
    layer.map((piece) =>
      entryOf(piece, { shapes, paramKinds, kubernetesVersion, faults, warnings }),
    ),
  );
  const law = effective(entries, faults);
  const bindings = bindingsByPolicy(law, faults, warnings);
  const settings = settingsOf(law);
  warnings.push(...auditOnlyWarning(law));
  const imagePolicies = imagePoliciesOf(law, settings.settings, faults);
  const exceptions = exceptionsOf(law);
  const policiesInForce = law.flatMap(({ compiled }) =>
    compiled.kind === 'policy' ? [compiled.policy] : [],
  );
  checkExceptions(exceptions, {
    policies: policiesInForce,
    imagePolicies,
    settings: settings.settings,
    now,
    faults,
    warnings,
  });
  if (faults.length === 0 && !law.some(isPolicy)) faults.push(nothing);
  if (faults.length > 0) return err(faults.sort(byPlace));
  const files = new Set(layers.flat().map(({ file }) => file));
  return ok(
    assemble(law, {
      bindings,
      imagePolicies,
      settings,
      files: [...files].sort(),
      warnings: warnings.sort(byPlace),
    }),
  );
}

function settingsOf(law: readonly Entry[]): SettingsDraft {
  const found = law.findLast(({ compiled }) => compiled.kind === 'settings')?.compiled;
  return found?.kind === 'settings' ? found.settings : defaultSettings;
}

/** Known before anything is compiled. What is no version is a fault of the settings themselves. */
function kubernetesVersionOf(pieces: readonly Piece[]): string | undefined {
  const settings = pieces.findLast(({ value }) => roleOf(identityOf(value)) === 'settings');
  const written = getIn(settings?.value ?? null, ['spec', 'kubernetesVersion']);
  return kubernetesVersions.find((each) => each === written);
}

/** Whoever starts a gate that refuses nothing shall read it. */
function auditOnlyWarning(law: readonly Entry[]): readonly Diagnostic[] {
  return law.flatMap(({ piece, compiled }) => {
    if (compiled.kind !== 'settings' || compiled.settings.settings.mode !== 'AuditOnly') return [];
    const message = 'mode is AuditOnly: nothing is refused';
    return [diagnose(piece, { code: 'audit-only', path: ['spec', 'mode'], message })];
  });
}

function exceptionsOf(law: readonly Entry[]): readonly ExceptionEntry[] {
  return law.flatMap((entry) =>
    entry.compiled.kind === 'exception' ? [{ entry, exception: entry.compiled.exception }] : [],
  );
}

function imagePoliciesOf(
  law: readonly Entry[],
  { workloads }: PolicySettings,
  faults: Diagnostic[],
): readonly ImagePolicy[] {
  const roots = new Map<string, TrustRoot | null>();
  for (const { identity, compiled, sound } of law) {
    if (roleOf(identity) !== 'trust-root') continue;
    roots.set(identity.name, compiled.kind === 'trust-root' && sound ? compiled.trustRoot : null);
  }
  return law.flatMap(({ piece, compiled, sound }) => {
    if (compiled.kind !== 'image-policy') return [];
    const report = reporter(piece, faults);
    if (sound) checkMatches(compiled.imagePolicy, workloads, report);
    return [linkImagePolicy(compiled.imagePolicy, roots, report)];
  });
}

function isPolicy({ compiled }: Entry): boolean {
  return ['policy', 'pod-security', 'image-policy'].includes(compiled.kind);
}

const nothing: Diagnostic = {
  code: 'policies-empty',
  message: 'no policy is here: nothing would ever be refused',
  file: 'policies',
  line: 0,
  column: 0,
};

type Bindings = ReadonlyMap<string, readonly Binding[]>;

/** By the name of the policy. What refers to a policy that has faults of its own is not blamed. */
function bindingsByPolicy(
  law: readonly Entry[],
  faults: Diagnostic[],
  warnings: Diagnostic[],
): Bindings {
  const bindings = new Map<string, Binding[]>();
  const policies = new Map<string, PolicyDraft | null>();
  for (const { identity, compiled } of law) {
    if (compiled.kind === 'policy') policies.set(identity.name, compiled.policy);
    else if (roleOf(identity) === 'policy') policies.set(identity.name, null);
  }
  for (const { piece, compiled } of law) {
    if (compiled.kind !== 'binding') continue;
    const { policyName, ...binding } = compiled.binding;
    const fault = referenceFault(compiled.binding, policies);
    if (fault !== undefined) faults.push(diagnose(piece, { code: 'policy-reference', ...fault }));
    const own = bindings.get(policyName);
    if (own === undefined) bindings.set(policyName, [binding]);
    else own.push(binding);
  }
  for (const { piece, compiled } of law) {
    if (compiled.kind !== 'policy' || bindings.has(compiled.policy.name)) continue;
    const message = `no binding names the policy ${quote(compiled.policy.name)}: it is never evaluated`;
    warnings.push(diagnose(piece, { code: 'policy-unbound', path: ['metadata', 'name'], message }));
  }
  return bindings;
}

function referenceFault(
  { policyName, paramRef }: BindingDraft,
  policies: ReadonlyMap<string, PolicyDraft | null>,
): { path: readonly string[]; message: string; fix?: string | undefined } | undefined {
  if (!nameForms['dns-subdomain'].holds(policyName)) return undefined;
  const policy = policies.get(policyName);
  if (policy === undefined) {
    const message = `there is no ValidatingAdmissionPolicy ${quote(policyName)} under the policy paths`;
    return {
      path: ['spec', 'policyName'],
      message,
      fix: suggest(policyName, [...policies.keys()]),
    };
  }
  if (policy === null || paramRef === null || policy.paramKind !== null) return undefined;
  const message = `the policy ${quote(policyName)} has no paramKind, so it takes no params`;
  return {
    path: ['spec', 'paramRef'],
    message,
    fix: 'remove paramRef, or give the policy a paramKind',
  };
}

type Assembling = {
  readonly bindings: Bindings;
  readonly imagePolicies: readonly ImagePolicy[];
  readonly settings: SettingsDraft;
  readonly files: readonly string[];
  readonly warnings: readonly Diagnostic[];
};

function assemble(
  law: readonly Entry[],
  { bindings, imagePolicies, settings, files, warnings }: Assembling,
): PolicySet {
  const policies: Policy[] = [];
  const params: FileParam[] = [];
  let podSecurity: PodSecurityDraft = compilePodSecurity({}, () => undefined);
  for (const { compiled } of law) {
    if (compiled.kind === 'policy') {
      const own = bindings.get(compiled.policy.name) ?? [];
      policies.push({ ...compiled.policy, bindings: [...own].sort(by(({ name }) => name)) });
    } else if (compiled.kind === 'param') params.push(compiled.param);
    else if (compiled.kind === 'pod-security') podSecurity = compiled.podSecurity;
  }
  const exceptions = exceptionsOf(law).map(({ exception }) => exception);
  policies.sort(by(({ name }) => name));
  params.sort(
    by(({ apiVersion, kind, namespace, name }) =>
      JSON.stringify([kind, namespace, name, apiVersion]),
    ),
  );
  const text = lawText(law.map(({ content }) => content));
  return deepFreeze({
    hash: hashOf(text),
    text,
    policies,
    policiesFor: resourceIndex(policies, settings.settings.workloads),
    params,
    podSecurity: { ...podSecurity, ...settings.podSecurity },
    imagePolicies: [...imagePolicies].sort(by(({ name }) => name)),
    settings: settings.settings,
    exceptions: [...exceptions].sort(by(({ name }) => name)),
    files,
    warnings,
    idle: [],
  });
}

function by<T>(key: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => {
    const [left, right] = [key(a), key(b)];
    return left < right ? -1 : left > right ? 1 : 0;
  };
}
