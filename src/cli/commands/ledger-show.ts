// `sekisho ledger show`: records as people and programs want to read them.
import { outcomeNames } from '../../ledger/report/filter.ts';
import type { Command } from '../command.ts';
import { tellFaults } from '../faults.ts';
import { showFormats, showSettings } from '../ledger/show-settings.ts';
import { colorOption, wantsColor } from '../shared-options.ts';

const repeatable = true;

export const ledgerShow: Command = {
  name: 'ledger show',
  summary: 'read records: a table, or one in full',
  description:
    'Prints the records of the ledgers, several replicas merged by time, or one record in full: who did what to which object, what was decided and why, under which law.',
  details: [
    'An argument after the folders that is no path is the ID of a record: its whole id (as the refusal shows it), the last 8 to 12 digits of it (as the table shows it), or its sequence number. That record is shown in full.',
    'Filters of different kinds must all hold; of one that is given more than once, any. Filters other than time, kind and id are about decisions: records of other kinds are then left out.',
    '`--policy` and `--rule` find the decisions in which that policy or rule was broken, excused or in error. `--outcome allowed` finds all that was allowed, also with a warning or an exception.',
    '`table` and `full` leave out the headers of segments and the checkpoints, unless `--kind` asks for them. `jsonl` prints the lines as they are, byte for byte; on a terminal alone, characters that it would obey stand as JSON escapes.',
    '`--follow` first shows the last 10 records (`--last` and `--from` change that), then each new one as it is written.',
    'Nothing is proven here: that is `sekisho ledger verify`. Lines that are no records are told at the end, and make the exit code 1.',
  ],
  arguments: [{ name: '<dir...>', description: 'folders of ledgers; last, the ID of a record' }],
  options: [
    {
      flags: '--from <time>',
      description: 'RFC 3339, a date, or a time before now such as 2h, 7d',
    },
    { flags: '--to <time>', description: 'the first moment that is not shown any more' },
    { flags: '--user <name>', description: 'who asked', repeatable },
    { flags: '--namespace <name>', description: 'where', repeatable },
    {
      flags: '--policy <name>',
      description: 'a policy that was broken, excused or in error',
      repeatable,
    },
    { flags: '--rule <id>', description: 'a rule of it, POLICY/NAME', repeatable },
    { flags: '--outcome <word>', description: outcomeNames.join(', '), repeatable },
    { flags: '--operation <word>', description: 'CREATE, UPDATE, DELETE or CONNECT', repeatable },
    {
      flags: '--resource <name>',
      description: 'pods, deployments.apps, pods/exec; or the kind',
      repeatable,
    },
    { flags: '--kind <kind>', description: 'kind of record: decision, reload, gap, …', repeatable },
    { flags: '--id <id>', description: 'as the ID argument, for a list of them', repeatable },
    { flags: '--limit <number>', description: 'only the first so many' },
    { flags: '--last <number>', description: 'only the last so many' },
    { flags: '--follow', description: 'go on with new records as they come' },
    {
      flags: '-o, --output <format>',
      description: 'how records are printed',
      fallback: 'table, and full for one record',
      choices: showFormats,
    },
    colorOption,
  ],
  examples: [
    {
      line: 'sekisho ledger show /var/lib/sekisho/ledger --from 24h --outcome denied',
      does: 'what was denied in the last 24 hours',
    },
    {
      line: 'sekisho ledger show /var/lib/sekisho/ledger 01941f2e-0005-7000-8000-67617465d230',
      does: 'one decision in full, by the id that the refusal shows',
    },
    {
      line: 'sekisho ledger show gate-0/ gate-1/ --follow -o jsonl',
      does: 'the records of two replicas as they come, for a program',
    },
  ],
  async run(args, flags, io) {
    const settings = await showSettings(args, flags, io.now());
    if (!settings.ok) {
      await tellFaults(settings.error, io);
      return 2;
    }
    const { runShow } = await import('../ledger/show.ts');
    return runShow(settings.value, wantsColor(flags, io), io);
  },
};
