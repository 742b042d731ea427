// Trust roots as the library wants them, each parsed once. Upstream: sigstore's TrustedRoot in its JSON form.
import { createHash } from 'node:crypto';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { type TrustMaterial, toTrustMaterial } from '@sigstore/verify';
import { canonicalJson } from '../../base/json.ts';
import type { TrustRoot } from '../model.ts';

export type Trust = {
  readonly name: string;
  /** Of its content: equal ids vouch for the same. */
  readonly id: string;
  readonly material: TrustMaterial;
};

/** Policies have a handful. */
const maxKept = 64;

/** Throws what the library throws on what is no trust root. */
export function openTrustRoots(): (root: TrustRoot) => Trust {
  const kept = new Map<string, TrustMaterial>();
  return ({ name, json }) => {
    const id = createHash('sha256').update(canonicalJson(json)).digest('hex');
    const material = kept.get(id) ?? toTrustMaterial(TrustedRoot.fromJSON(json));
    if (kept.size >= maxKept) kept.clear();
    kept.set(id, material);
    return { name, id, material };
  };
}
