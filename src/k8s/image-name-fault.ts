// What is wrong with a text that is no image name, for the person who has to mend it: the first thing that holds.
// Upstream: the grammar in github.com/distribution/reference; this only explains, image-reference.ts decides.
import { cut, quote } from '../base/text.ts';

/** `registry`: never empty; `rest`: path, tag and digest as written. */
export type SplitImage = { readonly registry: string; readonly rest: string };

type Explain = (image: string, split: SplitImage) => string | undefined;

/** To be read after the name: `is empty: …`. */
export function imageNameFault(image: string, split: SplitImage): string {
  for (const explain of explanations) {
    const told = explain(image, split);
    if (told !== undefined) return told;
  }
  return 'is no image name: write REGISTRY/PATH@sha256:DIGEST';
}

const explanations: readonly Explain[] = [
  (image) => (image === '' ? 'is empty: write the name of an image' : undefined),
  idFault,
  characterFault,
  schemeFault,
  digestFault,
  emptyPartFault,
  registryFault,
  pathFault,
  tagFault,
];

function idFault(image: string): string | undefined {
  const why = 'which is an id and no name: write NAME@sha256:DIGEST';
  if (/^[a-f0-9]{64}$/.test(image)) return `is 64 hexadecimal digits alone, ${why}`;
  const [algorithm] = /^sha(?:256|384|512):(?=[^/]*$)/.exec(image) ?? [];
  return algorithm === undefined ? undefined : `begins with "${algorithm}", ${why}`;
}

/** Threat: letters that look like others, spaces that nobody sees, and names that mean another once decoded. */
function characterFault(image: string): string | undefined {
  const found = /[^a-zA-Z0-9._\-/:@[\]]/u.exec(image);
  if (found === null) return undefined;
  const [character = ''] = found;
  const point = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const named = /[!-~]/.test(character) ? quote(character) : `the character U+${point}`;
  return `has ${named} at position ${found.index + 1}: no image name may, and nothing in it is decoded`;
}

function schemeFault(image: string): string | undefined {
  const scheme = /^[a-zA-Z][a-zA-Z0-9.-]*:\/\//.exec(image)?.[0];
  return scheme === undefined ? undefined : `begins with ${shown(scheme)}: leave that out`;
}

const hexDigits: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
]);

function digestFault(_: string, { rest }: SplitImage): string | undefined {
  const [, digest, more] = rest.split('@');
  if (digest === undefined) return undefined;
  if (more !== undefined) return 'has more than one "@"';
  const [algorithm = '', ...parts] = digest.split(':');
  const wanted = hexDigits.get(algorithm);
  if (wanted === undefined) {
    return `has a digest by ${shown(algorithm)}: write sha256: and 64 lower-case hexadecimal digits`;
  }
  const hex = parts.join(':');
  if (hex.length === wanted && /^[a-f0-9]*$/.test(hex)) return undefined;
  const found = hex.length === wanted ? 'not all are' : `it has ${hex.length}`;
  return `has a ${algorithm} digest that must be ${wanted} lower-case hexadecimal digits: ${found}`;
}

function emptyPartFault(image: string): string | undefined {
  const parts = (image.split('@', 1)[0] ?? '').split('/');
  const dots = parts.find((part) => part === '.' || part === '..');
  if (dots !== undefined) return `has the path part ${quote(dots)}: names are no folders`;
  return parts.includes('') ? 'has a "/" too many' : undefined;
}

const label = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/;

function registryFault(_: string, { registry }: SplitImage): string | undefined {
  const [, name = '', port = '0'] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(registry) ?? [];
  if (name.split('.').every((part) => label.test(part)) || /^\[[a-fA-F0-9:]+\]$/.test(name)) {
    return /^[0-9]+$/.test(port)
      ? undefined
      : `has a registry whose port is no number: ${shown(registry)}`;
  }
  return `has a registry that is no host name: ${shown(registry)}`;
}

function pathFault(_: string, { rest }: SplitImage): string | undefined {
  const path = pathOf(rest);
  if (path !== path.toLowerCase()) {
    return `has capital letters in its path: write ${shown(path.toLowerCase())}`;
  }
  const part = path
    .split('/')
    .find((each) => !/^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/.test(each));
  if (part !== undefined) {
    return `has the path part ${shown(part)}: parts are lower-case letters and digits, with ".", "_", "__" or "-" between them`;
  }
  return path.length > 255 ? 'has a path of more than 255 characters' : undefined;
}

function pathOf(rest: string): string {
  return /^[^:@]*/.exec(rest)?.[0] ?? '';
}

function tagFault(_: string, { rest }: SplitImage): string | undefined {
  const [, tag] = /^[^:@]*:([^@]*)/.exec(rest) ?? [];
  if (tag === undefined || /^\w[\w.-]{0,127}$/.test(tag)) return undefined;
  return `has the tag ${shown(tag)}: tags are at most 128 letters, digits, "_", "." and "-", and begin with none of the last two`;
}

function shown(text: string): string {
  return quote(cut(text, 80));
}
