// `sekisho serve`: the HTTPS webhook, until it is told to stop.
import { settingTable } from '../../config/setting-table.ts';
import { formatAddress } from '../../config/settings.ts';
import type { Command, Flags, Option } from '../command.ts';
import { tellFaults } from '../faults.ts';
import { listFlag, switchFlag, textFlag } from '../flags.ts';

/** Every field of a Configuration is a flag here, and the reverse. */
const settingOptions: readonly Option[] = settingTable.map((setting) => ({
  flags: setting.flags,
  description: setting.description.replace(/ \(repeatable\)$/, ''),
  ...(setting.fallback === null ? {} : { fallback: setting.fallback }),
  ...(setting.type === 'paths' || setting.type === 'hosts' ? { repeatable: true } : {}),
}));

export const serve: Command = {
  name: 'serve',
  summary: 'answer the API server: the HTTPS webhook',
  description:
    'Takes AdmissionReviews on /validate, /validate/fail and /validate/ignore. Policies, cluster objects and certificates are read again when their files change. Namespaces, params, exceptions and webhook configurations are watched in the cluster of --kubeconfig, or of the pod it runs in, unless --cluster-objects says them. On SIGTERM it goes on serving for a while, then stops.',
  details: [],
  arguments: [],
  options: [
    { flags: '--config <file>', description: 'a Configuration; flags win over it' },
    ...settingOptions,
  ],
  examples: [
    {
      line: 'sekisho serve -p policies --tls-cert tls.crt --tls-key tls.key --ledger records',
      does: 'serve the policies in a folder, and record every decision',
    },
    { line: 'sekisho serve --config sekisho.yaml', does: 'all settings from a file' },
  ],
  async run(_args, flags, io) {
    const { loadSettings } = await import('../../config/load.ts');
    const settings = await loadSettings(settingFlags(flags), textFlag(flags, 'config'));
    if (!settings.ok) {
      await tellFaults(settings.error, io);
      return 2;
    }
    // Fastify and pino are loaded only by who needs them: `check` starts quickly.
    const { startServer } = await import('../../server/start.ts');
    const { createLog } = await import('../../server/log.ts');
    const log = createLog();
    const server = await startServer(settings.value, { log, engineVersion: io.version });
    if (!server.ok) {
      await tellFaults(server.error, io);
      return 2;
    }
    const { address, metricsAddress, stop } = server.value;
    const at = { reviews: formatAddress(address), metrics: formatAddress(metricsAddress) };
    log.info(at, 'listening');
    await io.untilStopped();
    log.info('stopping');
    await stop();
    return 0;
  },
};

type SettingFlags = Readonly<Record<string, string | readonly string[]>>;

function settingFlags(flags: Flags): SettingFlags {
  return Object.fromEntries(
    settingTable.flatMap(({ field, type }): [string, string | readonly string[]][] => {
      if (type === 'switch') return switchFlag(flags, field) ? [[field, 'true']] : [];
      const isList = type === 'paths' || type === 'hosts';
      const value = isList ? listFlag(flags, field) : textFlag(flags, field);
      return value === undefined || value.length === 0 ? [] : [[field, value]];
    }),
  );
}
