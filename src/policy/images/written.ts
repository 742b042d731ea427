// ClusterImagePolicy and TrustRoot as they are written, once the schema knows the types of their fields.
import type { JsonValue } from '../../base/json.ts';
import type { WrittenSelector } from '../../k8s/selector.ts';
import type { WrittenMetadata } from '../written.ts';

export type WrittenKey = {
  readonly data?: string;
  readonly hashAlgorithm?: string;
  readonly kms?: JsonValue;
  readonly secretRef?: JsonValue;
};

export type WrittenIdentity = {
  readonly issuer?: string;
  readonly subject?: string;
  readonly issuerRegExp?: string;
  readonly subjectRegExp?: string;
};

export type WrittenKeyless = {
  readonly identities?: readonly WrittenIdentity[];
  readonly url?: string;
  readonly trustRootRef?: string;
  readonly insecureIgnoreSCT?: boolean;
  readonly 'ca-cert'?: WrittenKey;
};

export type WrittenCondition = {
  readonly type?: string;
  readonly data?: string;
  readonly remote?: JsonValue;
  readonly configMapRef?: JsonValue;
  readonly fetchConfigFile?: JsonValue;
  readonly includeSpec?: JsonValue;
  readonly includeObjectMeta?: JsonValue;
  readonly includeTypeMeta?: JsonValue;
};

export type WrittenSource = {
  readonly oci?: string;
  readonly tagPrefix?: string;
  readonly signaturePullSecrets?: readonly { readonly name?: string }[];
};

export type WrittenAuthority = {
  readonly name?: string;
  readonly key?: WrittenKey;
  readonly keyless?: WrittenKeyless;
  readonly static?: { readonly action?: string; readonly message?: string };
  readonly source?: readonly WrittenSource[];
  readonly ctlog?: { readonly url?: string; readonly trustRootRef?: string };
  readonly rfc3161timestamp?: { readonly trustRootRef?: string };
  readonly signatureFormat?: string;
  readonly attestations?: readonly {
    readonly name?: string;
    readonly predicateType?: string;
    readonly policy?: WrittenCondition;
  }[];
};

export type WrittenImageMatch = {
  readonly group?: string;
  readonly version?: string;
  readonly resource?: string;
  readonly selector?: WrittenSelector;
};

export type WrittenImagePolicy = {
  readonly metadata?: WrittenMetadata;
  readonly spec?: {
    readonly images?: readonly { readonly glob?: string }[];
    readonly authorities?: readonly WrittenAuthority[];
    readonly policy?: WrittenCondition;
    readonly mode?: string;
    readonly match?: readonly WrittenImageMatch[];
  };
};

export type WrittenCertificateAuthority = {
  readonly subject?: { readonly organization?: string; readonly commonName?: string };
  readonly uri?: string;
  readonly certChain?: string;
};

export type WrittenLog = {
  readonly baseURL?: string;
  readonly hashAlgorithm?: string;
  readonly publicKey?: string;
};

export type WrittenTrustRoot = {
  readonly metadata?: WrittenMetadata;
  readonly spec?: {
    readonly sigstoreKeys?: {
      readonly certificateAuthorities?: readonly WrittenCertificateAuthority[];
      readonly ctLogs?: readonly WrittenLog[];
      readonly tLogs?: readonly WrittenLog[];
      readonly timestampAuthorities?: readonly WrittenCertificateAuthority[];
    };
    readonly remote?: JsonValue;
    readonly repository?: JsonValue;
  };
};
