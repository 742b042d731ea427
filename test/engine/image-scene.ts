// Pods, policies and a made-up port for the tests of image policies: what each authority finds is said by its name.
import type { Digest } from '../../src/base/brand.ts';
import type { JsonObject, JsonValue } from '../../src/base/json.ts';
import { err, ok } from '../../src/base/result.ts';
import { admit } from '../../src/engine/admit.ts';
import type { Ports } from '../../src/engine/ports.ts';
import type {
  AuthorityEvidence,
  ImageBounds,
  ImageFault,
  ImageQuestion,
  VerifiedAttestation,
  VerifiedSignature,
} from '../../src/images/model.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import type { Decision } from '../../src/model/decision.ts';
import type { PolicySet } from '../../src/policy/model.ts';
import { attemptOf } from '../fixtures/attempts.ts';
import { plainPorts } from '../fixtures/ports.ts';
import { pem, scalar } from '../policy/image-texts.ts';
import { wholeSet } from '../policy/texts.ts';

export const at = '2026-11-21T10:00:00Z';
export const digest = `sha256:${'a'.repeat(64)}` as Digest;
export const web = 'registry.example.com/shop/web';
export const pinned = `${web}@${digest}`;

export const authority = (name: string, more = ''): string =>
  `{name: ${name}, key: {data: ${scalar(pem('p256'))}}${more}}`;

export type Written = {
  readonly name?: string;
  readonly annotations?: string;
  readonly glob?: string;
  readonly authorities?: string;
  readonly spec?: string;
};

export const policy = (written: Written = {}): string => `
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: ${written.name ?? 'signed'}, annotations: {${written.annotations ?? ''}}}
spec:
  images: [{glob: "${written.glob ?? '**'}"}]
  authorities: [${written.authorities ?? authority('release')}]
  ${written.spec ?? ''}
`;

export const settings = (images: string, more = ''): string => `
apiVersion: sekisho.dev/v1alpha1
kind: PolicySettings
metadata: {name: settings}
spec: {images: {${images}}${more}}
`;

export function policies(...texts: readonly string[]): PolicySet {
  return wholeSet(texts.join('\n---\n'));
}

export const signature = (changes: Partial<VerifiedSignature> = {}): VerifiedSignature => ({
  format: 'bundle',
  artefact: `sha256:${'b'.repeat(64)}` as Digest,
  key: 'c'.repeat(64),
  issuer: null,
  subject: null,
  annotations: {},
  signedAt: null,
  logIndex: null,
  extensions: {},
  ...changes,
});

export const vuln = 'https://cosign.sigstore.dev/attestation/vuln/v1';

export const scanned = (finished: string): VerifiedAttestation => ({
  ...signature(),
  predicateType: vuln,
  statement: {
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: vuln,
    predicate: { metadata: { scanFinishedOn: finished } },
  },
});

export type Found = Partial<Omit<AuthorityEvidence, 'authority' | 'name'>>;

export const signed: Found = { signatures: [signature()] };
export const unsigned: Found = {};
export const byOthers: Found = {
  rejected: [
    {
      artefact: `sha256:${'d'.repeat(64)}`,
      code: 'image-signature-key',
      message: 'is not made with the key "sha256:1"',
    },
  ],
};
export const broken: Found = {
  rejected: [
    {
      artefact: 'sha256:e',
      code: 'image-signature-invalid',
      message: 'does not fit what it signs',
    },
  ],
};
export const notFound: Found = {
  rejected: [{ artefact: digest, code: 'image-not-found', message: 'is not in the registry' }],
};
const down: ImageFault = { code: 'registry-unreachable', message: 'it cannot be reached' };
export const halfFetched: Found = { faults: [down] };

/** By the names of authorities; a fault is of the whole image. */
export type World = Readonly<Record<string, Found>> | ImageFault;

export const unreachable: ImageFault = down;

export type Scene = {
  readonly policySet: PolicySet;
  readonly attempt?: Partial<Attempt>;
  readonly world?: World;
  readonly ports?: Partial<Ports>;
  /** Nobody can be asked. */
  readonly alone?: boolean;
};

export type Asked = { readonly question: ImageQuestion; readonly bounds: ImageBounds };

export async function judge(scene: Scene): Promise<{ decision: Decision; asked: Asked[] }> {
  const { policySet, attempt = {}, world = {} } = scene;
  const asked: Asked[] = [];
  const ports: Ports = {
    ...plainPorts,
    namespace: async (name) => ok({ value: { metadata: { name, labels: { env: 'prod' } } }, at }),
    async images(question, bounds) {
      asked.push({ question, bounds });
      return answer(question, world);
    },
    ...scene.ports,
  };
  const { images: _, ...withoutImages } = ports;
  const whole = attemptOf({ object: pod(pinned), ...attempt });
  return { decision: await admit(policySet, whole, scene.alone ? withoutImages : ports), asked };
}

function answer(question: ImageQuestion, world: World): ReturnType<NonNullable<Ports['images']>> {
  if (isFault(world)) return Promise.resolve(err(world));
  const nothing = { signatures: [], attestations: [], rejected: [], faults: [] };
  const authorities = question.authorities.map(({ id, name }) => ({
    authority: id,
    name,
    ...nothing,
    ...world[name],
  }));
  const value = { repository: question.image.replace(/(@|:[^/]*$).*/, ''), digest, authorities };
  return Promise.resolve(ok({ value, at }));
}

function isFault(world: World): world is ImageFault {
  return 'code' in world;
}

export const pod = (...images: readonly JsonValue[]): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { containers: images.map((image, i) => ({ name: `c${i}`, image })) },
});

/** Of image policies: `RULE: EVALUATION CODE ACTIONS`. */
export function told({ results }: Decision): readonly string[] {
  return results
    .filter(({ kind }) => kind === 'ClusterImagePolicy')
    .map(({ rule, evaluation, code, actions }) =>
      [`${rule}:`, evaluation, ...(code === null ? [] : [code]), ...actions].join(' '),
    );
}
