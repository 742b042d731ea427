// One run of `check`: everything that is needed is loaded, or all that is wrong with it told; then file after file.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type ClusterObjects, loadClusterObjects, readObjects } from '../../cluster/objects.ts';
import { loadPolicySet } from '../../policy/load.ts';
import type { PolicySet } from '../../policy/model.ts';
import { createTally, type Summary } from '../../report/entry.ts';
import { type ManifestObject, oldObjectsOf } from '../../review/manifest.ts';
import type { Images } from '../../server/images.ts';
import { type FileList, listFiles } from '../../yaml/files.ts';
import type { ExitCode, Io } from '../command.ts';
import { tellFaults, tellWarnings } from '../faults.ts';
import { openCliImages } from '../images/open.ts';
import { type Outputs, openOutputs } from '../outputs.ts';
import { createProgress, filesOf } from '../progress.ts';
import { checkFiles, clusterWith, type Law, type ManifestFiles, manifestFiles } from './files.ts';
import type { CheckSettings } from './settings.ts';

export async function runCheck(settings: CheckSettings, color: boolean, io: Io): Promise<ExitCode> {
  const { outputs: wanted, quiet } = settings;
  const isDiff = settings.fix === 'diff';
  const opened = isDiff
    ? await openOutputs(wanted, io.stderr, { color: false, quiet })
    : await openOutputs(wanted, io.stdout, { color, quiet });
  if (!opened.ok) {
    await tellFaults(opened.error, io);
    return 2;
  }
  const outputs = opened.value;
  const loaded = await load(settings, io);
  if (!loaded.ok) {
    await tellFaults(loaded.error, io);
    const summary = createTally().summary();
    await outputs.end({ summary, faults: loaded.error, rulesRun: 0, notVerified: 0, ran: false });
    return 2;
  }
  if (!quiet) await tellWarnings(loaded.value.policySet.warnings, io);
  const listed = await listFiles(settings.paths);
  const written = manifestFiles(listed.files);
  const law = await lawOf(settings, loaded.value, written, io);
  const { images } = loaded.value;
  const verifying = images === null ? law : { ...law, images: images.port };
  try {
    const { manifests, faults } = await fixed(written, { settings, law, color, io });
    const all = { ...listed, faults: [...listed.faults, ...faults] };
    return await decideAll({ settings, listed: all, manifests, law: verifying, outputs, io });
  } finally {
    await images?.close();
  }
}

type ToFix = Pick<Run, 'settings' | 'law' | 'io'> & { readonly color: boolean };

/** What needs fixing is told by the policies alone: no registry is asked. */
async function fixed(manifests: ManifestFiles, { settings, law, color, io }: ToFix) {
  if (settings.fix === null) return { manifests, faults: [] };
  const { quiet, fix: mode } = settings;
  const { fixManifests } = await import('./fix/run.ts');
  return fixManifests(manifests, { mode, law, color, quiet, io });
}

type Loaded = {
  readonly policySet: PolicySet;
  readonly cluster: ClusterObjects;
  readonly old: readonly ManifestObject[];
  /** null: they are not verified. */
  readonly images: Images | null;
};

async function load(
  { policies, clusterObjects, old, images: registries }: CheckSettings,
  { now }: Io,
): Promise<Result<Loaded, readonly Diagnostic[]>> {
  const policySet = await loadPolicySet(policies, { now: now() });
  const cluster = await loadClusterObjects(clusterObjects);
  const before = await readObjects(old);
  const images = registries === null ? ok(null) : await openCliImages(registries, policySet, now);
  if (policySet.ok && cluster.ok && images.ok && before.faults.length === 0) {
    return ok({
      policySet: policySet.value,
      cluster: cluster.value,
      old: before.objects,
      images: images.value,
    });
  }
  return err([
    ...(images.ok ? [] : images.error),
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
  const progress = createProgress(io.stderr, io.elapsed, filesOf(listed.files.length));
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
  await outputs.end({
    summary,
    faults,
    rulesRun: tally.rulesRun(),
    notVerified: tally.notVerified(),
    ran: true,
  });
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
