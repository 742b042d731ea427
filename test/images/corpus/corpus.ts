// The committed corpus for tests: what is attached to its images, and authorities that its signers satisfy.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Digest } from '../../../src/base/brand.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import { ok } from '../../../src/base/result.ts';
import type { Artefact } from '../../../src/images/artefact.ts';
import { discover } from '../../../src/images/discover.ts';
import type {
  Authority,
  AuthorityId,
  Identity,
  Signers,
  TrustRoot,
} from '../../../src/images/model.ts';
import type { Registry } from '../../../src/images/registry/registry.ts';
import { Content, digestOf } from '../fake-registry/content.ts';

const folder = fileURLToPath(new URL('../../fixtures/images/', import.meta.url));

/** One more of it, to be changed. */
export const copyOfCorpus = (): Content => Content.fromFolder(join(folder, 'registry'));
export const corpus = copyOfCorpus();
const rootText = readFileSync(join(folder, 'trusted-root.json'), 'utf8');
export const localRoot: TrustRoot = { name: 'local', json: JSON.parse(rootText) };

export const issuer = 'https://token.actions.githubusercontent.com';
export const subject =
  'https://github.com/acme/shop/.github/workflows/release.yml@refs/tags/v1.4.0';
export const scanType = 'https://cosign.sigstore.dev/attestation/vuln/v1';
export const provenanceType = 'https://slsa.dev/provenance/v1';

export const keyPem = (name: string): string =>
  readFileSync(join(folder, 'keys', `${name}.pub`), 'utf8');

export const exact = (text: string) => ({ kind: 'exact', text }) as const;
export const pattern = (source: string) => ({ kind: 'pattern', source }) as const;

const release: Identity = { issuer: exact(issuer), subject: exact(subject) };

type More = Partial<Omit<Authority, 'signers' | 'id' | 'name'>>;

function authority(signers: Signers, more: More): Authority {
  const rest = {
    name: 'release',
    transparencyLog: null,
    timestamps: null,
    sources: [],
    signatureFormat: null,
    predicateTypes: [],
    ...more,
  };
  const text = JSON.stringify({ signers, rest });
  const id = createHash('sha256').update(text).digest('hex') as AuthorityId;
  return { id, signers, ...rest };
}

export function keyed(keys: string | readonly string[], more: More = {}): Authority {
  const names = typeof keys === 'string' ? [keys] : keys;
  return authority({ kind: 'keys', keys: names.map(keyPem), hashAlgorithm: null }, more);
}

export function withKeys(keys: readonly string[], more: More = {}): Authority {
  return authority({ kind: 'keys', keys, hashAlgorithm: null }, more);
}

export type KeylessParts = {
  readonly identities?: readonly Identity[];
  readonly trustRoot?: TrustRoot;
  readonly insecureIgnoreSCT?: boolean;
};

export function keyless(parts: KeylessParts = {}, more: More = {}): Authority {
  const signers = { identities: [release], trustRoot: localRoot, insecureIgnoreSCT: false };
  return authority({ kind: 'keyless', ...signers, ...parts }, more);
}

/** A trust root without some of what it has. */
export function rootWith(changes: JsonObject, name = 'changed'): TrustRoot {
  return { name, json: { ...localRoot.json, ...changes } };
}

/** A registry without a network, for what is in memory. */
export function registryOf(content: Content): Registry {
  const found = (path: string, reference: string): Digest | undefined =>
    content.tagged(path, reference) ??
    (content.bytes(reference) === undefined ? undefined : (reference as Digest));
  return {
    resolve: async ({ path }, tag) => ok(content.tagged(path, tag) ?? null),
    manifest: async ({ path }, reference) => {
      const digest = found(path, reference);
      const body = content.bytes(digest ?? '');
      if (digest === undefined || body === undefined) return ok(null);
      return ok({ digest, mediaType: '', value: JSON.parse(body.toString()) });
    },
    blob: async (_repository, digest) => ok(content.bytes(digest) ?? null),
    referrers: async ({ path }, digest) => {
      const list = content.bytes(content.tagged(path, digest.replace(':', '-')) ?? '');
      const listed = list === undefined ? [] : JSON.parse(list.toString()).manifests;
      return ok({ listed, complete: true });
    },
  };
}

export function imageOf(repository: string, tag = '1.4'): Digest {
  const digest = corpus.tagged(repository, tag);
  if (digest === undefined) throw new Error(`the corpus has no ${repository}:${tag}`);
  return digest;
}

/** All that is attached to an image of the corpus. */
export async function attachedTo(repository: string): Promise<readonly Artefact[]> {
  const registry = registryOf(corpus);
  const asking = { credentials: null, signal: new AbortController().signal };
  const founds = [];
  for (const kind of ['signature', 'attestation', 'bundle'] as const) {
    const place = { repository: { registry: 'corpus', path: repository }, tagPrefix: '', kind };
    founds.push(await discover(registry, place, imageOf(repository), asking));
  }
  return founds.flatMap(({ artefacts }) => artefacts);
}

/** An artefact with another body, and the digest of that. */
export function withBody(artefact: Artefact, text: string | Uint8Array): Artefact {
  const body = Buffer.from(text);
  return { ...artefact, body, digest: digestOf(body) };
}
