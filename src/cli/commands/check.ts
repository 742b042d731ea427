// `sekisho check`: manifests decided as if they were applied now.
import { operations } from '../../model/attempt.ts';
import { formats } from '../../report/format.ts';
import { fixModes } from '../check/fix/mode.ts';
import { checkSettings } from '../check/settings.ts';
import type { Command } from '../command.ts';
import { tellFaults } from '../faults.ts';
import {
  colorOption,
  outputOption,
  policiesOption,
  quietOption,
  registryOptions,
  wantsColor,
} from '../shared-options.ts';

export const check: Command = {
  name: 'check',
  summary: 'decide manifests as if they were applied now',
  description:
    'Decides every object of every manifest by the policies, as the server would if the manifest were applied now. Namespaces and custom resource definitions among the manifests count as if they were there already.',
  details: [
    'Every document of every file is one attempt. What kubectl takes for a list is one here too: each item of `items` is decided for itself, lists inside lists as well.',
    'A namespaced object without a namespace is in `--namespace` before any policy looks. A namespace that nobody supplies exists, with its `kubernetes.io/metadata.name` label alone; one among the manifests adds to the one of `--cluster-objects`, as `kubectl apply` does.',
    'With `generateName` an object has its name already when policies look. Nobody can know its last five characters, so they are `xxxxx`.',
    'Kinds are mapped to resources from a built-in table, whatever the version; from custom resource definitions among the manifests and the cluster objects; and failing both by the plural that Kubernetes would guess, which the report notes (in JSON as `source.notes`).',
    '`--old` makes an attempt an UPDATE where it has the object. With `--operation UPDATE` and no old object `oldObject` is null, which the report notes too.',
    'A document that is no manifest is a fault, and the exit code is 2; the others are decided all the same. No manifest at all is a fault as well.',
    'A rule that lacks an input is `unknown`: the verdict stays as it is, but the exit code is 1 unless `--allow-unknown`.',
    'Without `--verify-images` no registry is asked: image policies that would have to are skipped (`images-not-verified`), and the summary counts them. With it an image that cannot be verified now is `unknown`.',
    'In `summary`, `attempts`, `allowed`, `denied` and `warned` count objects; `errors` and `unknown` count results.',
    '`--fix` writes only what it has proven: the patches of all findings together are applied and the object is decided again, and the file is written only when it reads as exactly that object. Comments, order, anchors and quotes stay. The report and the exit code are of the manifests as they are then. See [fixing](fixing.md).',
    'With `--fix=diff` standard output has the diff alone, and the text report goes to standard error.',
    'A report in `jsonl` is whole when its last line is the summary.',
  ],
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
    {
      flags: '--verify-images',
      description: 'ask registries for what image policies want verified',
    },
    ...registryOptions,
    {
      flags: '--fix [how]',
      description:
        'write the patches of findings into the manifests; --fix=diff prints them and writes nothing',
      choices: fixModes,
    },
    outputOption(formats),
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
    {
      line: 'sekisho check --fix=diff deploy/',
      does: 'show what --fix would write; without =diff it is written, and what is left is told',
    },
    {
      line: 'sekisho check deploy/ --verify-images --registry-config ~/.docker/config.json',
      does: 'verify the images as well',
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
