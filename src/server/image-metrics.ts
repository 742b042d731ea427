// What operators see of image verification: how often it was needed, what came of it, and how registries answer.
import { codes } from '../base/codes.ts';
import type { Result } from '../base/result.ts';
import type { EvidenceEvent } from '../images/evidence.ts';
import type { Looked } from '../images/lookup.ts';
import type { ImageFault } from '../images/model.ts';
import type { Registry } from '../images/registry/registry.ts';
import { counter, histogram } from './exposition.ts';

export type ImageMetrics = {
  evidence(event: EvidenceEvent): void;
  /** `seconds` that a request waited for it. */
  answered(result: Result<Looked, ImageFault>, seconds: number): void;
  /** The registry, with what it is asked counted. */
  counted(registry: Registry): Registry;
  lines(): readonly string[];
};

/** `found`: something valid; `none`: nothing valid; else the code of what went wrong. */
function outcomeOf(result: Result<Looked, ImageFault>): string {
  if (!result.ok) return result.error.code in codes ? result.error.code : 'internal-error';
  const { authorities } = result.value.value;
  const parts = authorities.flatMap(({ signatures, attestations }) => [
    ...signatures,
    ...attestations,
  ]);
  return parts.length > 0 ? 'found' : 'none';
}

export function createImageMetrics(): ImageMetrics {
  const verifications = counter(
    'sekisho_image_verifications_total',
    'Images that were asked about, by what came of it.',
  );
  const evidence = counter(
    'sekisho_image_evidence_total',
    'Where evidence came from: the cache (hit), a search that had begun (joined), a registry (miss).',
  );
  const requests = counter('sekisho_registry_requests_total', 'What registries were asked for.');
  const waited = histogram(
    'sekisho_image_verification_seconds',
    'How long a request waited for the evidence of an image.',
  );
  const count = <T>(asked: Promise<Result<T | null, ImageFault>>, request: string) =>
    asked.then((result) => {
      const outcome = result.ok ? (result.value === null ? 'absent' : 'ok') : result.error.code;
      requests.add({ request, outcome }, 1);
    });
  const counting =
    <Args extends readonly unknown[], T extends Promise<Result<unknown, ImageFault>>>(
      request: string,
      ask: (...args: Args) => T,
    ) =>
    (...args: Args): T => {
      const asked = ask(...args);
      void count(asked, request);
      return asked;
    };
  return {
    evidence: (event) => evidence.add({ event }, 1),
    answered(result, seconds) {
      verifications.add({ outcome: outcomeOf(result) }, 1);
      waited.observe(seconds);
    },
    counted: (registry) => ({
      resolve: counting('resolve', registry.resolve.bind(registry)),
      manifest: counting('manifest', registry.manifest.bind(registry)),
      blob: counting('blob', registry.blob.bind(registry)),
      referrers: counting('referrers', registry.referrers.bind(registry)),
    }),
    lines: () => [
      ...verifications.lines(),
      ...evidence.lines(),
      ...requests.lines(),
      ...waited.lines(),
    ],
  };
}
