// What kind of statement an attestation is: a URI, or one of cosign's short names.
// Upstream: PredicateTypeMap in cmd/cosign/cli/options of sigstore/cosign.
import { type FieldPath, formatPath } from '../../base/field-path.ts';
import { joinQuote, quote } from '../../base/text.ts';
import type { Report } from '../faults.ts';

const shortNames: ReadonlyMap<string, string> = new Map([
  ['custom', 'https://cosign.sigstore.dev/attestation/v1'],
  ['slsaprovenance', 'https://slsa.dev/provenance/v0.2'],
  ['slsaprovenance02', 'https://slsa.dev/provenance/v0.2'],
  ['slsaprovenance1', 'https://slsa.dev/provenance/v1'],
  ['spdx', 'https://spdx.dev/Document'],
  ['spdxjson', 'https://spdx.dev/Document'],
  ['cyclonedx', 'https://cyclonedx.org/bom'],
  ['link', 'https://in-toto.io/Link/v1'],
  ['vuln', 'https://cosign.sigstore.dev/attestation/vuln/v1'],
  ['openvex', 'https://openvex.dev/ns'],
]);

/** No statement has a type that is neither: cosign writes none, and in-toto wants a URI. */
export function predicateType(written: string, path: FieldPath, report: Report): string {
  const named = shortNames.get(written);
  if (named !== undefined) return named;
  if (!/^[a-z][a-z0-9+.-]*:\S+$/i.test(written)) {
    const message = `${formatPath(path)} must be a URI or one of ${joinQuote([...shortNames.keys()])}, not ${quote(written)}`;
    report({ path, message });
  }
  return written;
}
