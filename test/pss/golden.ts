// What Kubernetes' own library says of pods in every version (test/differential/pss), as committed; and what ours says.
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { JsonObject } from '../../src/base/json.ts';
import { jsonText } from '../../src/base/json-text.ts';
import { readPod } from '../../src/k8s/pod.ts';
import { registry } from '../../src/pss/admission.ts';
import { goSays } from '../differential/go.ts';

/** The texts of the failing checks, wherever they change from one version to the next. */
export type Steps = readonly (readonly [since: number, texts: readonly string[]])[];
export type Judged = Readonly<Record<'baseline' | 'restricted', Steps>>;

/** A line each. */
export function judgedByGo(pods: readonly JsonObject[]): readonly string[] {
  const asked = pods.map((pod) => jsonText(pod)).join('\n');
  return goSays('pss', asked).trimEnd().split('\n');
}

export function judgedByUs(pod: JsonObject): Judged {
  const read = readPod(pod);
  if (!read.ok) throw new Error(read.error);
  const steps = (level: 'baseline' | 'restricted'): Steps => {
    const found: [number, readonly string[]][] = [];
    for (let minor = 0; minor <= registry.newest; minor++) {
      const texts = registry
        .evaluate({ level, version: minor }, read.value)
        .flatMap(({ result }) =>
          result.kind === 'fail' ? [`${result.reason}|${result.detail}`] : [],
        );
      const last = found.at(-1)?.[1];
      if (last === undefined || JSON.stringify(last) !== JSON.stringify(texts))
        found.push([minor, texts]);
    }
    return found;
  };
  return { baseline: steps('baseline'), restricted: steps('restricted') };
}

export function isSame(ours: Judged, theirs: Judged): boolean {
  const ordered = ({ baseline, restricted }: Judged): string =>
    JSON.stringify([baseline, restricted]);
  return ordered(ours) === ordered(theirs);
}

const file = (name: string): URL => new URL(`../fixtures/pss/${name}.jsonl.gz`, import.meta.url);

export function readGolden(name: string): readonly string[] {
  return gunzipSync(readFileSync(file(name)))
    .toString()
    .trimEnd()
    .split('\n');
}

export function writeGolden(name: string, lines: readonly string[]): void {
  writeFileSync(file(name), gzipSync(`${lines.join('\n')}\n`, { level: 9 }));
}
