// Colour for a terminal; without it, text as it is.
export type Paint = {
  readonly bad: (text: string) => string;
  readonly mild: (text: string) => string;
  readonly good: (text: string) => string;
};

const csi = '\u001b[';

export function paints(color: boolean): Paint {
  const sgr = (code: number) => (text: string) => (color ? `${csi}${code}m${text}${csi}0m` : text);
  return { bad: sgr(31), mild: sgr(33), good: sgr(32) };
}
