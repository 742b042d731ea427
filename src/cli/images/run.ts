// Runs `sekisho image`. Loaded only when it is asked for.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { jsonText } from '../../base/json-text.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { cut, printable } from '../../base/text.ts';
import { type ClusterObjects, loadClusterObjects, portsOf } from '../../cluster/objects.ts';
import { loadPolicySet } from '../../policy/load.ts';
import type { PolicySet } from '../../policy/model.ts';
import { paints } from '../../report/paint.ts';
import type { Images } from '../../server/images.ts';
import { turnSince } from '../../server/turn.ts';
import type { ExitCode, Io } from '../command.ts';
import { tellFaults } from '../faults.ts';
import { type Account, accountOf, type Verdict } from './account.ts';
import { accountText } from './account-text.ts';
import type { ImageCommandSettings } from './image-settings.ts';
import { openCliImages } from './open.ts';

const exitCodes: Readonly<Record<Verdict, ExitCode>> = {
  verified: 0,
  'not-verified': 1,
  unknown: 2,
};

export async function runImage(
  settings: ImageCommandSettings,
  color: boolean,
  io: Io,
): Promise<ExitCode> {
  const loaded = await load(settings, io);
  if (!loaded.ok) {
    await tellFaults(loaded.error, io);
    return 2;
  }
  const { images } = loaded.value;
  try {
    const account = await whileTold(io, settings.image, () => verify(settings, loaded.value, io));
    const text = settings.json
      ? `${jsonText({ ...account }, 2)}\n`
      : accountText(account, paints(color));
    await io.stdout.write(text);
    return exitCodes[account.verdict];
  } finally {
    await images.close();
  }
}

type Loaded = {
  readonly policySet: PolicySet;
  readonly cluster: ClusterObjects;
  readonly images: Images;
};

async function load(
  { policies, clusterObjects, registries }: ImageCommandSettings,
  { now }: Io,
): Promise<Result<Loaded, readonly Diagnostic[]>> {
  const policySet = await loadPolicySet(policies, { now: now() });
  const cluster = await loadClusterObjects(clusterObjects);
  const images = await openCliImages(registries, policySet, now);
  if (policySet.ok && cluster.ok && images.ok)
    return ok({ policySet: policySet.value, cluster: cluster.value, images: images.value });
  return err([policySet, cluster, images].flatMap((each) => (each.ok ? [] : each.error)));
}

function verify(
  { image, namespace }: ImageCommandSettings,
  { policySet, cluster, images }: Loaded,
  io: Io,
): Promise<Account> {
  const now = io.now();
  const turn = turnSince(performance.now());
  const ports = { ...portsOf(cluster, now, 'synthesise'), images: images.port, turn };
  return accountOf({ image, namespace, policySet, ports, now });
}

/** On a terminal only, and gone before anything else is printed. */
async function whileTold<T>({ stderr }: Io, image: string, act: () => Promise<T>): Promise<T> {
  if (!stderr.isTerminal) return act();
  const { columns } = stderr;
  const width = Math.max(20, (columns?.() ?? 80) - 1);
  await stderr.write(`\r\u001b[K${cut(printable(`asking about ${image}`), width)}`);
  try {
    return await act();
  } finally {
    await stderr.write('\r\u001b[K');
  }
}
