// What goes wrong with a registry, as one sentence that says what happened and what to do. No text of these comes from
// a header or body of ours: no credential can be in it.
import { errorCode, messageOf } from '../../base/cause.ts';
import type { Code } from '../../base/codes.ts';
import { type Err, err } from '../../base/result.ts';
import { cut, quote } from '../../base/text.ts';
import { artefactLimits } from '../artefact.ts';
import type { ImageFault } from '../model.ts';

type RegistryCode = Extract<Code, `registry-${string}`>;

export function fault(code: RegistryCode, message: string): Failed {
  return err({ code, message });
}

export type Failed = Err<ImageFault>;

export function notAllowed(host: string, why: string): Failed {
  const message = `${quote(cut(host, 256))} ${why}: it is not asked for images`;
  return fault('registry-not-allowed', message);
}

/** Of a list that is not read to its end. */
export function tooManyParts(host: string, what: string): Failed {
  const why = `${host} lists more as ${what} than is read (${artefactLimits.count} artefacts of an image)`;
  const fix = 'delete what is not needed any more';
  return err({ code: 'image-artefacts-limit', message: `${why}; ${fix}` });
}

/** Of a status that is neither success nor 404. */
export function badStatus(host: string, what: string, status: number): Failed {
  const said = `${host} answers ${status} when asked for ${what}`;
  if (status === 401 || status === 403) {
    const fix = 'give credentials that may read it (registryConfig, or pullSecrets)';
    return fault('registry-denied', `${said}: ${fix}`);
  }
  if (status === 429) return fault('registry-busy', `${said}: too many requests; retry later`);
  if (status >= 500) return fault('registry-failing', `${said}: it is not well; retry later`);
  return fault('registry-answer', `${said}, which is no answer that a registry gives`);
}

/** A looked-up address that is never connected to; the message goes behind the name of the host. */
export class ForbiddenAddress extends Error {}

/** Of a request that ended without an answer. `isOver`: our own time was up. */
export function noAnswer(host: string, what: string, cause: unknown, isOver: boolean): Failed {
  if (isOver || isTimeout(cause)) {
    const message = `${host} did not send ${what} in time; retry, or ask whoever runs it`;
    return fault('registry-timeout', message);
  }
  const root = rootOf(cause);
  if (root instanceof ForbiddenAddress) return notAllowed(host, root.message);
  const why = cut(quote(messageOf(root)), 300);
  if (isTls(root)) {
    const fix = 'give the certificate of its authority (registries[].caFile)';
    return fault(
      'registry-untrusted',
      `${host} shows a certificate that is not trusted: ${why}; ${fix}`,
    );
  }
  const code = errorCode(root);
  if (code.startsWith('UND_ERR_HEADERS_OVERFLOW') || code.startsWith('HPE_')) {
    return fault('registry-answer', `${host} does not answer as HTTP says: ${why}`);
  }
  const fix = 'look whether it runs, and whether its name and network policies let us reach it';
  return fault('registry-unreachable', `${host} cannot be reached: ${why}; ${fix}`);
}

/** undici wraps what a proxy or a pool met; several addresses fail together. */
function rootOf(cause: unknown): unknown {
  if (cause instanceof AggregateError) return rootOf(cause.errors[0] ?? cause.message);
  if (cause instanceof Error && cause.cause instanceof Error) return rootOf(cause.cause);
  return cause;
}

const timeouts = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

function isTimeout(cause: unknown): boolean {
  return timeouts.has(errorCode(cause)) || timeouts.has(errorCode(rootOf(cause)));
}

const tlsCodes =
  /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO$|UND_ERR_PRX_TLS)/;

function isTls(cause: unknown): boolean {
  return tlsCodes.test(errorCode(cause));
}
