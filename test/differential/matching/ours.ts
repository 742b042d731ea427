// What our engine decides of the reviews that the API server made, with the very policies and objects that it has.
import type { JsonObject, JsonValue } from '../../../src/base/json.ts';
import { err, ok, type Result } from '../../../src/base/result.ts';
import { admit } from '../../../src/engine/admit.ts';
import type { Ports } from '../../../src/engine/ports.ts';
import type { Decision } from '../../../src/model/decision.ts';
import { buildPolicySet } from '../../../src/policy/build.ts';
import type { PolicySet } from '../../../src/policy/model.ts';
import { decodeReview } from '../../../src/review/decode.ts';
import { readDocuments } from '../../../src/yaml/read.ts';
import { now } from '../../fixtures/attempts.ts';
import { turn } from '../../fixtures/ports.ts';
import type { Generated } from './policies.ts';
import type { World } from './world.ts';

/** Pod Security is another matter. */
const settings = {
  apiVersion: 'pod-security.admission.config.k8s.io/v1',
  kind: 'PodSecurityConfiguration',
  defaults: { enforce: 'privileged', audit: 'privileged', warn: 'privileged' },
};

/** The faults as text when we would not load what was generated. */
export function load(generated: readonly Generated[]): Result<PolicySet, string> {
  const objects: readonly JsonObject[] = generated.flatMap((g) => [g.policy, ...g.bindings]);
  const text = [settings, ...objects].map((each) => JSON.stringify(each)).join('\n---\n');
  const { documents, faults } = readDocuments(text, 'generated.yaml');
  const built = buildPolicySet([documents], { now });
  if (built.ok && faults.length === 0) return built;
  return err([...faults, ...(built.ok ? [] : built.error)].map((f) => f.message).join('; '));
}

export function portsOf(world: World): Ports {
  return {
    async namespace(name) {
      const value = world.namespaces.get(name);
      if (value !== undefined) return ok({ value, at: now });
      return err({ code: 'namespace-unavailable', message: `namespaces "${name}" not found` });
    },
    async params({ apiVersion, kind }) {
      const { objects = [], namespaced } = world.params.get(`${apiVersion} ${kind}`) ?? {};
      return ok({ value: objects, at: now, ...(namespaced === undefined ? {} : { namespaced }) });
    },
    turn,
  };
}

export async function decisionOf(
  policySet: PolicySet,
  review: JsonValue,
  ports: Ports,
): Promise<Decision> {
  const attempt = decodeReview(review, { now, deadline: null });
  if (!attempt.ok) throw new Error(attempt.error.message);
  return admit(policySet, attempt.value, ports);
}
