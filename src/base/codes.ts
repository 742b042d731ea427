// The closed list of codes: every fault, finding, error and skip that a user, a program or a record can meet.
// docs/codes.md is made from this table, and a test holds the two together. A code is never reused or renamed.
export const codes = {
  // What was violated (evaluation `fail`).
  'validation-failed': 'A validation of a ValidatingAdmissionPolicy came out false.',
  'pod-security-violation': 'A Pod Security control of the level that applies is not met.',
  'pod-security-label': 'A Pod Security label of a Namespace has a value that is not known.',

  // Why an image policy refuses an image: what was found out, and is not what it asks for (evaluation `fail`).
  'image-reference': 'The name of an image is not one that container runtimes read.',
  'image-not-covered': 'No ClusterImagePolicy covers an image.',
  'image-count': 'An object names more images than are verified for one request.',
  'image-tag': 'An image is named by a tag, which may name another image tomorrow.',
  'image-static': 'A ClusterImagePolicy refuses every image that it covers.',
  'image-unsigned': 'An image has no signature at all that an authority could accept.',
  'image-signer': 'An image is signed or attested, but not by those whom the policy trusts.',
  'image-signature': 'An image has a signature, but none that is valid.',
  'image-attestation': 'An image lacks an attestation that a policy asks for.',
  'image-condition':
    'What is signed and attested of an image does not meet a condition of the policy.',

  // What could not be decided (evaluation `error`; in `check` some are `unknown`).
  'expression-error': 'An expression of a policy ended in an error.',
  'cost-exceeded': 'An expression or a policy ran past its cost budget.',
  'params-not-found': 'A binding found no params and says that this denies.',
  'params-invalid': 'A binding cannot be used for this object: its paramRef does not fit.',
  'params-unavailable': 'The params of a binding could not be had.',
  'namespace-unavailable': 'The namespace of the object could not be had.',
  'inventory-unavailable':
    'The pods of a namespace could not be listed: a change of its labels is then not held against them.',
  'authorizer-unavailable': 'The authorizer of the API server could not be asked.',
  'cluster-stale':
    'What is known of the cluster is older than is allowed, and the API server cannot be asked.',
  'value-unknown': 'A value that a rule reads was redacted or not recorded.',
  'selector-invalid': 'A label selector of a policy or binding cannot be used.',
  'equivalent-version':
    'A policy matches another version of this kind; the object would have to be converted first.',
  'malformed-object': 'A field of the object has a type that Kubernetes does not allow there.',
  'inconsistent-review': 'The kind and the resource of the review do not belong together.',
  'deadline-exceeded': 'The decision was not ready before the deadline of the API server.',
  overloaded: 'Overloaded, retry: more requests came than can be answered in time.',
  'record-failed':
    'Audit log unavailable: the decision could not be recorded, so it is not allowed.',
  'ledger-broken':
    'The ledger cannot be continued: its last record is not whole, or it ends before its own newest checkpoint.',
  'ledger-locked': 'Another process holds the ledger.',
  'policies-unavailable': 'No policy set is loaded.',
  'internal-error': 'A fault of Sekisho itself; it is logged, and the request is refused.',

  // Why a rule was not evaluated (evaluation `skip`).
  'images-not-verified': 'Image policies are not evaluated without --verify-images.',

  'templates-unchanged':
    'An update leaves all pod templates of an object as they were, and they are too many to judge again.',
  'image-unchanged': 'An update leaves an image as it was: it is not verified again.',

  // What could not be found out from a registry: never the same as "there is no signature".
  'registry-not-allowed':
    'An image names a registry that is never asked: no policy allows it, or it is the node, a metadata service or the API server.',
  'registry-unreachable': 'A registry cannot be reached, or failed too often to be asked now.',
  'registry-untrusted': 'The certificate of a registry is not one that is trusted.',
  'registry-denied': 'A registry does not let us read: credentials are missing or do not suffice.',
  'registry-credentials': 'Credentials for registries cannot be used.',
  'registry-busy': 'A registry has too many requests.',
  'registry-failing': 'A registry answers that something is wrong on its side.',
  'registry-timeout': 'A registry did not answer in time.',
  'registry-answer': 'A registry answers what the OCI distribution specification does not know.',
  'registry-digest': 'A registry sent other bytes than the digest says.',
  'registry-limit': 'A registry sends more than is read.',

  // Why what is attached to an image does not count as its signature or attestation.
  'image-artefact-missing': 'A registry lists an artefact of an image and does not have it.',
  'image-artefact-size': 'An artefact of an image is larger than is read.',
  'image-artefact-unreadable': 'An artefact of an image is not what its media type says.',
  'image-signature-message': 'A bundle signs a file, not an image.',
  'image-signature-type': 'What is signed is no signature or statement about an image.',
  'image-signature-digest': 'A signature is of another image.',
  'image-signature-method':
    'A signature is made with a certificate where a key is asked for, or the other way round.',
  'image-signature-key': 'A signature is made with none of the keys of the authority.',
  'image-signature-invalid': 'A signature does not fit what it signs: one of them was changed.',
  'image-signature-certificate':
    'What should be the certificate of a signature is none for signing.',
  'image-signature-chain': 'The certificate of a signature is not issued by the trust root.',
  'image-signature-expired':
    'A certificate was not valid, or not yet trusted, when the signature was made.',
  'image-signature-sct': 'No certificate log of the trust root has seen the certificate.',
  'image-signature-identity': 'A signature is valid, and made by somebody else.',
  'image-signature-log-missing': 'A signature is not in a transparency log.',
  'image-signature-log': 'No log of the trust root vouches for the log entry of a signature.',
  'image-signature-log-other': 'The log entry beside a signature is of another signature or key.',
  'image-signature-log-kind': 'The log entry of a signature is of a kind that is not read.',
  'image-signature-time-missing':
    'Nobody whom the trust root knows says when a signature was made.',
  'image-signature-timestamp': 'No timestamp authority of the trust root vouches for a timestamp.',
  'image-attestation-type': 'An attestation has another predicate type than the policy asks for.',

  // Why an image could not be verified.
  'image-not-found': 'The registry has no such image.',
  'image-artefacts-limit': 'An image has more artefacts than are read.',
  'image-timeout': 'An image could not be verified before the deadline of the request.',
  'image-trust-root': 'A trust root cannot be used.',
  'image-verification-stopped': 'The verification of an image did not end and was stopped.',

  // Requests that cannot be tied to a uid (HTTP 400, 413, 415) or cannot be read.
  'review-empty': 'The request has no body.',
  'review-too-large': 'The request body is larger than the limit.',
  'review-too-deep': 'The request body is nested deeper than the limit.',
  'review-duplicate-key': 'An object in the request body has the same key twice.',
  'review-syntax': 'The request body is not JSON.',
  'review-kind': 'The request body is not an admission.k8s.io/v1 AdmissionReview.',
  'review-malformed': 'A field of the AdmissionReview is missing or has the wrong type.',
  'content-type': 'The content type is not application/json.',
  'path-unknown': 'The server has nothing under this path and method.',

  // Files that cannot be read.
  'file-unreadable': 'A file or folder cannot be read.',
  'file-unwritable': 'A file cannot be written.',
  'fix-by-hand':
    'A patch is proven, but cannot be written into the file without changing more than it says.',
  'file-none': 'No YAML or JSON file was found under a path.',
  'yaml-syntax': 'The text is not YAML (or JSON).',
  'yaml-too-large': 'The file is larger than the limit.',
  'yaml-too-deep': 'The document is nested deeper than the limit.',
  'yaml-alias-limit': 'Aliases make the document larger than the limit.',
  'yaml-duplicate-key': 'A mapping has the same key twice.',
  'yaml-key': 'A mapping key is not a scalar.',
  'yaml-tag': 'A tag is not one that Kubernetes tools read.',
  'manifest-none': 'There is no manifest in any of the files.',
  'cases-none': 'There is no case of a PolicyTest in any of the files, or none that was asked for.',
  'manifest-kind': 'A document has no apiVersion or no kind.',
  'manifest-malformed': 'A document is not a Kubernetes object.',

  // Policies that cannot be loaded.
  'policy-kind': 'A document under a policy path is of a kind that is not read there.',
  'policy-field': 'A field of a policy document is missing, unknown or of the wrong type.',
  'policy-duplicate': 'One path holds two documents of the same apiVersion, kind and name.',
  'policy-reference': 'A document names another one that does not exist or does not fit.',
  'policy-annotation': 'An annotation of Sekisho cannot be read.',
  'policy-unbound': 'A policy has no binding, so it is never evaluated (a warning).',
  'policy-unsupported':
    'A policy uses a part of its format that is not supported; the fix says what to write instead.',
  'image-key': 'A public key or certificate in a policy cannot be used.',
  'image-identity':
    'A pattern for the issuer or subject of a signature lets in more than it seems to (a warning).',
  'image-glob': 'A glob covers more or fewer images than it seems to (a warning).',
  'exception-overlap': 'Two exceptions may excuse the same finding.',
  'exception-expiry': 'An exception ends later than the settings allow.',
  'exception-expired': 'An exception has expired and excuses nothing (a warning).',
  'audit-only': 'The settings say that nothing is refused (a warning).',
  'policy-idle': 'A file under a policy path holds comments alone (a note at start).',
  'policies-empty': 'The policy paths hold no policy.',
  'cel-syntax': 'An expression is not CEL.',
  'cel-unknown': 'An expression uses a name, function or form that is not there.',
  'cel-type':
    'An expression has the wrong type, or uses an operator or function on types that it does not take.',
  'cel-regex': 'A regular expression is not RE2.',
  'cel-limit': 'An expression is larger or nested deeper than the limit.',

  // Settings and flags.
  'flag-invalid': 'A flag or argument cannot be used.',
  'webhook-lockout':
    'A policy is about something that must never wait for a webhook, or the cluster could not come back.',
  'key-list': 'A file is not a list of the public keys of ledgers.',
  'line-malformed': 'A line of JSON Lines is not JSON, or lacks what it must say.',
  'config-field': 'A field of the Configuration is missing, unknown or of the wrong type.',
  'tls-unusable': 'A certificate or key file cannot be used.',
  'tls-validity':
    'A certificate has expired, is not valid yet, or should have been renewed (a warning).',
  'listen-failed': 'The server cannot listen on an address.',
} as const satisfies Record<string, string>;

export type Code = keyof typeof codes;
