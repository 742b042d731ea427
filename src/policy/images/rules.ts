// The rules about images that belong to no policy in particular: their ids, as results and exceptions name them.

export const imagesPolicy = 'image-policies';

/** `count`: too many images; `no-match`: no policy covers one; `reference`: a name that cannot be read. */
export const imageRules = ['count', 'no-match', 'reference'] as const;
export type ImageRule = (typeof imageRules)[number];

export function imageRuleId(rule: ImageRule): string {
  return `${imagesPolicy}/${rule}`;
}
