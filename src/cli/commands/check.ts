// `sekisho check`: manifests decided as if they were applied now.
import { operations } from '../../model/attempt.ts';
import { checkSettings } from '../check/settings.ts';
import type { Command } from '../command.ts';
import { tellFaults } from '../faults.ts';
import {
  colorOption,
  outputOption,
  policiesOption,
  quietOption,
  wantsColor,
} from '../shared-options.ts';

export const check: Command = {
  name: 'check',
  summary: 'decide manifests as if they were applied now',
  description:
    'Decides every object of every manifest by the policies, as the server would if the manifest were applied now. Namespaces and custom resource definitions among the manifests count as if they were there already.',
  arguments: [
    { name: '<path...>', description: 'file or folder of manifests, - for standard input' },
  ],
  options: [
    policiesOption,
    {
      flags: '-n, --namespace <name>',
      description: 'namespace of objects that name none',
      fallback: 'default',
    },
    {
      flags: '--operation <operation>',
      description: 'what is done with the manifests; on DELETE they are the old objects',
      fallback: 'CREATE, or UPDATE where --old has the object',
      choices: operations,
    },
    {
      flags: '--old <path>',
      description: 'objects as they were before, found by group, kind, namespace and name',
      repeatable: true,
    },
    { flags: '--user <name>', description: 'who applies the manifests' },
    { flags: '--group <name>', description: 'a group of that user', repeatable: true },
    {
      flags: '--cluster-objects <path>',
      description: 'namespaces, params and custom resource definitions that the cluster has',
      repeatable: true,
    },
    {
      flags: '--allow-unknown',
      description: 'exit 0 although a rule could not be decided for want of an input',
    },
    outputOption,
    colorOption,
    quietOption,
  ],
  examples: [
    { line: 'sekisho check deploy/', does: 'decide a folder by the policies in ./policies' },
    {
      line: 'helm template shop | sekisho check - -p policies --namespace shop',
      does: 'decide what a chart renders',
    },
    {
      line: 'sekisho check deploy/ -o text -o json=check.json',
      does: 'text for people, JSON for programs',
    },
    {
      line: 'sekisho check new.yaml --old live.yaml --user alice --group dev',
      does: 'decide a change of what is there already',
    },
  ],
  async run(args, flags, io) {
    const settings = checkSettings(args, flags);
    if (!settings.ok) {
      await tellFaults(settings.error, io);
      return 2;
    }
    // Policies and CEL are loaded only by who needs them: the help is quick.
    const { runCheck } = await import('../check/run.ts');
    return runCheck(settings.value, wantsColor(flags, io), io);
  },
};
