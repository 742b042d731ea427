// `sekisho ledger report`: what an auditor is given about a period.
import { frameworkNames } from '../../ledger/report/catalogue.ts';
import type { Command } from '../command.ts';
import { tellFaults } from '../faults.ts';
import { reportFormats, reportSettings } from '../ledger/report-settings.ts';

export const ledgerReport: Command = {
  name: 'ledger report',
  summary: 'summarise a period for an audit',
  description:
    'Reads every record of the ledgers and says of a period: whether it is complete, what was decided by policy, namespace and user, which exceptions were used and who is said to have approved them, which policies were in force, and which control it is evidence for.',
  details: [
    'With `--keys` the ledgers are verified first, as `sekisho ledger verify` does; without it the report says that nothing was proven.',
    '`--from` is in the period, `--to` is not: `--from 2026-11-01 --to 2026-12-01` is November, in UTC. Without them the period is from the first record to the last.',
    '`--framework` keeps only the controls of that catalogue; all else stays.',
    '`html` is one page that needs nothing else, and prints well. `json` holds the same data. `csv` is another thing: one line for each decision that was denied, warned about, excused or in error, safe to open in a spreadsheet.',
    'Tables list the names with most decisions; what is not listed is counted together, so that the sums are right.',
    'The exit code is 1 when a record is missing or damaged, or verification found a fault; the report is printed all the same.',
  ],
  arguments: [{ name: '<dir...>', description: 'folders of ledgers' }],
  options: [
    { flags: '--from <time>', description: 'RFC 3339, a date, or a time before now such as 30d' },
    { flags: '--to <time>', description: 'the first moment that is not in the period any more' },
    {
      flags: '--framework <name>',
      description: 'only the controls of this catalogue',
      choices: frameworkNames,
    },
    { flags: '--keys <file>', description: 'the pinned public keys, to verify the ledgers with' },
    {
      flags: '-o, --output <format>',
      description: 'what is printed',
      fallback: 'markdown',
      choices: reportFormats,
    },
  ],
  examples: [
    {
      line: 'sekisho ledger report gate-0/ gate-1/ --from 2026-11-01 --to 2026-12-01 --keys fleet.json -o html',
      does: 'November of two replicas, verified, as a page to be printed',
    },
    {
      line: 'sekisho ledger report /var/lib/sekisho/ledger --from 30d --framework nist-800-190',
      does: 'the last 30 days, with the controls of NIST SP 800-190',
    },
  ],
  async run(args, flags, io) {
    const settings = reportSettings(args, flags, io.now());
    if (!settings.ok) {
      await tellFaults(settings.error, io);
      return 2;
    }
    const { runReport } = await import('../ledger/report.ts');
    return runReport(settings.value, io);
  },
};
