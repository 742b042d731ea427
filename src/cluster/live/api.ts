// The API server as the cluster port needs it: read an object, ask a question, follow a list. No clients of single kinds.
import type { JsonObject } from '../../base/json.ts';
import type { Result } from '../../base/result.ts';

/** Why there is no answer. Metrics count them by kind, a closed list. */
export const apiFaultKinds = [
  /** No connection, no answer in time, or one that cannot be read. */
  'unreachable',
  /** 401 and 403. */
  'forbidden',
  /** 404: the object, or the whole kind. */
  'missing',
  /** 410: the version that was asked for is too old; list again. */
  'gone',
  /** 429, and 503 with Retry-After. */
  'throttled',
  'other',
] as const;

export type ApiFault = {
  readonly kind: (typeof apiFaultKinds)[number];
  readonly message: string;
  /** Milliseconds that the server asks to wait. */
  readonly retryAfter: number | null;
};

export type Api = {
  /** One answer, whole, within `timeout` milliseconds. Never rejects. */
  get(path: string, timeout: number): Promise<Result<JsonObject, ApiFault>>;
  post(path: string, body: JsonObject, timeout: number): Promise<Result<JsonObject, ApiFault>>;
  /** Each event as it comes; resolves when the stream has ended, also by `signal`. Never rejects. */
  watch(
    path: string,
    told: (event: JsonObject) => void,
    signal: AbortSignal,
  ): Promise<Result<null, ApiFault>>;
  close(): void;
};

/** The fault that a status of HTTP, or of an event of type ERROR, stands for. */
export function statusFault(
  status: number,
  message: string,
  retryAfter: number | null = null,
): ApiFault {
  return { kind: kindOf(status, retryAfter), message: `${status}: ${message}`, retryAfter };
}

function kindOf(status: number, retryAfter: number | null): ApiFault['kind'] {
  if (status === 401 || status === 403) return 'forbidden';
  if (status === 404) return 'missing';
  if (status === 410) return 'gone';
  if (status === 429 || (status === 503 && retryAfter !== null)) return 'throttled';
  return 'other';
}
