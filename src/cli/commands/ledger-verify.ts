// `sekisho ledger verify`: proves ledgers to who trusts nobody but the pinned public keys.
import type { Command } from '../command.ts';
import { tellFaults } from '../faults.ts';
import { verifySettings } from '../ledger/verify-settings.ts';
import { colorOption, wantsColor } from '../shared-options.ts';

export const ledgerVerify: Command = {
  name: 'ledger verify',
  summary: 'prove that nothing was changed, removed or added',
  description:
    'Reads every record of the ledgers, proves each by its own sum, its place in the chain and the signed checkpoints, and names each fault: which record, and what was done to it.',
  details: [
    'A path is the folder of a ledger, or a single segment, plain or compressed. The folders of several replicas can be given at once.',
    '`--keys` is the list of public keys that was copied away when the ledger was made (`keys.json` of its folder), for a fleet all of them in one list. Nothing else is trusted.',
    '`--checkpoint` is a checkpoint that was kept elsewhere: the ledger must still reach it, and hold the very record that it signed. Without one, records after the newest checkpoint in the folder can be cut off without a trace in the folder.',
    '`--witness` is an audit log of the API server (JSON Lines, plain or .gz): every decision that it names must be in a ledger (`unrecorded` otherwise), and every decision of a ledger that it should know must be in it (`unwitnessed`). What the audit policy leaves out is not a fault; how many records cannot be told is said.',
    'A ledger can be verified while it is written. Whoever copies one that is being written copies `checkpoint` and `epochs.jsonl` first, then the segments.',
    'A retention counts only where a checkpoint covers the record that declares it; the segments are `removed` otherwise. Whoever has the key of today can sign such a record as well: the note names what is gone, to be held against the retention settings. `replayed` is also a path with the same records of the same ledger as another one: one of the two stands in the place of another ledger.',
    'Notes are no faults: the torn tail of a crash, declared gaps, declared retention, records that no checkpoint covers yet, a ledger that was not stopped.',
    'The exit code is 0 when there is no fault, 1 when there is one, and 2 when something could not be read. docs/verifying.md proves a ledger with standard tools.',
  ],
  arguments: [{ name: '<path...>', description: 'folder of a ledger, or a segment' }],
  options: [
    { flags: '--keys <file>', description: 'the pinned public keys (needed)' },
    {
      flags: '--witness <file>',
      description: 'audit log of the API server',
      repeatable: true,
    },
    {
      flags: '--checkpoint <file>',
      description: 'a checkpoint that was kept elsewhere',
      repeatable: true,
    },
    {
      flags: '-o, --output <format>',
      description: 'how the outcome is printed',
      fallback: 'text',
      choices: ['text', 'json'],
    },
    colorOption,
  ],
  examples: [
    {
      line: 'sekisho ledger verify /var/lib/sekisho/ledger --keys keys.json',
      does: 'prove a ledger',
    },
    {
      line: 'sekisho ledger verify gate-0/ gate-1/ --keys fleet.json --witness audit.log.gz -o json',
      does: 'prove the ledgers of two replicas, against the audit log of the API server as well',
    },
  ],
  async run(args, flags, io) {
    const settings = verifySettings(args, flags);
    if (!settings.ok) {
      await tellFaults(settings.error, io);
      return 2;
    }
    const { runVerify } = await import('../ledger/verify.ts');
    return runVerify(settings.value, wantsColor(flags, io), io);
  },
};
