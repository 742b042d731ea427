// One run of `test`: the policies and every case are loaded, or all that is wrong with any of them told; then case
// after case is decided and compared.
import { byPlace, type Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { quote } from '../../base/text.ts';
import { loadPolicySet } from '../../policy/load.ts';
import type { PolicySet } from '../../policy/model.ts';
import type { PolicyCase } from '../../policy/policy-test.ts';
import type { CaseClosing, CaseEntry, CaseSummary } from '../../report/test/entry.ts';
import { turnSince } from '../../server/turn.ts';
import type { ExitCode, Io } from '../command.ts';
import { tellFaults, tellWarnings } from '../faults.ts';
import { type Outputs, openOutputs } from '../outputs.ts';
import { createProgress, filesOf } from '../progress.ts';
import { loadCases } from './cases.ts';
import { differences } from './compare.ts';
import { decideCase, podSecurityName } from './decide.ts';
import type { TestSettings } from './settings.ts';

export async function runTest(settings: TestSettings, color: boolean, io: Io): Promise<ExitCode> {
  const { outputs: wanted, quiet } = settings;
  const opened = await openOutputs(wanted, io.stdout, { color, quiet });
  if (!opened.ok) {
    await tellFaults(opened.error, io);
    return 2;
  }
  const outputs = opened.value;
  const loaded = await load(settings, io.now());
  if (!loaded.ok) {
    await tellFaults(loaded.error, io);
    await outputs.end({ summary: nothing, faults: loaded.error });
    return 2;
  }
  if (!quiet) await tellWarnings(loaded.value.policySet.warnings, io);
  const summary = await decideAll(loaded.value, outputs, io);
  await outputs.end({ summary, faults: [] });
  return summary.failed > 0 ? 1 : 0;
}

const nothing: CaseSummary = { cases: 0, passed: 0, failed: 0 };

type Loaded = { readonly policySet: PolicySet; readonly cases: readonly PolicyCase[] };

async function load(
  settings: TestSettings,
  now: string,
): Promise<Result<Loaded, readonly Diagnostic[]>> {
  const policySet = await loadPolicySet(settings.policies, { now });
  const known = policySet.ok ? policySet.value.policies.map(({ name }) => name) : null;
  const policies = known === null ? null : [...known, podSecurityName];
  const cases = await loadCases(settings.paths, { now, policies });
  if (policySet.ok && cases.ok) return chosen(policySet.value, cases.value, settings);
  const all = [...(policySet.ok ? [] : policySet.error), ...(cases.ok ? [] : cases.error)];
  return err(onceEach(all).sort(byPlace));
}

/** The same file may be read as a test, as an object and as a policy. */
function onceEach(faults: readonly Diagnostic[]): Diagnostic[] {
  const key = ({ file, line, column, code, message }: Diagnostic): string =>
    JSON.stringify([file, line, column, code, message]);
  return [...new Map(faults.map((fault) => [key(fault), fault])).values()];
}

/** Threat: a run that tries nothing, for a path or a filter that is wrong, must not pass. */
function chosen(
  policySet: PolicySet,
  all: readonly PolicyCase[],
  { filter, paths }: TestSettings,
): Result<Loaded, readonly Diagnostic[]> {
  const cases = filter === undefined ? all : all.filter(({ name }) => name.includes(filter));
  if (cases.length > 0) return ok({ policySet, cases });
  const message =
    filter === undefined || all.length === 0
      ? 'no case of a PolicyTest is here: nothing was tested'
      : `none of the ${all.length} cases has ${quote(filter)} in its name: nothing was tested`;
  return err([{ code: 'cases-none', message, file: paths.join(' '), line: 0, column: 0 }]);
}

async function decideAll(
  { policySet, cases }: Loaded,
  outputs: Outputs<CaseEntry, CaseClosing>,
  io: Io,
): Promise<CaseSummary> {
  let failed = 0;
  const progress = createProgress(io.stderr, io.elapsed, filesOf(cases.length));
  for (const each of cases) {
    const turn = turnSince(performance.now());
    const decision = await decideCase(policySet, each, turn);
    const { name, file, line, column } = each;
    const found = differences(decision, each.expect);
    if (found.length > 0) failed += 1;
    await progress.step();
    if (found.length > 0) await progress.clear();
    await outputs.decision({ name, place: { file, line, column }, differences: found, decision });
  }
  await progress.clear();
  return { cases: cases.length, passed: cases.length - failed, failed };
}
