// What was judged of images as outcomes of a rule: one for each code, with a finding for each image.
import type { Code } from '../../base/codes.ts';
import { count } from '../../base/text.ts';
import type { Evaluation, Finding } from '../../model/decision.ts';
import { type ImageRule, imageRuleId, imagesPolicy } from '../../policy/images/rules.ts';
import type { ImagePolicy, ImageSettings } from '../../policy/model.ts';
import type { ImageAction, Outcome } from '../outcome.ts';

type ImageEnforcement = Extract<Outcome['enforcement'], { readonly kind: 'image-policy' }>;

type Ruled = Pick<Outcome, 'policy' | 'rule' | 'controls'> & {
  readonly enforcement: ImageEnforcement;
};

export function ofPolicy({ name, mode, controls }: ImagePolicy, { onError }: ImageSettings): Ruled {
  const warns = mode === 'warn';
  const enforcement: ImageEnforcement = {
    kind: 'image-policy',
    onFail: warns ? 'warn' : 'deny',
    onError: warns && onError === 'deny' ? 'warn' : onError,
  };
  return { policy: name, rule: name, controls, enforcement };
}

export function ofAllPolicies(rule: ImageRule, onFail: ImageAction): Ruled {
  const enforcement: ImageEnforcement = { kind: 'image-policy', onFail, onError: onFail };
  return { policy: imagesPolicy, rule: imageRuleId(rule), controls: [], enforcement };
}

export function imageOutcome(ruled: Ruled, evaluation: Evaluation): Outcome {
  const nothing = { binding: null, param: null, index: null } as const;
  return { ...ruled, ...nothing, kind: 'ClusterImagePolicy', evaluation };
}

/** One outcome for each code, in the order of their first findings. */
export function failed(
  ruled: Ruled,
  found: readonly { readonly code: Code; readonly finding: Finding }[],
): readonly Outcome[] {
  const byCode = new Map<Code, Finding[]>();
  for (const { code, finding } of found) {
    const same = byCode.get(code) ?? [];
    same.push(finding);
    byCode.set(code, same);
  }
  return [...byCode].map(([code, findings]) => {
    const message = messageOf(findings);
    return imageOutcome(ruled, { kind: 'fail', code, reason: 'Forbidden', message, findings });
  });
}

function messageOf(findings: readonly Finding[]): string {
  const [first] = findings;
  if (first === undefined) return '';
  const more = findings.length - 1;
  const rest = more === 0 ? '' : ` (and ${count(more, 'more image')})`;
  return `${first.path} ${first.message}${rest}`;
}
