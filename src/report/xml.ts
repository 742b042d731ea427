// XML 1.0 out: elements whose texts and attributes hold whatever they are given.
import { printable } from '../base/text.ts';

export type Attributes = Readonly<Record<string, string | number>>;

/** An element with its end and a line break. `children`: elements already made; `text`: as it is, escaped. */
export function element(
  name: string,
  attributes: Attributes,
  inside: { readonly children?: readonly string[]; readonly text?: string } = {},
): string {
  const said = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escaped(String(value))}"`,
  );
  const open = `<${name}${said.join('')}`;
  const { children = [], text = '' } = inside;
  if (text !== '') return `${open}>${textOf(text)}</${name}>\n`;
  return children.length === 0 ? `${open}/>\n` : `${open}>\n${children.join('')}</${name}>\n`;
}

/** Line breaks stay. */
function textOf(text: string): string {
  return text.split('\n').map(escaped).join('\n');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Control characters become visible; what else XML 1.0 has no place for, and half surrogate pairs, become U+FFFD. */
function escaped(text: string): string {
  return printable(text)
    .toWellFormed()
    .replace(/[\uFFFE\uFFFF]/g, '\uFFFD')
    .replace(/[&<>"]/g, (c) => entities[c] ?? c);
}
