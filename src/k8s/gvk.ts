// Kinds and resources as the API server names them.
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';

export type GroupVersionKind = {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
};
export type GroupVersionResource = {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
};

/** `apps/v1` to group and version; the core group is "". */
export function parseApiVersion(
  apiVersion: string,
): Result<{ readonly group: string; readonly version: string }, string> {
  const parts = apiVersion.split('/');
  const [first = '', second] = parts;
  if (parts.length > 2 || first === '' || second === '') {
    return err('apiVersion must be VERSION or GROUP/VERSION');
  }
  return ok(
    second === undefined ? { group: '', version: first } : { group: first, version: second },
  );
}

/** The inverse of parseApiVersion. */
export function formatApiVersion(gv: { readonly group: string; readonly version: string }): string {
  return gv.group === '' ? gv.version : `${gv.group}/${gv.version}`;
}
