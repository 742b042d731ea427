// The name of an image as container runtimes read it: which registry, which path there, which tag and digest.
// Upstream: ParseNormalizedNamed and TagNameOnly in github.com/distribution/reference.
import { parseDigest } from '../base/brand.ts';
import { err, ok, type Result } from '../base/result.ts';
import { imageNameFault, type SplitImage } from './image-name-fault.ts';

export type ImageReference = {
  /** `docker.io`, `registry.example.com:5000`; in the case that it was written in. */
  readonly registry: string;
  /** `library/nginx` */
  readonly path: string;
  /** `latest` where neither tag nor digest is written; null: only a digest is. A digest beside it wins. */
  readonly tag: string | null;
  /** Of any algorithm that runtimes know; see `unverifiable`. */
  readonly digest: string | null;
};

const host = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const domain = `(?:${host}(?:\\.${host})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const form = new RegExp(
  `^(?:(${domain})/)?(${component}(?:/${component})*)(?::(\\w[\\w.-]{0,127}))?(?:@([^@]*))?$`,
);
const digestForm = /^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/;
/** Threat: an id is of an image that the node has, whoever brought it. containerd takes the first letters of one too. */
const idForm = /^(?:[a-f0-9]{64}|sha(?:256|384|512):[^/]*)$/;
const maxPath = 255;
/** Longer than any registry, path, tag and digest that are used; upstream has no limit. */
const maxImage = 1024;

const defaultRegistry = 'docker.io';
const legacyRegistry = 'index.docker.io';
const officialPrefix = 'library/';

/** The error says what is wrong with the name and what to write, to be read after the name: `is empty: …`. */
export function parseImage(image: string): Result<ImageReference, string> {
  const read = readImage(image);
  // Upstream lets `a_b.io/x` be a path without a registry, and then nobody can say where it would be pulled from.
  if (read !== undefined && read.registry !== '') return ok(read);
  if (image.length > maxImage) return err(`is longer than ${maxImage} characters`);
  return err(imageNameFault(image, splitImage(image)));
}

/** `latest` when there is neither tag nor digest; "" when there is only a digest, and for what is no image name. */
export function imageTag(image: string): string {
  return readImage(image)?.tag ?? '';
}

function readImage(image: string): ImageReference | undefined {
  if (image.length > maxImage || idForm.test(image)) return undefined;
  const split = splitImage(image);
  const [, registry = '', path = '', tag, digest] =
    form.exec(`${split.registry}/${split.rest}`) ?? [];
  if (path === '' || path.length > maxPath) return undefined;
  if (digest !== undefined && !digestForm.test(digest)) return undefined;
  const implied = digest === undefined ? 'latest' : null;
  return { registry, path, tag: tag ?? implied, digest: digest ?? null };
}

/** With the registry that a name without one is meant for: `nginx` is `docker.io` and `library/nginx`. */
function splitImage(image: string): SplitImage {
  const slash = image.indexOf('/');
  const first = image.slice(0, Math.max(slash, 0));
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const registry = !isHost || first === legacyRegistry ? defaultRegistry : first;
  const rest = isHost ? image.slice(slash + 1) : image;
  const isOfficial = registry === defaultRegistry && !rest.includes('/');
  return { registry, rest: isOfficial ? `${officialPrefix}${rest}` : rest };
}

/** `docker.io/library/nginx` */
export function repositoryOf({ registry, path }: ImageReference): string {
  return `${registry}/${path}`;
}

/** `docker.io/library/nginx@sha256:…`, or with its tag where there is no digest. */
export function imageName(reference: ImageReference): string {
  const { tag, digest } = reference;
  return `${repositoryOf(reference)}${digest === null ? `:${tag ?? ''}` : `@${digest}`}`;
}

/** Why the digest that a name holds cannot be verified; undefined when it can, or when there is none. */
export function unverifiable({ digest }: ImageReference): string | undefined {
  if (digest === null || parseDigest(digest) !== undefined) return undefined;
  const algorithm = digest.split(':', 1)[0] ?? '';
  return `the digest is ${algorithm}: only sha256 can be verified; write the sha256 digest of the image`;
}
