// `sekisho test`: the cases of PolicyTest documents, decided and compared.
import { caseFormats } from '../../report/test/format.ts';
import type { Command } from '../command.ts';
import { tellFaults } from '../faults.ts';
import { colorOption, outputOption, policiesOption, wantsColor } from '../shared-options.ts';
import { testSettings } from '../test/settings.ts';

export const test: Command = {
  name: 'test',
  summary: 'run the cases that prove policies',
  description:
    'Decides every case of every PolicyTest by the policies, as the server would decide the request that the case describes, and compares what came with what the case expects.',
  details: [
    'A case has an object: written in it (`object`), in a file beside the test that holds one document (`file`), or the `spec.base` of its test; `changes` are made to whichever it is, at JSON pointers. `oldObject`, `oldFile` and `oldChanges` say the same of the old object of an UPDATE; without them it is the base. On DELETE the object is the old object.',
    '`spec.policies` names the policies that the cases are about: they are decided as if no other policy were there, so that the cases beside one policy stay true whatever stands beside it. Without it all policies of `-p` decide.',
    'The operation is CREATE, or CONNECT for kinds such as PodExecOptions, unless the case says otherwise. The resource is told by the kind; custom kinds need `resource`. What the API server would never send, such as a PodExecOptions to `pods/attach`, is a fault of the case.',
    'An object without a namespace is in `namespace.name`, or in `default`; the labels and annotations of `namespace` are what the cluster has. The user is `alice` in `system:authenticated`, the moment is now (`time`), and the cluster has no params but those of `params`; params among the policies count before them.',
    '`expect.allowed` is needed. `denied`, `warned`, `excused` and (under AuditOnly) `wouldDeny` are ids of rules, all of them; `findings` are paths that must be among the findings; `warnings` is how many, or a part of each; `message` is a part of what a rule that denies says.',
    'A rule that ends in an error fails the case, unless `denied` or `errors` names it. A rule that is unknown, for want of an input, always does.',
    'A broken policy or case is a fault, and then no case is run. No case at all is a fault as well.',
    'Reports are `text`, `json`, `jsonl`, `junit` or `github`; in `json` every case has its whole decision, with `differences` where it failed.',
  ],
  arguments: [
    {
      name: '[path...]',
      description: 'file or folder with PolicyTests, - for standard input; default: policies',
    },
  ],
  options: [
    policiesOption,
    { flags: '--filter <text>', description: 'only cases that have this text in their name' },
    outputOption(caseFormats),
    colorOption,
    { flags: '-q, --quiet', description: 'print only cases that failed' },
  ],
  examples: [
    { line: 'sekisho test', does: 'run the cases beside the policies in ./policies' },
    {
      line: 'sekisho test tests/ -p baseline -p overlays/production -o text -o junit=cases.xml',
      does: 'run the cases of a folder by a baseline with an overlay, for people and for CI',
    },
    { line: 'sekisho test --filter ephemeral', does: 'run only some of them' },
  ],
  async run(args, flags, io) {
    const settings = testSettings(args, flags);
    if (!settings.ok) {
      await tellFaults(settings.error, io);
      return 2;
    }
    // Policies and CEL are loaded only by who needs them: the help is quick.
    const { runTest } = await import('../test/run.ts');
    return runTest(settings.value, wantsColor(flags, io), io);
  },
};
