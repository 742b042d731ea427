// Which images a ClusterImagePolicy says that it covers, and globs that cover more or less than their author saw.
// Upstream: ImagePattern in pkg/apis/policy/v1beta1/clusterimagepolicy_types.go of sigstore/policy-controller.
import { formatPath } from '../../base/field-path.ts';
import { quote } from '../../base/text.ts';
import { covers, globFault } from '../../images/glob.ts';
import type { Report } from '../faults.ts';
import type { WrittenImagePolicy } from './written.ts';

type Written = NonNullable<WrittenImagePolicy['spec']>['images'];

/** `warn` takes what is allowed and hardly meant. */
export function compileGlobs(
  written: Written = [],
  report: Report,
  warn: Report,
): readonly string[] {
  const globs = written.map(({ glob = '' }) => glob);
  for (const [i, glob] of globs.entries()) {
    const path = ['spec', 'images', i, 'glob'];
    const fault = globFault(glob);
    if (fault !== undefined) {
      report({ path, message: `${formatPath(path)} ${quote(glob)} ${fault}` });
      continue;
    }
    for (const { why, fix } of [hostLooseness(glob), endLooseness(glob, globs)].filter(isLoose)) {
      warn({ code: 'image-glob', path, message: `${formatPath(path)} ${why}`, fix });
    }
  }
  return globs;
}

type Loose = { readonly why: string; readonly fix: string };

function isLoose(loose: Loose | undefined): loose is Loose {
  return loose !== undefined;
}

/** Threat: `registry.example.com**` is also `registry.example.com.evil.example/x`, and `*example.com/x` is `evilexample.com/x`. */
function hostLooseness(glob: string): Loose | undefined {
  const [first = ''] = glob.split('/', 1);
  if (first.includes('**') && first !== '**') {
    const why = `covers ${quote(glob)} in every registry whose name has the rest of ${quote(first)}`;
    return { why, fix: 'write the whole host, and /** after it' };
  }
  const host = first.replace(/:[^:]*$/, '');
  const isOwn = /\.[^.*]+\.[^*]+$/.test(host.slice(host.lastIndexOf('*') + 1));
  if (first === glob || /^\*+$/.test(host) || !host.includes('*') || isOwn) return undefined;
  const why = `covers ${quote(glob)} in domains of others: no whole domain follows the * of ${quote(first)}`;
  return { why, fix: 'write it, as in *.example.com' };
}

/** Threat: whoever writes the digest instead of the tag is out of the policy. */
function endLooseness(glob: string, all: readonly string[]): Loose | undefined {
  const why = (by: string): string => `covers ${quote(glob)} by ${by} alone, and by no digest`;
  if (!/[:@*][^/]*$/.test(glob)) {
    const fix = `write ${glob}@* for digests, ${glob}:* for tags, or both`;
    return { why: why('the tag latest'), fix };
  }
  const name = /^(.*):[^/@]*$/.exec(glob)?.[1];
  if (name === undefined || all.some((each) => covers(each, [`${name}${anyDigest}`])))
    return undefined;
  return { why: why('tags'), fix: `write ${name}@* beside it` };
}

const anyDigest = `@sha256:${'0'.repeat(64)}`;
