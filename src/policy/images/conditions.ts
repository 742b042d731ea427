// The CEL of a ClusterImagePolicy (`policy.type: cel`): which names it sees. They hold what was verified, and nothing else.
// Upstream: policy.type knows cue and rego only; what those are given is in pkg/webhook of sigstore/policy-controller.
import type { Scope } from '../../cel/program.ts';

/* Values, as the engine gives them (`roots` of the activation, all but object and namespaceObject in `extra`):
 * statement          the in-toto Statement, as it was signed
 * signature          of that statement: { issuer, subject ("" for a bare key), annotations, extensions (maps of text),
 *                    signedAt (a timestamp; no such key for a bare key, whose old signatures may be stamped anew) }
 * image              { registry: "docker.io", repository: "library/nginx", tag ("" beside a digest), digest }
 * object             the Pod, or the Pod made from the template of a workload
 * namespaceObject    as in ValidatingAdmissionPolicy
 * now                a timestamp
 * authorityMatches   a map from the name of each authority that is satisfied to { signatures: a list of signature,
 *                    attestations: a map from name to a list of { statement, signature } } */
const common = [
  { name: 'image', type: 'sekisho.Image' },
  { name: 'now', type: 'google.protobuf.Timestamp' },
];

function scopeOf(extra: NonNullable<Scope['extra']>): Scope {
  return {
    params: false,
    authorizer: false,
    roots: ['object', 'namespaceObject'],
    extra: [...common, ...extra],
  };
}

/** Of `authorities[].attestations[].policy`. */
export const attestationScope = scopeOf([
  { name: 'statement' },
  { name: 'signature', type: 'sekisho.Signature' },
]);

/** Of `spec.policy`. */
export const policyScope = scopeOf([
  { name: 'authorityMatches', type: 'map<string,sekisho.AuthorityMatch>' },
]);
