// The content types that we read: application/json in every spelling that HTTP (RFC 9110, 8.3.1) holds equal to it.
// Threat: a lenient match hands a body to one parser here and to another one elsewhere.
const mediaType = /^application\/json[ \t]*(?:;|$)/i;
const parameter =
  /[ \t]*;[ \t]*(?:([!#$%&'*+.^_`|~\w-]+)=("(?:[^"\\]|\\.)*"|[!#$%&'*+.^_`|~\w-]+))?/y;
const maxLength = 256;

/** True for application/json with any well-formed parameters; a charset must be utf-8, which JSON is anyway. */
export function isJson(contentType: string | undefined): boolean {
  // As the API server writes it.
  if (contentType === 'application/json') return true;
  if (contentType === undefined || contentType.length > maxLength) return false;
  const text = contentType.trimEnd();
  if (!mediaType.test(text)) return false;
  const reader = new RegExp(parameter);
  reader.lastIndex = 'application/json'.length;
  while (reader.lastIndex < text.length) {
    const match = reader.exec(text);
    if (match === null || !isFit(match[1], match[2])) return false;
  }
  return true;
}

function isFit(name: string | undefined, value: string | undefined): boolean {
  if (name?.toLowerCase() !== 'charset') return true;
  return /^"?utf-8"?$/i.test(value ?? '');
}
