// Keyed digests of what was redacted: equal values of one namespace have equal digests, and without the key nobody can
// guess a value by trying. Another namespace has another key, so that nothing can be learned across them.
// Upstream: HKDF (RFC 5869) and HMAC (RFC 2104), both with SHA-256.
import { createHmac, hkdfSync } from 'node:crypto';
import { canonicalJson, type JsonValue } from '../base/json.ts';

/** `hmac-sha256:<hex>`, over the canonical JSON of the value. */
export type Digester = (namespace: string, value: JsonValue) => string;

/** Bytes of a master key, at least. */
export const leastKey = 32;

const purpose = 'sekisho.dev/redaction/v1';
/** Keys of namespaces that are kept at once. */
const mostKeys = 10_000;

export function createDigester(master: Uint8Array): Digester {
  const keys = new Map<string, Uint8Array>();
  const keyOf = (namespace: string): Uint8Array => {
    const known = keys.get(namespace);
    if (known !== undefined) return known;
    if (keys.size >= mostKeys) keys.clear();
    const key = new Uint8Array(hkdfSync('sha256', master, '', `${purpose}/${namespace}`, 32));
    keys.set(namespace, key);
    return key;
  };
  return (namespace, value) => {
    const hmac = createHmac('sha256', keyOf(namespace)).update(canonicalJson(value));
    return `hmac-sha256:${hmac.digest('hex')}`;
  };
}
