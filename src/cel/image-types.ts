// The types of what a condition on an image sees: verified data only.
// Upstream: the input of CUE and Rego policies in github.com/sigstore/policy-controller, pkg/webhook.
import { dyn, listOf, mapOf, string, type Type, type } from './type.ts';

const texts = mapOf(string, string);
const signature = type('sekisho.Signature');
const image = type('sekisho.Image');
const attestation = type('sekisho.Attestation');
const match = type('sekisho.AuthorityMatch');

/** By name, as `parseType` reads them. */
export const imageStructs: ReadonlyMap<string, Readonly<Record<string, Type>>> = new Map([
  [
    signature.name,
    {
      issuer: string,
      subject: string,
      annotations: texts,
      signedAt: type('google.protobuf.Timestamp'),
      extensions: texts,
    },
  ],
  [image.name, { registry: string, repository: string, tag: string, digest: string }],
  [attestation.name, { statement: dyn, signature }],
  [match.name, { signatures: listOf(signature), attestations: mapOf(string, listOf(attestation)) }],
]);
