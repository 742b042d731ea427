// `sekisho cel`: one expression over an object, for whoever writes policies, and for editors.
import { celSettings } from '../cel/settings.ts';
import type { Command } from '../command.ts';
import { tellFaults } from '../faults.ts';
import { colorOption, wantsColor } from '../shared-options.ts';

export const cel: Command = {
  name: 'cel',
  summary: 'evaluate an expression over an object',
  description:
    'Evaluates a CEL expression as the rules of a ValidatingAdmissionPolicy are evaluated, and prints its value, its type, its cost in the units of the API server, and the fields that made it come out so.',
  details: [
    'A file is YAML or JSON and holds one object, which the expression sees as it is written. What is not given is null; `params` is a name only with `--params`.',
    '`request` is what would send the object: a CREATE with `--object` alone, an UPDATE with `--old` as well, a DELETE with `--old` alone, by nobody. The authorizer is not asked: what hangs on its answer ends in an error.',
    'An expression that begins with a minus stands last, behind `--`.',
    'The exit code is 0 whatever the value, 1 when the evaluation ends in an error, and 2 when the expression does not compile.',
    'In JSON integers are exact, bytes are base64, durations and timestamps are text, and what JSON cannot hold is `{"type", "text"}`.',
    'With `-` each line of standard input is `{"id", "expression", "variables"}`, and is answered by a line with the same `id`: `value` or `error`, `type`, `cost`, and `paths`, the fields that made it come out so. `variables` may hold `object`, `oldObject`, `params`, `request` and `namespaceObject`. A line that cannot be read is answered by an `error` and its number in `line`. The exit code is that of the worst line.',
    'A fault of an expression has `start` and `end`, offsets in UTF-16 units, beside `line` and `column`.',
  ],
  arguments: [
    { name: '<expression>', description: 'the expression, - for JSON Lines on standard input' },
  ],
  options: [
    { flags: '--object <file>', description: 'the object, - for standard input' },
    { flags: '--old <file>', description: 'oldObject: the object as it was before' },
    { flags: '--params <file>', description: 'params' },
    {
      flags: '--namespace-object <file>',
      description: 'namespaceObject: the namespace of the object',
    },
    {
      flags: '-o, --output <format>',
      description: 'how the answer is printed',
      fallback: 'text',
      choices: ['text', 'json'],
    },
    colorOption,
  ],
  examples: [
    {
      line: "sekisho cel 'object.spec.replicas <= 5' --object deployment.yaml",
      does: 'try a rule on an object',
    },
    {
      line: "kubectl get pod web -o yaml | sekisho cel 'object.spec.containers.map(c, c.image)' --object - -o json",
      does: 'read something from what is running',
    },
    { line: 'sekisho cel - < questions.jsonl', does: 'answer many questions, one on each line' },
  ],
  async run(args, flags, io) {
    const settings = celSettings(args, flags);
    if (!settings.ok) {
      await tellFaults(settings.error, io);
      return 2;
    }
    const { runCel } = await import('../cel/run.ts');
    return runCel(settings.value, wantsColor(flags, io), io);
  },
};
