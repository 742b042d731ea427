// One run of `check`: everything that is needed is loaded, or all that is wrong with it told; then file after file.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type ClusterObjects, loadClusterObjects, readObjects } from '../../cluster/objects.ts';
import { loadPolicySet } from '../../policy/load.ts';
import type { PolicySet } from '../../policy/model.ts';
import { createTally, type Summary } from '../../report/entry.ts';
import { type ManifestObject, oldObjectsOf } from '../../review/manifest.ts';
import { type FileList, listFiles } from '../../yaml/files.ts';
import type { ExitCode, Io } from '../command.ts';
import { tellFaults, tellWarnings } from '../faults.ts';
import { type Outputs, openOutputs } from '../outputs.ts';
import { createProgress } from '../progress.ts';
import { checkFiles, clusterWith, type Law, type ManifestFiles, manifestFiles } from './files.ts';
import type { CheckSettings } from './settings.ts';

export async function runCheck(settings: CheckSettings, color: boolean, io: Io): Promise<ExitCode> {
  const { outputs: wanted, quiet } = settings;
  const opened = await openOutputs(wanted, io.stdout, { color, quiet });
  if (!opened.ok) {
    await tellFaults(opened.error, io);
    return 2;
  }
  const outputs = opened.value;
  const loaded = await load(settings, io);
  if (!loaded.ok) {
    await tellFaults(loaded.error, io);
    const summary = createTally().summary();
    await outputs.end({ summary, faults: loaded.error, rulesRun: 0, ran: false });
    return 2;
  }
  if (!quiet) await tellWarnings(loaded.value.policySet.warnings, io);
  const listed = await listFiles(settings.paths);
  const manifests = manifestFiles(listed.files);
  const law = await lawOf(settings, loaded.value, manifests, io);
  return decideAll({ settings, listed, manifests, law, outputs, io });
}

type Loaded = {
  readonly policySet: PolicySet;
  readonly cluster: ClusterObjects;
  readonly old: readonly ManifestObject[];
};

async function load(
  { policies, clusterObjects, old }: CheckSettings,
  { now }: Io,
): Promise<Result<Loaded, readonly Diagnostic[]>> {
  const policySet = await loadPolicySet(policies, { now: now() });
  const cluster = await loadClusterObjects(clusterObjects);
  const before = await readObjects(old);
  if (policySet.ok && cluster.ok && before.faults.length === 0) {
    return ok({ policySet: policySet.value, cluster: cluster.value, old: before.objects });
  }
  return err([
    ...(policySet.ok ? [] : policySet.error),
    ...(cluster.ok ? [] : cluster.error),
    ...before.faults,
  ]);
}

async function lawOf(
  { namespace, operation, userInfo }: CheckSettings,
  { policySet, cluster: given, old }: Loaded,
  manifests: ManifestFiles,
  io: Io,
): Promise<Law> {
  const cluster = await clusterWith(given, manifests);
  const kinds = { customKinds: cluster.customKinds, namespace };
  const options = { ...kinds, operation, userInfo, now: io.now(), old: oldObjectsOf(old, kinds) };
  return { policySet, cluster, options };
}

type Run = {
  readonly settings: CheckSettings;
  readonly listed: FileList;
  readonly manifests: ManifestFiles;
  readonly law: Law;
  readonly outputs: Outputs;
  readonly io: Io;
};

async function decideAll(run: Run): Promise<ExitCode> {
  const { settings, listed, manifests, law, outputs, io } = run;
  const faults: Diagnostic[] = [...listed.faults];
  const tally = createTally();
  const progress = createProgress(io.stderr, listed.files.length, io.elapsed);
  for await (const checked of checkFiles(manifests, law)) {
    if (checked.kind === 'file') {
      for (const fault of checked.faults) faults.push(fault);
      await progress.step();
    } else {
      tally.add(checked.entry.checked);
      await progress.clear();
      await outputs.decision(checked.entry);
    }
  }
  await progress.clear();
  const summary = tally.summary();
  if (summary.attempts === 0 && faults.length === 0) faults.push(noManifest(settings));
  await tellFaults(faults, io);
  await outputs.end({ summary, faults, rulesRun: tally.rulesRun(), ran: true });
  return exitCodeOf(summary, faults, settings);
}

/** Threat: a chart that renders nothing, for a fault of its own, must not pass. */
function noManifest({ paths }: CheckSettings): Diagnostic {
  const message = 'no manifest was found: every document is empty';
  return { code: 'manifest-none', message, file: paths.join(' '), line: 0, column: 0 };
}

function exitCodeOf(
  { denied, unknown }: Summary,
  faults: readonly Diagnostic[],
  { allowUnknown }: CheckSettings,
): ExitCode {
  if (faults.length > 0) return 2;
  return denied > 0 || (unknown > 0 && !allowUnknown) ? 1 : 0;
}
