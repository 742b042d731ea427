// The flags of `check` as one value, or every fault in them.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { quote } from '../../base/text.ts';
import type { RegistryFiles } from '../../config/registries.ts';
import { type Operation, operations, type UserInfo } from '../../model/attempt.ts';
import { formats } from '../../report/format.ts';
import type { Flags } from '../command.ts';
import { flagFault, listFlag, stdinFaults, switchFlag, textFlag } from '../flags.ts';
import { registryFaults, registryFiles } from '../images/settings.ts';
import { parseOutputs, type Wanted } from '../outputs.ts';
import { type FixMode, fixModes } from './fix/mode.ts';

export type CheckSettings = {
  readonly paths: readonly string[];
  readonly policies: readonly string[];
  readonly clusterObjects: readonly string[];
  readonly old: readonly string[];
  readonly namespace: string;
  readonly operation: Operation | null;
  readonly userInfo: UserInfo;
  readonly allowUnknown: boolean;
  /** null: images are not verified. */
  readonly images: RegistryFiles | null;
  /** null: nothing is fixed. */
  readonly fix: FixMode | null;
  readonly outputs: readonly Wanted[];
  readonly quiet: boolean;
};

const namespaceForm = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

export function checkSettings(
  paths: readonly string[],
  flags: Flags,
): Result<CheckSettings, readonly Diagnostic[]> {
  const policies = listFlag(flags, 'policies');
  const clusterObjects = listFlag(flags, 'clusterObjects');
  const old = listFlag(flags, 'old');
  const namespace = textFlag(flags, 'namespace') ?? 'default';
  const operation = operations.find((known) => known === textFlag(flags, 'operation')) ?? null;
  const fix = fixMode(flags);
  const outputs = parseOutputs(listFlag(flags, 'output'), formats);
  const faults: readonly Diagnostic[] = [
    ...registryFaults(flags),
    ...(switchFlag(flags, 'verifyImages') ? [] : needlessRegistryFlags(flags)),
    ...stdinFaults([...paths, ...policies, ...clusterObjects, ...old]),
    ...(namespaceForm.test(namespace) ? [] : [notNamespace(namespace)]),
    ...(old.length > 0 && operation !== null && operation !== 'UPDATE' ? [noOld(operation)] : []),
    ...(outputs.ok ? [] : outputs.error),
    ...fixFaults(fix, paths, flags),
  ];
  if (faults.length > 0 || !outputs.ok) return err(faults);
  return ok({
    paths,
    policies: policies.length > 0 ? policies : ['policies'],
    clusterObjects,
    old,
    namespace,
    operation,
    userInfo: {
      username: textFlag(flags, 'user') ?? '',
      uid: '',
      groups: listFlag(flags, 'group'),
      extra: {},
    },
    allowUnknown: switchFlag(flags, 'allowUnknown'),
    images: switchFlag(flags, 'verifyImages') ? registryFiles(flags) : null,
    fix,
    outputs: outputs.value,
    quiet: switchFlag(flags, 'quiet'),
  });
}

function notNamespace(given: string): Diagnostic {
  return flagFault('--namespace', `${quote(given)} is no name of a namespace`);
}

function noOld(operation: Operation): Diagnostic {
  const message = `a manifest has no other old object on ${operation}`;
  return flagFault('--old', message, 'leave out --old, or --operation');
}

/** Whoever names a registry means it to be asked. */
function needlessRegistryFlags(flags: Flags): readonly Diagnostic[] {
  return ['insecureRegistry', 'registryConfig']
    .filter((name) => name in flags)
    .map((name) => {
      const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      return flagFault(flag, 'no registry is asked', 'add --verify-images');
    });
}

function fixMode(flags: Flags): FixMode | null {
  return fixModes.find((known) => known === textFlag(flags, 'fix')) ?? null;
}

function fixFaults(
  fix: FixMode | null,
  paths: readonly string[],
  flags: Flags,
): readonly Diagnostic[] {
  if (fix === 'write' && paths.includes('-')) {
    return [flagFault('--fix', 'standard input cannot be written', 'use --fix=diff')];
  }
  const onStdout = listFlag(flags, 'output').some((value) => !value.includes('='));
  if (fix !== 'diff' || !onStdout) return [];
  const message = 'with --fix=diff standard output has the diff';
  return [flagFault('--output', message, 'write the report to a file: FORMAT=FILE')];
}
