// `sekisho webhook`: what a cluster is given so that its API server asks Sekisho.
import type { Command } from '../command.ts';
import { tellFaults } from '../faults.ts';
import { policiesOption } from '../shared-options.ts';
import { webhookSettings } from '../webhook/settings.ts';

export const webhook: Command = {
  name: 'webhook',
  summary: 'print the webhook configuration that policies need',
  description:
    'Prints the ValidatingWebhookConfiguration for a policy set: rules made from the policies, one webhook for each failurePolicy and set of versions, and an in-tree ValidatingAdmissionPolicy that guards the namespaces which are left out.',
  details: [
    'Apply it again whenever policies change: a kind that no webhook names is never asked about. The annotation `sekisho.dev/policies` says which policy set it was made for.',
    'A webhook is asked in one version of an object. Policies of one failurePolicy that name the same versions share an entry, such as `fail-v1`, and its path `/validate/fail-v1` evaluates just them.',
    'Our own namespace and `kube-system` are left out by `kubernetes.io/metadata.name`, a label that nobody can change, so that a cluster whose gate is down can start it again. In those namespaces the in-tree policy lets only members of `system:masters`, `system:nodes`, `system:serviceaccounts:kube-system` and of `--admin-group` change pods and workloads.',
    'Leases, nodes, events, token and access reviews, node certificates and APIServices are never sent. A policy that names one of them with failurePolicy Fail could lock the cluster out: it is refused, and nothing is printed (exit 1).',
    'A timeout under 3 seconds is refused.',
  ],
  arguments: [],
  options: [
    policiesOption,
    {
      flags: '--service <namespace/name>',
      description:
        'the Service that Sekisho listens behind; NAMESPACE/NAME:PORT for another port than 443',
      fallback: 'sekisho/sekisho',
    },
    {
      flags: '--url <url>',
      description: 'an address instead of a Service: https://HOST[:PORT][/PATH]',
    },
    { flags: '--ca-bundle <file>', description: 'CA of its certificate, PEM' },
    {
      flags: '--cert-manager <namespace/certificate>',
      description: 'a Certificate of cert-manager, which fills in the CA',
    },
    {
      flags: '--timeout <seconds>',
      description: 'how long the API server waits, 3 to 30',
      fallback: '10',
    },
    {
      flags: '--name <name>',
      description: 'of the ValidatingWebhookConfiguration',
      fallback: 'sekisho',
    },
    {
      flags: '--exclude-namespace <name>',
      description: 'a namespace to leave out too',
      repeatable: true,
    },
    { flags: '--include-kube-system', description: 'ask about kube-system too' },
    {
      flags: '--admin-group <group>',
      description: 'a group that may change pods in the namespaces left out',
      repeatable: true,
    },
    { flags: '-o, --output <format>', description: 'yaml or json', fallback: 'yaml' },
  ],
  examples: [
    {
      line: 'sekisho webhook -p policies --ca-bundle ca.crt | kubectl apply -f -',
      does: 'register the policies of a folder',
    },
    {
      line: 'sekisho webhook -p policies --cert-manager sekisho/sekisho-tls --timeout 5',
      does: 'with a certificate of cert-manager, waiting five seconds at most',
    },
  ],
  async run(_args, flags, io) {
    const settings = await webhookSettings(flags);
    if (!settings.ok) {
      await tellFaults(settings.error, io);
      return 2;
    }
    // Policies and CEL are loaded only by who needs them: the help is quick.
    const { runWebhook } = await import('../webhook/run.ts');
    return runWebhook(settings.value, io);
  },
};
