// Every object of a layer with what it compiles to. Overridden ones too: a fault anywhere is a fault.
import type { Diagnostic } from '../base/diagnostic.ts';
import { isObject, type JsonValue } from '../base/json.ts';
import { quote } from '../base/text.ts';
import type { TrustRoot } from '../images/model.ts';
import type { SourceDocument } from '../yaml/document.ts';
import { podSecurityInside } from './admission-configuration.ts';
import { type BindingDraft, compileBinding } from './compile-binding.ts';
import { compileException } from './compile-exception.ts';
import { compilePolicy, type PolicyDraft } from './compile-policy.ts';
import { diagnose, type Report, reporter } from './faults.ts';
import { withoutServerFields, withoutStatus } from './hash.ts';
import { compileImagePolicy, type ImagePolicyDraft } from './images/policy.ts';
import { compileTrustRoot } from './images/trust-root.ts';
import { type Identity, identityOf, isSecret, overrideKey, roleOf, unreadKind } from './kinds.ts';
import type { Exception, FileParam } from './model.ts';
import { compileParam, kindKey, placed } from './params.ts';
import { type Piece, piecesOf } from './pieces.ts';
import { compilePodSecurity, type PodSecurityDraft } from './pod-security.ts';
import { compileSettings, type SettingsDraft } from './settings.ts';
import type { Shape, Shapes } from './shape.ts';

export type Compiled =
  | { readonly kind: 'policy'; readonly policy: PolicyDraft }
  | { readonly kind: 'binding'; readonly binding: BindingDraft }
  | { readonly kind: 'param'; readonly param: FileParam }
  | { readonly kind: 'pod-security'; readonly podSecurity: PodSecurityDraft }
  | { readonly kind: 'settings'; readonly settings: SettingsDraft }
  | { readonly kind: 'exception'; readonly exception: Exception }
  | { readonly kind: 'image-policy'; readonly imagePolicy: ImagePolicyDraft }
  | { readonly kind: 'trust-root'; readonly trustRoot: TrustRoot }
  /** A fault keeps it from being anything. */
  | { readonly kind: 'faulty' };

export type Entry = {
  readonly piece: Piece;
  readonly identity: Identity;
  readonly compiled: Compiled;
  /** What the hash covers. */
  readonly content: JsonValue;
  /** Nothing is wrong with it, taken by itself. */
  readonly sound: boolean;
};

export type Reading = {
  readonly shapes: Shapes;
  readonly paramKinds: ReadonlySet<string>;
  /** Of PolicySettings, wherever they stand. */
  readonly kubernetesVersion: string | undefined;
  readonly faults: Diagnostic[];
  readonly warnings: Diagnostic[];
};

/** The objects of one layer that are read, in the order of the documents. */
export function piecesOfLayer(
  layer: readonly SourceDocument[],
  { shapes, faults, warnings }: Omit<Reading, 'paramKinds' | 'kubernetesVersion'>,
): readonly Piece[] {
  return layer.flatMap(piecesOf).flatMap((piece) => {
    const role = roleOf(identityOf(piece.value));
    if (role === 'test') return [];
    if (role !== 'admission-configuration') return [piece];
    return podSecurityInside(piece, shapes, faults, warnings);
  });
}

export function entryOf(piece: Piece, reading: Reading): Entry {
  const identity = identityOf(piece.value);
  const telling = {
    report: reporter(piece, reading.faults),
    warn: reporter(piece, reading.warnings),
  };
  const before = reading.faults.length;
  const made = compileOne(piece, identity, telling, reading);
  return { piece, ...made, sound: reading.faults.length === before };
}

type Made = Omit<Entry, 'piece' | 'sound'>;

/** `warn` takes what is allowed and hardly meant. */
type Telling = { readonly report: Report; readonly warn: Report };

function compileOne(
  { value }: Piece,
  identity: Identity,
  { report, warn }: Telling,
  { shapes, paramKinds, kubernetesVersion }: Reading,
): Made {
  const made = <T>(shape: Shape<T>, compile: (written: T) => Compiled): Made => {
    const shaped = shape(value, report);
    if (shaped === undefined) return faulty(identity);
    const { written, content } = shaped;
    return { identity, compiled: compile(written), content: lawOf(content) };
  };
  switch (roleOf(identity)) {
    case 'policy':
      return made(shapes.policy, (written) => ({
        kind: 'policy',
        policy: compilePolicy(written, report, kubernetesVersion),
      }));
    case 'binding':
      return made(shapes.binding, (written) => ({
        kind: 'binding',
        binding: compileBinding(written, report),
      }));
    case 'pod-security':
      return made(shapes.podSecurity, (written) => ({
        kind: 'pod-security',
        podSecurity: compilePodSecurity(written, report),
      }));
    case 'settings':
      return made(shapes.settings, (written) => ({
        kind: 'settings',
        settings: compileSettings(written, report),
      }));
    case 'exception':
      return made(shapes.exception, (written) => ({
        kind: 'exception',
        exception: compileException(written, report),
      }));
    case 'image-policy':
      return made(shapes.imagePolicy, (written) => ({
        kind: 'image-policy',
        imagePolicy: compileImagePolicy(written, report, warn),
      }));
    case 'trust-root':
      return made(shapes.trustRoot, (written) => ({
        kind: 'trust-root',
        trustRoot: compileTrustRoot(written, report),
      }));
    default:
      return paramOrFault(value, identity, report, paramKinds);
  }
}

function faulty(identity: Identity): Made {
  return { identity, compiled: { kind: 'faulty' }, content: null };
}

function lawOf(content: JsonValue): JsonValue {
  return isObject(content) ? withoutServerFields(withoutStatus(content)) : content;
}

function paramOrFault(
  value: JsonValue,
  identity: Identity,
  report: Report,
  paramKinds: ReadonlySet<string>,
): Made {
  const isParam = paramKinds.has(kindKey(identity.apiVersion, identity.kind));
  if (!isObject(value) || !isParam || isSecret(identity)) {
    report(unreadKind(identity));
    return faulty(identity);
  }
  const param = compileParam(value, identity, report);
  return { identity: placed(identity), compiled: { kind: 'param', param }, content: param.object };
}

/** Of the same group, kind and name the entry of the last layer; twice in one layer is a fault. */
export function effective(
  layers: readonly (readonly Entry[])[],
  faults: Diagnostic[],
): readonly Entry[] {
  const last = new Map<string, Entry>();
  for (const layer of layers) {
    const own = new Map<string, Entry>();
    for (const entry of layer) {
      const key = overrideKey(entry.identity);
      if (key === undefined) continue;
      const first = own.get(key);
      if (first === undefined) own.set(key, entry);
      else faults.push(duplicate(entry, first));
    }
    for (const [key, entry] of own) last.set(key, entry);
  }
  return [...last.values()];
}

function duplicate({ piece, identity }: Entry, { piece: first }: Entry): Diagnostic {
  const { kind, name } = identity;
  const { line } = first.document.position(first.base);
  const what = name === '' ? kind : `${kind} ${quote(name)}`;
  return diagnose(piece, {
    code: 'policy-duplicate',
    path: ['metadata', 'name'],
    message: `${what} is already at ${first.document.file}:${line}`,
    fix: 'remove one of them; only a later path may override',
  });
}
