// A tag that several rules refuse is told once in a refusal, with the digest where one of them knows it; decisions keep all.
import { test } from 'tap';
import type { Finding, RuleResult } from '../../src/model/decision.ts';
import { refusal } from '../../src/review/refusal.ts';
import { decisionOf, findingOf, resultOf } from '../fixtures/decisions.ts';

const [first, second] = ['spec.containers[0].image', 'spec.containers[1].image'];
const exception = 'legacy';

const pinned = (path: string): Finding => {
  const patch = [{ op: 'replace', path: '/x', value: 'web@sha256:1' }] as const;
  return findingOf({ path, message: '"web:1" is a tag', remedy: 'pin it: web@sha256:1', patch });
};
const unknown = (path: string): Finding => ({ ...pinned(path), remedy: 'pin it', patch: [] });
const plain = (path: string): Finding =>
  findingOf({ path, message: 'is not pinned', remedy: 'ask your registry' });

const signed = (findings: readonly Finding[], policy = 'signed'): RuleResult =>
  resultOf({ kind: 'ClusterImagePolicy', policy, rule: policy, code: 'image-tag', findings });
const byDigest = (findings: readonly Finding[]): RuleResult =>
  resultOf({ policy: 'images-by-digest', rule: 'images-by-digest/digest', findings });
const other = resultOf({ policy: 'p', rule: 'p/registry', findings: [plain(first)] });

const cases: readonly (readonly [string, readonly RuleResult[], readonly string[]])[] = [
  [
    'the one that knows the digest speaks for both',
    [byDigest([plain(first)]), signed([pinned(first)])],
    [
      `  signed, images-by-digest/digest: ${first} "web:1" is a tag`,
      '    fix: pin it: web@sha256:1',
    ],
  ],
  [
    'two image policies that know it are one, too',
    [signed([pinned(first)], 'a'), signed([pinned(first)], 'b')],
    [`  a, b: ${first} "web:1" is a tag`, '    fix: pin it: web@sha256:1'],
  ],
  [
    'another image is told by the rule that refuses it',
    [byDigest([plain(first), plain(second)]), signed([pinned(first)])],
    [
      `  images-by-digest/digest: ${second} is not pinned`,
      '    fix: ask your registry',
      `  signed, images-by-digest/digest: ${first} "web:1" is a tag`,
      '    fix: pin it: web@sha256:1',
    ],
  ],
  [
    'where nobody knows the digest each says what it can',
    [byDigest([plain(first)]), signed([unknown(first)])],
    [
      `  images-by-digest/digest: ${first} is not pinned`,
      '    fix: ask your registry',
      `  signed: ${first} "web:1" is a tag`,
      '    fix: pin it',
    ],
  ],
  [
    'what is excused does not speak',
    [byDigest([plain(first)]), signed([{ ...pinned(first), exception }, pinned(second)])],
    [
      `  images-by-digest/digest: ${first} is not pinned`,
      '    fix: ask your registry',
      `  signed: ${second} "web:1" is a tag`,
      '    fix: pin it: web@sha256:1',
    ],
  ],
  [
    'another rule about the same field is told',
    [other, signed([pinned(first)])],
    [
      `  p/registry: ${first} is not pinned`,
      '    fix: ask your registry',
      `  signed: ${first} "web:1" is a tag`,
      '    fix: pin it: web@sha256:1',
    ],
  ],
];

for (const [name, results, wanted] of cases) {
  test(`a tag is refused once: ${name}`, async (t) => {
    const text = refusal(decisionOf({ allowed: false, results }));
    t.strictSame(text.split('\n').slice(1, -1), wanted);
    t.match(text, new RegExp(`breaks ${results.length} rules`));
  });
}
