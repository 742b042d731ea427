// Texts without secrets: messages of expressions may quote what an object holds.
import { isObject, type JsonValue, setOwn } from '../base/json.ts';
import { marker, withoutCredentials } from './detectors.ts';

/** Shorter ones are too common in any text; as a whole value they are still taken out. */
const minQuoted = 4;

/** Takes the secrets, and what is certainly a credential, out of every text of the value. */
export function scrub(value: JsonValue, secrets: readonly string[]): JsonValue {
  if (typeof value === 'string') return scrubText(value, secrets);
  if (Array.isArray(value)) return value.map((item: JsonValue) => scrub(item, secrets));
  if (!isObject(value)) return value;
  const copy: Record<string, JsonValue> = {};
  for (const [key, each] of Object.entries(value)) setOwn(copy, key, scrub(each, secrets));
  return copy;
}

export function scrubText(text: string, secrets: readonly string[]): string {
  let scrubbed = text;
  for (const secret of quotedForms(secrets)) {
    if (secret === scrubbed) return marker;
    if (secret.length >= minQuoted) scrubbed = scrubbed.replaceAll(secret, marker);
  }
  return withoutCredentials(scrubbed);
}

/** Those of the secrets that a text of the value quotes. Threat: an object may hold a hundred thousand, and each costs. */
export function quotedIn(value: JsonValue, secrets: readonly string[]): readonly string[] {
  const text = textsOf(value).join('\n');
  return secrets.filter((secret) => formsOf(secret).some((form) => text.includes(form)));
}

function textsOf(value: JsonValue): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** The longest first. */
function quotedForms(secrets: readonly string[]): readonly string[] {
  return [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
}

/** As it is, as a Go or JSON string quotes it, and line by line. */
function formsOf(secret: string): readonly string[] {
  const lines = secret.includes('\n') ? secret.split('\n').map((line) => line.trim()) : [];
  const forms = [secret, JSON.stringify(secret).slice(1, -1), ...lines];
  return forms.filter((form) => form !== '');
}
