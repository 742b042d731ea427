// A strict scan of the XML that our reports are made of: a declaration, then elements with attributes and texts.
// Nothing else of XML 1.0 is let through, so what it accepts every parser does.

/** Why the text is not well formed; undefined when it is. */
export function xmlFault(xml: string): string | undefined {
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (!xml.startsWith(declaration)) return 'no declaration';
  const open: string[] = [];
  let roots = 0;
  let at = declaration.length;
  while (at < xml.length) {
    const rest = xml.slice(at);
    const token = tag.exec(rest) ?? text.exec(rest);
    if (token === null) return `at ${at}: ${JSON.stringify(rest.slice(0, 40))}`;
    at += token[0].length;
    const [, end, start, attributes = '', empty] = token;
    if (end !== undefined && open.pop() !== end)
      return `at ${at}: </${end}> closes another element`;
    if (end === undefined && start === undefined && open.length === 0 && token[0].trim() !== '') {
      return `at ${at}: a text outside of all elements`;
    }
    if (start === undefined) continue;
    const names = [...attributes.matchAll(/([\w-]+)="/g)].map(([, name]) => name);
    if (new Set(names).size !== names.length) return `at ${at}: an attribute is there twice`;
    if (open.length === 0) roots += 1;
    if (empty === '') open.push(start);
  }
  if (open.length > 0) return `${open.join()} is left open`;
  return roots === 1 ? undefined : `${roots} root elements`;
}

/** A Char of XML 1.0 but for what must be escaped, or a reference to one of the five entities. */
const char =
  '(?:[\\t\\n\\r\\u0020-\\uD7FF\\uE000-\\uFFFD](?<![<&"])|[\\u{10000}-\\u{10FFFF}]|&(?:amp|lt|gt|quot|apos);)';
const attribute = ` [A-Za-z][\\w-]*="(?:(?![\\t\\n\\r])${char})*"`;
const tag = new RegExp(`^<(?:/([a-z-]+)|([a-z-]+)((?:${attribute})*)(/?))>`, 'u');
const text = new RegExp(`^(?:(?!\\]\\]>)${char})+`, 'u');
