// What a signature is about: cosign's simple-signing payload, or an in-toto statement. It must be about this image, by
// the digest that we resolved ourselves. Upstream: cosign's SimpleContainerImage; in-toto Statement v0.1 and v1.
import type { Digest } from '../../base/brand.ts';
import type { Code } from '../../base/codes.ts';
import { get, getIn, isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { cut, quote } from '../../base/text.ts';
import { parseJson } from '../../yaml/json.ts';
import { artefactLimits, type Rejection } from '../artefact.ts';
import type { Candidate } from './candidate.ts';

export type Content =
  | { readonly kind: 'signature'; readonly annotations: Readonly<Record<string, string>> }
  | {
      readonly kind: 'attestation';
      readonly annotations: Readonly<Record<string, string>>;
      readonly predicateType: string;
      readonly statement: JsonObject;
    };

type About = Result<Content, Rejection>;

export const statementPayload = 'application/vnd.in-toto+json';
const statementTypes: readonly unknown[] = [
  'https://in-toto.io/Statement/v0.1',
  'https://in-toto.io/Statement/v1',
];
/** cosign 3 signs an image with a statement that has nothing to say of it. */
const signaturePredicate = 'https://sigstore.dev/cosign/sign/v1';
const simpleSigningType = 'cosign container image signature';

export function contentOf({ payload, payloadType }: Candidate, digest: Digest): About {
  const parsed = parseJson(payload, {
    maxBytes: artefactLimits.blobBytes,
    maxDepth: artefactLimits.depth,
  });
  if (!parsed.ok) {
    return reject(
      'image-artefact-unreadable',
      `signs what cannot be read: ${parsed.error.message}`,
    );
  }
  if (payloadType === null) return simpleSigning(parsed.value, digest);
  if (payloadType === statementPayload) return statementOf(parsed.value, digest);
  return reject('image-signature-type', `signs a ${shown(payloadType)}, not a statement`);
}

function simpleSigning(payload: JsonValue, digest: Digest): About {
  const type = getIn(payload, ['critical', 'type']);
  if (type !== simpleSigningType) {
    return reject('image-signature-type', `signs a ${shown(type)}, not an image`);
  }
  const signed = getIn(payload, ['critical', 'image', 'docker-manifest-digest']);
  if (signed !== digest) return otherImage([signed], digest);
  return ok({ kind: 'signature', annotations: texts(get(payload, 'optional')) });
}

function statementOf(statement: JsonValue, digest: Digest): About {
  const type = get(statement, '_type');
  if (!isObject(statement) || !statementTypes.includes(type)) {
    return reject('image-signature-type', `signs a ${shown(type)}, not an in-toto statement`);
  }
  const subjects = get(statement, 'subject');
  const listed = isArray(subjects) ? subjects : [];
  const digests = listed.map((subject) => `sha256:${getIn(subject, ['digest', 'sha256'])}`);
  const subject = listed[digests.indexOf(digest)];
  if (subject === undefined) return otherImage(digests, digest);
  const annotations = texts(get(subject, 'annotations'));
  const predicateType = get(statement, 'predicateType');
  if (typeof predicateType !== 'string') {
    return reject('image-signature-type', 'signs a statement without a predicateType');
  }
  if (predicateType === signaturePredicate) return ok({ kind: 'signature', annotations });
  return ok({ kind: 'attestation', annotations, predicateType, statement });
}

function otherImage(signed: readonly unknown[], digest: Digest): About {
  const images = signed.length === 0 ? 'no image' : signed.slice(0, 3).map(shown).join(', ');
  return reject('image-signature-digest', `is of ${images}, and this image is ${digest}`);
}

function reject(code: Code, message: string): About {
  return err({ code, message });
}

function shown(found: unknown): string {
  return typeof found === 'string' ? quote(cut(found, 200)) : 'thing without a name';
}

function texts(value: JsonValue | undefined): Readonly<Record<string, string>> {
  const members = isObject(value) ? Object.entries(value) : [];
  return Object.fromEntries(
    members.filter((member): member is [string, string] => typeof member[1] === 'string'),
  );
}
