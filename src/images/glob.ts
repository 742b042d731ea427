// Which images a ClusterImagePolicy covers: `*` is anything but a slash, `**` is anything, and the whole name must match.
// Upstream: pkg/apis/glob in github.com/sigstore/policy-controller, which reads names with go-containerregistry.
import type { ImageReference } from '../k8s/image-reference.ts';

const form = /^[a-zA-Z0-9_:/*.@-]+$/;
const maxGlob = 1024;

/** Why a text is no glob; undefined when it is one. */
export function globFault(glob: string): string | undefined {
  if (glob === '') return 'is empty: ** is every image';
  if (glob.length > maxGlob) return `is longer than ${maxGlob} characters`;
  return form.test(glob)
    ? undefined
    : 'is no glob: it may hold letters, digits and any of "-_:/.@", with * for anything but "/" and ** for anything';
}

/** Of docker.io, as its images are mostly written. */
const meanings: ReadonlyMap<string, string> = new Map([
  ['*', 'index.docker.io/library/*'],
  ['*/*', 'index.docker.io/*/*'],
]);

/** Whether a glob covers an image, given all spellings of it. */
export type Glob = (spellings: readonly string[]) => boolean;

export function compileGlob(glob: string): Glob {
  const tokens = (meanings.get(glob) ?? withHost(glob)).match(/\*\*|./gs) ?? [];
  return (spellings) => spellings.some((spelling) => matches(tokens, spelling));
}

/** Threat: `ACME/app` is on the host ACME, and `acme/app` on Docker Hub: without a dot or port only its case tells a host. */
export function hostInLowerCase(host: string): string {
  return /[.:]/.test(host) ? host.toLowerCase() : host;
}

function withHost(glob: string): string {
  const slash = Math.max(glob.indexOf('/'), 0);
  return hostInLowerCase(glob.slice(0, slash)) + glob.slice(slash);
}

export function covers(glob: string, spellings: readonly string[]): boolean {
  return compileGlob(glob)(spellings);
}

/** Threat: a regular expression of many stars can take for ever. Here the last `*` takes a letter more where something does not
 * fit, and where it may not, the last `**` does: no earlier star could do better, so nothing else is tried again. */
function matches(tokens: readonly string[], text: string): boolean {
  let [at, next] = [0, 0];
  let [star, starEnd, deep, deepEnd] = [none, 0, none, 0];
  while (at < text.length) {
    const token = tokens[next];
    if (token === '**') {
      if (next + 1 === tokens.length) return true;
      [deep, deepEnd, star] = [next, at, none];
      next += 1;
    } else if (token === '*') {
      [star, starEnd] = [next, at];
      next += 1;
    } else if (token === text[at]) {
      at += 1;
      next += 1;
    } else if (star !== none && text[starEnd] !== '/') {
      starEnd += 1;
      [at, next] = [starEnd, star + 1];
    } else if (deep !== none) {
      deepEnd += 1;
      [at, next, star] = [deepEnd, deep + 1, none];
    } else return false;
  }
  return tokens.slice(next).every((token) => token === '*' || token === '**');
}

const none = -1;

const hub = 'docker.io';
const hubAlias = 'index.docker.io';
const official = 'library/';

/** Every way to write the image: upstream tries its own full name and the text of the object. That way a policy covers
 * `docker.io/nginx` and not `nginx`, which is the same image; so all spellings are tried, whichever was written. */
export function spellingsOf({ registry, path, tag, digest }: ImageReference): readonly string[] {
  const names = namesOf(registry, path);
  const ends = digest === null ? [`:${tag ?? ''}`] : [`@${digest}`];
  if (digest !== null && tag !== null) ends.push(`:${tag}@${digest}`);
  if (digest === null && tag === 'latest') ends.push('');
  return names.flatMap((name) => ends.map((end) => `${name}${end}`));
}

function namesOf(registry: string, path: string): readonly string[] {
  if (registry !== hub)
    return [...new Set([registry, hostInLowerCase(registry)])].map((each) => `${each}/${path}`);
  const full = [`${hubAlias}/${path}`, `${hub}/${path}`];
  const short = path.startsWith(official) && !path.slice(official.length).includes('/');
  const familiar = path.slice(official.length);
  return short
    ? [...full, `${hubAlias}/${familiar}`, `${hub}/${familiar}`, path, familiar]
    : [...full, ...(looksLikeHost(path) ? [] : [path])];
}

/** Threat: `docker.io/registry.example.com/x` without its registry is the name of an image of registry.example.com. */
function looksLikeHost(path: string): boolean {
  const first = path.split('/', 1)[0] ?? '';
  return first.includes('.') || first === 'localhost';
}
