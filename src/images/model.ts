// The words of image verification: what an authority asks for, and the verified evidence that answers it. Conditions in
// CEL are the engine's; nothing here has been decided. Upstream: policy.sigstore.dev ClusterImagePolicy and TrustRoot.
import type { Brand, Digest } from '../base/brand.ts';
import type { Code } from '../base/codes.ts';
import type { JsonObject } from '../base/json.ts';

/** sha256 over everything that verification under an authority depends on: keys, identities, trust root, sources. */
export type AuthorityId = Brand<string, 'AuthorityId'>;

export type HashAlgorithm = 'sha256' | 'sha384' | 'sha512';

/** `pattern` is RE2 and unanchored, as cosign has it. */
export type TextRule =
  | { readonly kind: 'exact'; readonly text: string }
  | { readonly kind: 'pattern'; readonly source: string };

/** null: any; an identity always has at least one of the two, else it does not load. */
export type Identity = { readonly issuer: TextRule | null; readonly subject: TextRule | null };

/** `json` is sigstore's TrustedRoot in its JSON form, checked at load. */
export type TrustRoot = { readonly name: string; readonly json: JsonObject };

export type Signers =
  /** PEM of the SubjectPublicKeyInfo; any of them. */
  | {
      readonly kind: 'keys';
      readonly keys: readonly string[];
      /** null: what the type of the key says. */
      readonly hashAlgorithm: HashAlgorithm | null;
    }
  | {
      readonly kind: 'keyless';
      readonly identities: readonly Identity[];
      readonly trustRoot: TrustRoot;
      readonly insecureIgnoreSCT: boolean;
    };

/** Where else signatures of an image are looked for. */
export type SignatureSource = {
  /** `registry.example.com/signatures`; "" is the image's own repository. */
  readonly repository: string;
  readonly tagPrefix: string;
  /** Names of Secrets in the namespace of the pod, as upstream. */
  readonly pullSecrets: readonly string[];
};

export type Authority = {
  readonly id: AuthorityId;
  readonly name: string;
  readonly signers: Signers;
  /** A transparency log must have the signature; null: not asked for (keyless asks for it or for a timestamp anyway). */
  readonly transparencyLog: TrustRoot | null;
  /** A timestamp authority must have stamped it. */
  readonly timestamps: TrustRoot | null;
  /** Empty: the image's own repository. */
  readonly sources: readonly SignatureSource[];
  /** null: both are tried. */
  readonly signatureFormat: 'legacy' | 'bundle' | null;
  /** Of the attestations that are wanted; empty: signatures are. */
  readonly predicateTypes: readonly string[];
};

/** `image`: normalised name, with the digest where there is one, else with its tag. */
export type ImageQuestion = {
  readonly image: string;
  readonly authorities: readonly Authority[];
  /** Where the pull secrets of the pod are. */
  readonly namespace: string;
  readonly pullSecrets: readonly string[];
  readonly serviceAccount: string;
};

/** What is known of one valid signature, its texts only from verified bytes. */
export type VerifiedSignature = {
  readonly format: 'legacy' | 'bundle';
  /** Of the blob or bundle that holds it. */
  readonly artefact: Digest;
  /** Hex sha256 of the SubjectPublicKeyInfo that verified it. */
  readonly key: string;
  /** null for a bare key. */
  readonly issuer: string | null;
  readonly subject: string | null;
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339: the time that the log or the timestamp authority vouches for. */
  readonly signedAt: string | null;
  readonly logIndex: string | null;
  /** Fulcio's, by name where it has one, else by OID. */
  readonly extensions: Readonly<Record<string, string>>;
};

export type VerifiedAttestation = VerifiedSignature & {
  readonly predicateType: string;
  /** The in-toto Statement. */
  readonly statement: JsonObject;
};

/** Found, and not good: which artefact, and what is wrong with it. Bounded in number. */
export type Rejected = {
  readonly artefact: string;
  readonly code: Code;
  /** To be read after the artefact and a colon. */
  readonly message: string;
};

export type AuthorityEvidence = {
  readonly authority: AuthorityId;
  readonly name: string;
  readonly signatures: readonly VerifiedSignature[];
  readonly attestations: readonly VerifiedAttestation[];
  readonly rejected: readonly Rejected[];
  /** What could not be fetched: unless this is empty, what was not found may be there, and is not "unsigned". */
  readonly faults: readonly ImageFault[];
};

/** Of one image by digest, for each authority that was asked for, in that order. */
export type ImageEvidence = {
  /** Normalised name, without tag and digest. */
  readonly repository: string;
  readonly digest: Digest;
  readonly authorities: readonly AuthorityEvidence[];
};

/** What could not be found out; never the same as "there is no signature". */
export type ImageFault = { readonly code: Code; readonly message: string };

/** Milliseconds: by when there must be an answer, and how old it may be; null: no bound. */
export type ImageBounds = { readonly within: number | null; readonly maxAge: number | null };
