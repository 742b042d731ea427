// The texts of the laws beside the records, proven by the hash that names them: which policies were in force, and which
// controls each of them names.

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { errorCode } from '../../base/cause.ts';
import { get } from '../../base/json.ts';
import { readRegular } from '../read/regular.ts';
import type { LawInForce } from './events.ts';
import { textAt } from './members.ts';
import type { LawRow, PolicyInForce } from './report.ts';

/** Threat: the folder may hold anything under that name. */
const mostBytes = 64 * 1024 * 1024;

export type LawTexts = {
  readonly laws: readonly LawRow[];
  /** Of all of them, by name. */
  readonly policies: readonly PolicyInForce[];
};

export async function readLawTexts(laws: readonly LawInForce[]): Promise<LawTexts> {
  const rows: LawRow[] = [];
  const policies = new Map<string, PolicyInForce>();
  for (const { paths, ...law } of laws) {
    const read = await textOf(law.policySet, paths);
    rows.push({ ...law, text: read.state });
    for (const policy of read.policies) {
      const known = policies.get(policy.name);
      const controls = [...new Set([...(known?.controls ?? []), ...policy.controls])];
      policies.set(policy.name, { ...policy, controls });
    }
  }
  const sorted = [...policies.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { laws: rows, policies: sorted };
}

type Read = { readonly state: LawRow['text']; readonly policies: readonly PolicyInForce[] };

async function textOf(policySet: string, paths: readonly string[]): Promise<Read> {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(policySet)?.[1];
  let state: LawRow['text'] = 'absent';
  for (const path of hex === undefined ? [] : paths) {
    const bytes = await bytesOf(join(path, 'policies', `${hex}.jsonl`));
    if (bytes === 'absent') continue;
    if (bytes === 'unread') state = 'unread';
    else if (createHash('sha256').update(bytes).digest('hex') !== hex) state = 'altered';
    else return { state: 'kept', policies: policiesIn(bytes.toString('utf8')) };
  }
  return { state, policies: [] };
}

async function bytesOf(file: string): Promise<Buffer | 'absent' | 'unread'> {
  try {
    return await readRegular(file, mostBytes);
  } catch (cause) {
    return errorCode(cause) === 'ENOENT' ? 'absent' : 'unread';
  }
}

const policyKinds = new Set(['ValidatingAdmissionPolicy', 'ClusterImagePolicy']);

function policiesIn(text: string): readonly PolicyInForce[] {
  return text.split('\n').flatMap((line) => {
    const document = documentOf(line);
    const kind = textAt(document, 'kind');
    if (kind === 'PodSecurityConfiguration' || kind === 'AdmissionConfiguration') {
      return [{ name: 'pod-security', kind: 'PodSecurity', title: '', controls: [] }];
    }
    if (!policyKinds.has(kind)) return [];
    const metadata = get(document, 'metadata');
    const annotations = get(metadata, 'annotations');
    const controls = textAt(annotations, 'sekisho.dev/controls').split(',');
    return [
      {
        name: textAt(metadata, 'name'),
        kind,
        title: textAt(annotations, 'sekisho.dev/title'),
        controls: controls.map((each) => each.trim()).filter((each) => each !== ''),
      },
    ];
  });
}

function documentOf(line: string): unknown {
  try {
    return line === '' ? undefined : JSON.parse(line);
  } catch {
    return undefined;
  }
}
