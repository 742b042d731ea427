// docs/cli.md, made from the commands' own objects: `node src/cli/document.ts > docs/cli.md`. A test holds them together.

import { formats } from '../report/format.ts';
import { type Command, exitCodes, type Option } from './command.ts';
import { commands } from './commands/index.ts';
import { tagline } from './run.ts';

/** Markdown, with a final newline. */
export function commandLineDocument(): string {
  const parts = [
    '# The command line',
    `${tagline} This page is made from the program: \`node src/cli/document.ts > docs/cli.md\`.`,
    'In a checkout `node_modules/.bin/node src/main.ts` is `sekisho`.',
    table(['exit code', 'means'], Object.entries(exitCodes)),
    'Faults go to standard error as `FILE:LINE:COLUMN: code: message`, all of them at once.',
    table(
      ['output', 'is'],
      formats.map(({ name, summary }) => [`\`${name}\``, summary]),
    ),
    ...commands.map(section),
  ];
  return `${parts.join('\n\n')}\n`;
}

function section(command: Command): string {
  const operands = command.arguments.map(({ name }) => ` ${name}`).join('');
  const rows = [
    ...command.arguments.map(({ name, description }) => [`\`${name}\``, description]),
    ...command.options.map((option) => [`\`${option.flags}\``, meaning(option)]),
  ];
  return [
    `## sekisho ${command.name}`,
    command.description,
    `\`sekisho ${command.name} [options]${operands}\``,
    table(['flag', 'means'], rows),
    ...(command.details.length === 0 ? [] : [bullets(command.details)]),
    ...command.examples.map(({ line, does }) => `${does}:\n\n\`\`\`sh\n${line}\n\`\`\``),
  ].join('\n\n');
}

function meaning({ description, fallback, choices, repeatable }: Option): string {
  return [
    description,
    ...(choices === undefined ? [] : [`one of ${choices.join(', ')}`]),
    ...(repeatable === true ? ['repeatable'] : []),
    ...(fallback === undefined ? [] : [`default: ${fallback}`]),
  ].join('; ');
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

if (import.meta.main) process.stdout.write(commandLineDocument());
