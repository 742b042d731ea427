// What can be said of images by their names alone: that they cannot be read, and that no policy covers them.
import type { PolicySet } from '../../policy/model.ts';
import type { ImageAction, Outcome } from '../outcome.ts';
import { failed, ofAllPolicies } from './outcomes.ts';
import { openPolicies, type Sight } from './sight.ts';
import { finding } from './words.ts';

/** Nobody can say which policies cover such a name, so it is refused as the strictest of those that look at the Pod would. */
export function referenceOutcomes(
  sights: readonly Sight[],
  policySet: PolicySet,
): readonly Outcome[] {
  const unread = sights.filter(
    (each) => !each.reference.ok && (each.uncovered || openPolicies(each).length > 0),
  );
  const onFail = strictest(unread, policySet);
  const found = unread.flatMap((sight) => {
    if (sight.reference.ok) return [];
    const said = `is no name of an image: it ${sight.reference.error}`;
    const fix = 'write the name as container runtimes read it';
    return [{ code: 'image-reference' as const, finding: finding(sight, said, fix) }];
  });
  return onFail === 'allow' ? [] : failed(ofAllPolicies('reference', onFail), found);
}

/** What those that look at the images do at most, and what is done about an image that none looks at. */
export function strictest(sights: readonly Sight[], { settings }: PolicySet): ImageAction {
  const { noMatch } = settings.images;
  const policies = new Set(sights.flatMap((sight) => sight.policies));
  if (noMatch === 'deny' || [...policies].some(({ mode }) => mode === 'enforce')) return 'deny';
  return policies.size > 0 ? 'warn' : noMatch;
}

export function coverOutcomes(
  sights: readonly Sight[],
  { settings }: PolicySet,
): readonly Outcome[] {
  const { noMatch } = settings.images;
  if (noMatch === 'allow') return [];
  const found = sights
    .filter(({ uncovered, reference }) => reference.ok && uncovered)
    .map((sight) => ({
      code: 'image-not-covered' as const,
      finding: finding(sight, 'is covered by no image policy', fix),
    }));
  return failed(ofAllPolicies('no-match', noMatch), found);
}

const fix =
  'use an image that a ClusterImagePolicy covers here, or ask the owners of the policies to cover it';
