// The authorizer of one attempt: expressions note their questions, the port answers them between two runs of a policy,
// and each is asked once. Upstream: the authorizer variable of k8s.io/apiserver/pkg/admission/plugin/cel.
import type { Authorizer, AuthorizerAnswer, AuthorizerQuestion } from '../cel/authorizer.ts';
import type { Attempt } from '../model/attempt.ts';
import type { PortInput } from '../model/decision.ts';
import type { PortFault, Ports } from './ports.ts';
import { input } from './surroundings.ts';

export type Authorizing = {
  readonly authorizer: Authorizer;
  /** Asks what is open; false when nothing new was learnt, so that running again would change nothing. A promise only
   * where something is asked. */
  settle(): boolean | Promise<boolean>;
  /** Why questions stay open. */
  fault(): PortFault | undefined;
};

/** A question may hang on the answer to another one, but not for long. */
export const maxRounds = 10;

const unanswered: PortFault = {
  code: 'authorizer-unavailable',
  message: 'there is no authorizer to ask',
};

export function authorizingOf(attempt: Attempt, ports: Ports, inputs: PortInput[]): Authorizing {
  const known = new Map<string, AuthorizerAnswer>();
  const refused = new Set<string>();
  const open = new Map<string, AuthorizerQuestion>();
  let fault: PortFault | undefined;
  const ask = async (): Promise<boolean> => {
    const before = known.size;
    for (const [key, question] of open) {
      if (refused.has(key)) continue;
      const asked = await ports.authorizer?.(question);
      if (asked?.ok) {
        known.set(key, asked.value.value);
        inputs.push(input('authorizer', { ...question }, { ...asked.value.value }, asked.value.at));
      } else {
        refused.add(key);
        fault = asked?.error ?? unanswered;
      }
    }
    open.clear();
    return known.size > before;
  };
  return {
    authorizer: {
      user: attempt.userInfo,
      requestResource: requestResourceOf(attempt),
      answer(question) {
        const key = JSON.stringify(question);
        const answer = known.get(key);
        if (answer === undefined) open.set(key, question);
        return answer;
      },
    },
    settle: () => open.size > 0 && ask(),
    fault: () => fault,
  };
}

/** What the request is for, as it was sent: not as a policy's rules see it. */
function requestResourceOf(attempt: Attempt): Authorizer['requestResource'] {
  const { requestResource, requestSubResource, namespace, name } = attempt;
  return {
    group: requestResource.group,
    resource: requestResource.resource,
    subresource: requestSubResource,
    namespace,
    name,
    fieldSelector: '',
    labelSelector: '',
  };
}
