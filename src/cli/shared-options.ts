// Flags that several commands have, with one meaning.
import type { Flags, Io, Option } from './command.ts';
import { textFlag } from './flags.ts';

export const policiesOption: Option = {
  flags: '-p, --policies <path>',
  description: 'file or folder of policies, - for standard input; later ones override earlier ones',
  fallback: 'policies',
  repeatable: true,
};

/** `formats`: those that the command has. */
export function outputOption(formats: readonly { readonly name: string }[]): Option {
  return {
    flags: '-o, --output <format>',
    description: `${formats.map(({ name }) => name).join(', ')}; FORMAT=FILE writes it to a file`,
    fallback: 'text',
    repeatable: true,
  };
}

export const colorOption: Option = {
  flags: '--color <when>',
  description: 'colour on standard output; auto: on a terminal, unless NO_COLOR is set',
  fallback: 'auto',
  choices: ['auto', 'always', 'never'],
};

export const quietOption: Option = {
  flags: '-q, --quiet',
  description: 'print only denials',
};

export const registryOptions: readonly Option[] = [
  {
    flags: '--insecure-registry <host>',
    description: 'registry that is asked over plain HTTP: HOST or HOST:PORT',
    repeatable: true,
  },
  {
    flags: '--registry-config <file>',
    description: 'docker config.json with what registries are logged in to with',
  },
];

/** Whether standard output is coloured. */
export function wantsColor(flags: Flags, { stdout, noColor }: Io): boolean {
  const when = textFlag(flags, 'color') ?? 'auto';
  return when === 'always' || (when === 'auto' && stdout.isTerminal && !noColor);
}
