// What was thrown, in words: anything can be thrown, and of a system error the code is what tells it apart.

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** `ENOENT`; "" for what has no code. */
export function errorCode(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}
