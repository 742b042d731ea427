// The rules about images that belong to no policy in particular: their ids, as results and exceptions name them.

export const imagesPolicy = 'image-policies';

/** `no-match`: no policy covers an image; `reference`: a name that cannot be read. */
export const excusableImageRules = ['no-match', 'reference'] as const;
/** `count`: too many images to judge them. */
export type ImageRule = (typeof excusableImageRules)[number] | 'count';

export function imageRuleId(rule: ImageRule): string {
  return `${imagesPolicy}/${rule}`;
}
