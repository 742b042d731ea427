// The command line: commander is built from the commands' own objects; what they return is the exit code.
import { CommanderError, Command as Parser, Option as ParserOption } from 'commander';
import {
  type Command,
  commandGroups,
  type ExitCode,
  exitCodes,
  type Flags,
  type Io,
  type Option,
} from './command.ts';
import { commands as allCommands } from './commands/index.ts';
import { tellFaults } from './faults.ts';
import { flagFault } from './flags.ts';

export const tagline =
  'A checkpoint for Kubernetes: decides manifests and admission requests by policies.';

/** `args`: without the program's own name. Never rejects but for a bug of ours. */
export async function run(
  args: readonly string[],
  io: Io,
  commands: readonly Command[] = allCommands,
): Promise<ExitCode> {
  const parsed = parse(args, io, commands);
  if (parsed.kind === 'shown') {
    await (parsed.code === 0 ? io.stdout : io.stderr).write(parsed.text);
    return parsed.code;
  }
  if (parsed.kind === 'wrong') {
    await tellFaults([flagFault(parsed.where, parsed.message, parsed.fix)], io);
    return 2;
  }
  return parsed.command.run(parsed.args, parsed.flags, io);
}

type Parsed =
  | { readonly kind: 'shown'; readonly text: string; readonly code: ExitCode }
  | {
      readonly kind: 'wrong';
      readonly where: string;
      readonly message: string;
      readonly fix: string;
    }
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly args: readonly string[];
      readonly flags: Flags;
    };

function parse(args: readonly string[], io: Io, commands: readonly Command[]): Parsed {
  let found: Parsed = { kind: 'shown', text: '', code: 2 };
  let shown = '';
  const program = new Parser('sekisho')
    .description(tagline)
    .version(io.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        shown += text;
      },
      writeErr: (text) => {
        shown += text;
      },
      // Told by us, as any other fault.
      outputError: () => {},
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', `\n${exitCodeHelp()}\n`);
  for (const command of commands) {
    addCommand(program, command, (operands, flags) => {
      found = { kind: 'command', command, args: operands, flags };
    });
  }
  try {
    program.parse([...attached(args, commands)], { from: 'user' });
    return found;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'shown', text: shown, code: 0 };
    if (error.code === 'commander.help') return { kind: 'shown', text: shown, code: 2 };
    const place = where(args, commands);
    return { kind: 'wrong', where: place, ...causeOf(error.message, place) };
  }
}

/** A value that may be left out is only ever attached: what follows the flag is an argument. */
function attached(args: readonly string[], commands: readonly Command[]): readonly string[] {
  const bare = new Map<string, string>();
  for (const { flags, choices } of commands.flatMap(({ options }) => options)) {
    const [, flag] = /(--\S+) \[/.exec(flags) ?? [];
    if (flag !== undefined) bare.set(flag, `${flag}=${choices?.[0] ?? ''}`);
  }
  const end = args.indexOf('--');
  return args.map((arg, i) => (end >= 0 && i > end ? arg : (bare.get(arg) ?? arg)));
}

type Act = (operands: readonly string[], flags: Flags) => void;

function addCommand(program: Parser, command: Command, act: Act): void {
  const parser: Parser = groupOf(program, command)
    .command(command.name.split(' ').at(-1) ?? '')
    .summary(command.summary)
    .description(command.description)
    .allowExcessArguments(command.arguments.length > 0)
    .addHelpText('after', `\nExamples:\n${exampleHelp(command)}`);
  parser.action(() => act(parser.args, parser.opts()));
  for (const { name, description } of command.arguments) parser.argument(name, description);
  for (const option of command.options) parser.addOption(parserOption(option));
}

/** The parser of the group that a command is in, made for the first of them. */
function groupOf(program: Parser, { name }: Command): Parser {
  const [group, word] = name.split(' ');
  if (group === undefined || word === undefined) return program;
  const known = program.commands.find((each) => each.name() === group);
  if (known !== undefined) return known;
  const summary = commandGroups[group] ?? '';
  return program.command(group).summary(summary).description(`${summary}.`);
}

function parserOption({ flags, description, fallback, choices, repeatable }: Option): ParserOption {
  const notes = [
    ...(repeatable === true ? ['repeatable'] : []),
    ...(fallback === undefined ? [] : [`default: ${fallback}`]),
  ];
  const option = new ParserOption(
    flags,
    notes.length > 0 ? `${description} (${notes.join('; ')})` : description,
  );
  if (choices !== undefined) option.choices(choices);
  if (repeatable === true) {
    option.argParser((value: string, earlier: readonly string[] = []) => [...earlier, value]);
  }
  return option;
}

function exampleHelp({ examples }: Command): string {
  return examples.map(({ line, does }) => `  $ ${line}\n    ${does}\n`).join('');
}

function exitCodeHelp(): string {
  const lines = Object.entries(exitCodes).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return ['Exit codes:', ...lines].join('\n');
}

/** `sekisho check`, when the arguments got that far; `sekisho ledger` where its command is not one. */
function where(args: readonly string[], commands: readonly Command[]): string {
  const [first = '', second] = args;
  const named = commands.find(({ name }) => name === first || name === `${first} ${second}`);
  if (named !== undefined) return `sekisho ${named.name}`;
  return Object.hasOwn(commandGroups, first) ? `sekisho ${first}` : 'sekisho';
}

/** Commander's message, with what it suggests as the fix. */
function causeOf(text: string, place: string): { readonly message: string; readonly fix: string } {
  const [first = '', suggestion] = text.replace(/^error: /, '').split('\n');
  const meant = suggestion === undefined ? null : /^\(Did you mean (.*)\?\)$/.exec(suggestion);
  return { message: first, fix: meant ? `did you mean ${meant[1]}?` : `see ${place} --help` };
}
