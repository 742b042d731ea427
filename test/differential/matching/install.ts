// Generated policies in the API server, active: what it refused is told apart, and a probe says when the rest is in use.
import type { JsonObject } from '../../../src/base/json.ts';
import { getIn } from '../../../src/base/json.ts';
import type { Api } from '../../e2e/api.ts';
import { until } from '../../e2e/processes.ts';
import { probe } from './capture.ts';
import type { Generated } from './policies.ts';

export type Installed = {
  readonly accepted: readonly Generated[];
  readonly refused: readonly { readonly generated: Generated; readonly why: string }[];
};

const root = '/apis/admissionregistration.k8s.io/v1';
const policiesPath = `${root}/validatingadmissionpolicies`;
const bindingsPath = `${root}/validatingadmissionpolicybindings`;

export async function install(
  api: Api,
  generated: readonly Generated[],
  batch: string,
): Promise<Installed> {
  const accepted: Generated[] = [];
  const refused: { generated: Generated; why: string }[] = [];
  for (const each of generated) {
    const why = await refusal(api, each);
    if (why === undefined) accepted.push(each);
    else refused.push({ generated: each, why });
  }
  await untilActive(api, [probing(`${batch}-probe`)]);
  return { accepted, refused };
}

/** All of ours; the next batch's probe comes after that. */
export async function uninstall(api: Api): Promise<void> {
  await api.send('DELETE', bindingsPath);
  await api.send('DELETE', policiesPath);
}

/** Adds policies that warn of the probe, and waits until all of them do. The policies that were added before are in
 * use then too: the API server learns of them in the same order. */
export async function untilActive(api: Api, probes: readonly Generated[]): Promise<void> {
  for (const each of probes) {
    const why = await refusal(api, each);
    if (why !== undefined) throw new Error(why);
  }
  // Custom kinds of params are looked up anew every 30 seconds.
  await until('the probe of the policies', 90, async () => {
    const path = '/api/v1/namespaces/shop/configmaps?dryRun=All';
    const { warnings } = await api.send('POST', path, probe);
    const names = probes.map(({ policy }) => `'${String(getIn(policy, ['metadata', 'name']))}'`);
    return names.every((name) => warnings.some((text) => text.includes(name)));
  });
}

async function refusal(api: Api, { policy, bindings }: Generated): Promise<string | undefined> {
  const objects = [policy, ...bindings];
  for (const [i, object] of objects.entries()) {
    const answer = await api.send('POST', i === 0 ? policiesPath : bindingsPath, object);
    if (answer.status < 300) continue;
    for (const [j, made] of objects.slice(0, i).entries()) {
      const name = String(getIn(made, ['metadata', 'name']));
      await api.send('DELETE', `${j === 0 ? policiesPath : bindingsPath}/${name}`);
    }
    return JSON.stringify(answer.body);
  }
  return undefined;
}

/** Warns of the config map `probe`; with `paramKind` once its objects can be listed. */
export function probing(name: string, paramKind?: JsonObject): Generated {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const rule = {
    ...{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
    ...{ operations: ['CREATE'], resourceNames: ['probe'] },
  };
  const params = { selector: {}, parameterNotFoundAction: 'Deny' };
  return {
    policy: {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        ...(paramKind === undefined ? {} : { paramKind }),
        matchConstraints: { resourceRules: [rule] },
        validations: [{ expression: 'false', message: name }],
      },
    },
    bindings: [
      {
        apiVersion,
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name },
        spec: {
          policyName: name,
          validationActions: ['Warn'],
          ...(paramKind === undefined ? {} : { paramRef: params }),
        },
      },
    ],
  };
}
