// Audit annotations as the API server takes them: the name part of a qualified name, at most 63 characters.
// It drops any other key with no more than a line in its own log, so every key is mapped to one that it keeps.
// Upstream: IsQualifiedName in k8s.io/apimachinery/pkg/util/validation, as called by the webhook dispatcher.
import { createHash } from 'node:crypto';
import { setOwn } from '../base/json.ts';

const maxKey = 63;
const hashLength = 8;
const fit = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const unfit = /[^A-Za-z0-9._-]/g;
const unfitEnds = /^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g;

/** Maps keys: `/` to `.`, any other character that is not allowed to `-`. A key that is too long, empty, or the same as
 * an earlier one is cut and gets a suffix: `-` and the first 8 hex digits of the sha256 of the key as it was. */
export function mapAnnotations(
  annotations: readonly (readonly [key: string, value: string])[],
): Readonly<Record<string, string>> {
  const mapped: Record<string, string> = {};
  for (const [key, value] of annotations) {
    const dotted = key.replaceAll('/', '.');
    const plain = fit.test(dotted) ? dotted : mended(dotted);
    const fits = plain !== '' && plain.length <= maxKey && !Object.hasOwn(mapped, plain);
    setOwn(mapped, fits ? plain : suffixed(plain, key), value.toWellFormed());
  }
  return mapped;
}

function mended(key: string): string {
  return key.replace(unfit, '-').replace(unfitEnds, '');
}

function suffixed(plain: string, key: string): string {
  const hash = createHash('sha256').update(key).digest('hex').slice(0, hashLength);
  const head = plain.slice(0, maxKey - hashLength - 1).replace(unfitEnds, '');
  return head === '' ? hash : `${head}-${hash}`;
}
