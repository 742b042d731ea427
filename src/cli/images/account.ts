// What `image` found, before it is text or JSON: the verdict of each policy on one image in an imagined Pod, by the very
// engine that decides real ones.
import type { JsonValue } from '../../base/json.ts';
import { admit } from '../../engine/admit.ts';
import type { Ports } from '../../engine/ports.ts';
import type { ImageEvidence } from '../../images/model.ts';
import { imageName, parseImage } from '../../k8s/image-reference.ts';
import type { Attempt } from '../../model/attempt.ts';
import type { RuleResult } from '../../model/decision.ts';
import type { PolicySet } from '../../policy/model.ts';

/** `unknown`: it cannot be told now. */
export type Verdict = 'verified' | 'not-verified' | 'unknown';

export type Account = {
  readonly image: string;
  /** As the runtimes read it: `docker.io/library/nginx:1.27`. */
  readonly reference: string;
  readonly verdict: Verdict;
  /** One for each policy that covers the image, and what else was said of its name. */
  readonly results: readonly RuleResult[];
  /** null: nothing had to be verified, or it could not be found out. */
  readonly evidence: ImageEvidence | null;
  /** Pods are refused that name a tag. */
  readonly needsDigest: boolean;
};

export type Imagined = {
  readonly image: string;
  readonly namespace: string;
  readonly policySet: PolicySet;
  readonly ports: Omit<Ports, 'images'> & { readonly images: NonNullable<Ports['images']> };
  readonly now: string;
};

export async function accountOf(imagined: Imagined): Promise<Account> {
  const { image, policySet, ports, now } = imagined;
  let evidence: ImageEvidence | null = null;
  const images: Ports['images'] = async (question, bounds) => {
    const answer = await ports.images(question, bounds);
    if (answer.ok) evidence = answer.value.value;
    return answer;
  };
  const attempt = podWith(image, imagined.namespace, now);
  const { results } = await admit(imagesAlone(policySet), attempt, { ...ports, images });
  const own = results.filter(({ kind }) => kind === 'ClusterImagePolicy' || kind === 'Sekisho');
  const parsed = parseImage(image);
  const isTag = parsed.ok && parsed.value.digest === null;
  return {
    image,
    reference: parsed.ok ? imageName(parsed.value) : image,
    verdict: verdictOf(own),
    results: own,
    evidence,
    needsDigest: isTag && policySet.settings.images.digests === 'require',
  };
}

/** What a policy only warns of is not verified either. */
function verdictOf(results: readonly RuleResult[]): Verdict {
  const has = (...kinds: readonly RuleResult['evaluation'][]): boolean =>
    results.some(({ evaluation }) => kinds.includes(evaluation));
  if (has('fail') || results.length === 0) return 'not-verified';
  return has('error', 'unknown', 'skip') ? 'unknown' : 'verified';
}

/** Image policies and nothing else; a tag is what people give here. */
function imagesAlone(policySet: PolicySet): PolicySet {
  const { settings } = policySet;
  const images = { ...settings.images, noMatch: 'deny', digests: 'resolve' } as const;
  return {
    ...policySet,
    policies: [],
    policiesFor: () => [],
    exceptions: [],
    settings: { ...settings, mode: 'Enforce', images },
  };
}

function podWith(image: string, namespace: string, now: string): Attempt {
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const resource = { group: '', version: 'v1', resource: 'pods' };
  const metadata: JsonValue = { name: 'image', namespace };
  const spec: JsonValue = { containers: [{ name: 'image', image }] };
  return {
    uid: '',
    origin: 'manifest',
    operation: 'CREATE',
    kind,
    resource,
    subResource: '',
    requestKind: kind,
    requestResource: resource,
    requestSubResource: '',
    name: 'image',
    namespace,
    userInfo: { username: '', uid: '', groups: [], extra: {} },
    object: { apiVersion: 'v1', kind: 'Pod', metadata, spec },
    oldObject: null,
    options: null,
    dryRun: false,
    now,
    deadline: null,
  };
}
