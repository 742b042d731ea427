// A keyless signature that no log has, only a timestamp authority: cosign cannot ask the mock one, so the builders of
// sigstore-js make the bundle, and it is attached here as cosign attaches one.
import { bundleToJSON } from '@sigstore/bundle';
import { DSSEBundleBuilder, FulcioSigner, TSAWitness } from '@sigstore/sign';
import { pushBlob, pushManifest, sizeOf } from './registry-program.ts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** `image`: `host:port/repository@sha256:…`. */
export async function attachStamped(
  place: string,
  image: string,
  token: string,
  servicesUrl: string,
): Promise<void> {
  const digest = image.slice(image.indexOf('@') + 1);
  const bundle = Buffer.from(JSON.stringify(await stampedBundle(digest, token, servicesUrl)));
  const empty = Buffer.from('{}');
  const attached = {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: bundleType,
    config: await described(place, empty, 'application/vnd.oci.empty.v1+json'),
    layers: [await described(place, bundle, bundleType)],
    subject: { mediaType: manifestType, digest, size: await sizeOf(place, digest) },
  };
  const listed = {
    mediaType: manifestType,
    digest: await pushManifest(place, '', attached),
    size: Buffer.byteLength(JSON.stringify(attached)),
    artifactType: bundleType,
  };
  await pushManifest(place, digest.replace(':', '-'), {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [listed],
  });
}

async function described(
  place: string,
  bytes: Buffer,
  mediaType: string,
): Promise<{ mediaType: string; digest: string; size: number }> {
  return { mediaType, digest: await pushBlob(place, bytes), size: bytes.length };
}

async function stampedBundle(digest: string, token: string, url: string): Promise<object> {
  const signer = new FulcioSigner({
    fulcioBaseURL: url,
    identityProvider: { getToken: () => Promise.resolve(token) },
  });
  const builder = new DSSEBundleBuilder({
    signer,
    witnesses: [new TSAWitness({ tsaBaseURL: url })],
  });
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: digest.replace('sha256:', '') }, annotations: { env: 'prod' } }],
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    predicate: {},
  };
  const type = 'application/vnd.in-toto+json';
  return bundleToJSON(await builder.create({ data: Buffer.from(JSON.stringify(statement)), type }));
}
