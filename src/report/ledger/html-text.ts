// Text that HTML takes as text, between tags and in quoted attributes.
import { printable } from '../../base/text.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escaped(text: string): string {
  return printable(text)
    .toWellFormed()
    .replace(/[&<>"']/g, (mark) => entities[mark] ?? mark);
}
