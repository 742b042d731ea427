// `sekisho image`: one image verified as the policies would, and all that was found of it.
import type { Command } from '../command.ts';
import { tellFaults } from '../faults.ts';
import { imageSettings } from '../images/image-settings.ts';
import { colorOption, policiesOption, registryOptions, wantsColor } from '../shared-options.ts';

export const image: Command = {
  name: 'image',
  summary: 'verify an image as the policies would, and say what was found',
  description:
    'Asks the registry what an image is now, what signatures and attestations it has, and holds them against every ClusterImagePolicy that covers it, as if a Pod named the image.',
  details: [
    'The exit code is 0 when every policy that covers the image is satisfied, 1 when one is not or none covers it, and 2 when that cannot be told now, for instance because a registry does not answer.',
    'A tag is verified by the digest that it has now. Whether Pods may name tags is a setting; where they may not, the account says so.',
    'A policy with `sekisho.dev/namespace-selector` sees the namespace of `--namespace`, with the labels that `--cluster-objects` give it. A policy with `match` sees a Pod without labels.',
    'Exceptions do not count here.',
  ],
  arguments: [
    {
      name: '<image>',
      description: 'as a Pod names it: registry.example.com/shop/web@sha256:…, nginx:1.27',
    },
  ],
  options: [
    policiesOption,
    {
      flags: '-n, --namespace <name>',
      description: 'namespace that the Pod is in',
      fallback: 'default',
    },
    {
      flags: '--cluster-objects <path>',
      description: 'namespaces that the cluster has, with their labels',
      repeatable: true,
    },
    ...registryOptions,
    {
      flags: '-o, --output <format>',
      description: 'how the account is printed',
      fallback: 'text',
      choices: ['text', 'json'],
    },
    colorOption,
  ],
  examples: [
    {
      line: 'sekisho image registry.example.com/shop/web:1.4 -p policies',
      does: 'who has signed it, and does that suffice',
    },
    {
      line: 'sekisho image localhost:5000/shop/web:1.4 --insecure-registry localhost:5000',
      does: 'ask a registry on this machine, over plain HTTP',
    },
    {
      line: 'sekisho image nginx:1.27 --registry-config ~/.docker/config.json -o json',
      does: 'log in as docker does, and print all for programs',
    },
  ],
  async run(args, flags, io) {
    const settings = imageSettings(args, flags);
    if (!settings.ok) {
      await tellFaults(settings.error, io);
      return 2;
    }
    const { runImage } = await import('../images/run.ts');
    return runImage(settings.value, wantsColor(flags, io), io);
  },
};
