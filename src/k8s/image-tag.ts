// The tag of an image name as the API server reads it to choose a pull policy.
// Upstream: ParseImageName in k8s.io/kubernetes/pkg/util/parsers, ParseNormalizedNamed in github.com/distribution/reference.
const host = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const domain = `(?:${host}(?:\\.${host})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const reference = new RegExp(
  `^(?:${domain}/)?(${component}(?:/${component})*)(?::(\\w[\\w.-]{0,127}))?(?:@([^@]*))?$`,
);
const digest = /^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/;
const maxPath = 255;
const defaultDomain = 'docker.io';
/** Longer than any name that is valid. */
const maxImage = 1024;

/** `latest` when there is neither tag nor digest; "" when there is only a digest, and for what is no image name. */
export function imageTag(image: string): string {
  if (image.length > maxImage || /^[a-f0-9]{64}$/.test(image)) return '';
  const [, path, tag, hash] = reference.exec(normalized(image)) ?? [];
  if (path === undefined || path.length > maxPath) return '';
  if (hash !== undefined && !digest.test(hash)) return '';
  return tag ?? (hash === undefined ? 'latest' : '');
}

/** With the registry that a name without one is meant for. */
function normalized(image: string): string {
  const slash = image.indexOf('/');
  const first = image.slice(0, Math.max(slash, 0));
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  if (slash > 0 && isHost) return image;
  return `${defaultDomain}/${slash < 0 ? 'library/' : ''}${image}`;
}
