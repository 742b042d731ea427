// TrustRoot (policy.sigstore.dev/v1alpha1): keys and certificates of a Sigstore of one's own. `[]byte` is base64 of PEM.
// Upstream: pkg/apis/policy/v1alpha1/trustroot_types.go in github.com/sigstore/policy-controller.
import { anything, closed, draft, list, metadata, oneOf, type Schema, text } from './parts.ts';

const authority = closed(
  {
    subject: closed({ organization: text, commonName: text }, ['organization', 'commonName']),
    uri: text,
    certChain: text,
  },
  ['subject', 'uri', 'certChain'],
);

const log = closed({ baseURL: text, hashAlgorithm: text, publicKey: text }, [
  'baseURL',
  'hashAlgorithm',
  'publicKey',
]);

const unsupported: Schema = { ...anything, description: 'Not supported: nothing is fetched.' };

export const trustRootSchema: Schema = {
  $schema: draft,
  title: 'TrustRoot',
  ...closed(
    {
      apiVersion: oneOf(['policy.sigstore.dev/v1alpha1']),
      kind: oneOf(['TrustRoot']),
      metadata,
      spec: closed({
        sigstoreKeys: closed({
          certificateAuthorities: list(authority),
          ctLogs: list(log),
          tLogs: list(log),
          timestampAuthorities: list(authority),
        }),
        remote: unsupported,
        repository: unsupported,
      }),
      status: anything,
    },
    ['apiVersion', 'kind', 'metadata', 'spec'],
  ),
};
