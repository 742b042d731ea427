// Branded strings: a value of such a type was made by its one parse function.
declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** `sha256:` and 64 lower-case hex digits. */
export type Digest = Brand<string, 'Digest'>;

const digestForm = /^sha256:[0-9a-f]{64}$/;

/** Parses a digest; undefined for any other spelling (upper case, other algorithms, short). */
export function parseDigest(text: string): Digest | undefined {
  return digestForm.test(text) ? (text as Digest) : undefined;
}
