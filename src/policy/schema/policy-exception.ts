// PolicyException (sekisho.dev/v1alpha1): a permission to break named rules, for a reason and for a time.
import { closed, draft, list, metadata, type Schema, text } from './parts.ts';

const some = { minItems: 1, maxItems: 1000 };
const said = (description: string): Schema => ({ ...text, description });
const names = (description: string): Schema => ({ ...list(text, some), description });

const match = {
  ...closed({
    namespaces: names('Exact names. Without them only cluster-scoped objects are meant by names.'),
    names: names('Exact names of objects; no pattern, and no generated name.'),
    workloads: {
      ...list(closed({ kind: text, name: text }, ['kind', 'name']), some),
      description:
        'The workload itself and, as far as its built-in controller creates them, its Pods, ReplicaSets and Jobs.',
    },
    images: names('Digests (sha256:…): only findings in containers that run one of them.'),
    users: names('Exact user names of who makes the request.'),
  }),
  description: 'Every criterion that is given must hold, by any of its values.',
};

export const policyExceptionSchema: Schema = {
  $schema: draft,
  title: 'PolicyException',
  ...closed(
    {
      apiVersion: { type: 'string', enum: ['sekisho.dev/v1alpha1'] },
      kind: { type: 'string', enum: ['PolicyException'] },
      metadata,
      spec: closed(
        {
          rules: names('Rule ids, such as POLICY/NAME, or the name of a policy for all its rules.'),
          match,
          reason: said('Why the rules cannot be kept.'),
          owner: said('Who answers for it and ends it.'),
          ticket: said('Where it was asked for.'),
          approvedBy: said('Who approved it: recorded as a claim of whoever wrote the file.'),
          expires: said(
            'From this moment on it is over: a date (its first moment in UTC) or RFC 3339.',
          ),
        },
        ['rules', 'match', 'reason', 'owner', 'ticket', 'approvedBy', 'expires'],
      ),
    },
    ['apiVersion', 'kind', 'metadata', 'spec'],
  ),
};
