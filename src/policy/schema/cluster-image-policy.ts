// ClusterImagePolicy (policy.sigstore.dev/v1beta1 and v1alpha1, which have the same fields). Fields that are known and not
// supported are in it, so that their fault can say what to write instead.
// Upstream: pkg/apis/policy/v1beta1/clusterimagepolicy_types.go in github.com/sigstore/policy-controller.
import {
  anything,
  closed,
  draft,
  labelSelector,
  list,
  metadata,
  oneOf,
  type Schema,
  text,
} from './parts.ts';

export const imageModes = ['enforce', 'warn'] as const;
export const staticActions = ['pass', 'fail'] as const;
export const signatureFormats = ['legacy', 'bundle'] as const;

const filled = { minItems: 1 };
const unsupported: Schema = { ...anything, description: 'Not supported.' };

const key = closed({ data: text, hashAlgorithm: text, kms: unsupported, secretRef: unsupported });

const identity = closed({
  issuer: text,
  subject: text,
  issuerRegExp: text,
  subjectRegExp: text,
});

const keyless = closed(
  {
    identities: list(identity, filled),
    url: text,
    trustRootRef: text,
    insecureIgnoreSCT: { type: 'boolean' },
    'ca-cert': key,
  },
  ['identities'],
);

const policy = closed(
  {
    type: { ...oneOf(['cel', 'cue', 'rego']), description: 'cel; cue and rego are not supported.' },
    data: text,
    remote: unsupported,
    configMapRef: unsupported,
    fetchConfigFile: unsupported,
    includeSpec: unsupported,
    includeObjectMeta: unsupported,
    includeTypeMeta: unsupported,
  },
  ['type'],
);

const source = closed({
  oci: text,
  tagPrefix: text,
  signaturePullSecrets: list(closed({ name: text }, ['name'])),
});

const authority = closed({
  name: text,
  key,
  keyless,
  static: closed({ action: oneOf(staticActions), message: text }, ['action']),
  source: list(source),
  ctlog: closed({ url: text, trustRootRef: text }),
  rfc3161timestamp: closed({ trustRootRef: text }, ['trustRootRef']),
  signatureFormat: oneOf(signatureFormats),
  attestations: list(
    closed({ name: text, predicateType: text, policy }, ['name', 'predicateType']),
  ),
});

const match = closed({ group: text, version: text, resource: text, selector: labelSelector }, [
  'resource',
]);

export const clusterImagePolicySchema: Schema = {
  $schema: draft,
  title: 'ClusterImagePolicy',
  ...closed(
    {
      apiVersion: oneOf(['policy.sigstore.dev/v1beta1', 'policy.sigstore.dev/v1alpha1']),
      kind: oneOf(['ClusterImagePolicy']),
      metadata,
      spec: closed(
        {
          images: list(closed({ glob: text }, ['glob']), filled),
          authorities: list(authority, filled),
          policy,
          mode: oneOf(imageModes),
          match: list(match),
        },
        ['images', 'authorities'],
      ),
      status: anything,
    },
    ['apiVersion', 'kind', 'metadata', 'spec'],
  ),
};
