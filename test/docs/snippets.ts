// Pages of docs/ that are run: a block with a file name is that file, a `console` block is what a terminal shows.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sekisho } from '../cli/harness.ts';

export type Block = {
  readonly language: string;
  /** The file that a block is; "" for none. */
  readonly file: string;
  readonly text: string;
};

const fence = /^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm;

export function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(fence)].map(([, language = '', file = '', text = '']) => ({
    language,
    file,
    text,
  }));
}

/** The page as it would read if every `console` block held what its commands print now. */
export async function ran(page: string, folder: string): Promise<string> {
  let after = page;
  for (const { language, file, text } of blocksOf(page)) {
    if (file !== '') {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    } else if (language === 'console') {
      after = after.replace(text, () => '\u0000').replace('\u0000', await shown(text, folder));
    }
  }
  return after;
}

async function shown(text: string, folder: string): Promise<string> {
  let code = 0;
  const lines: string[] = [];
  for (const command of text.split('\n').filter((line) => line.startsWith('$ '))) {
    lines.push(command);
    const [name, ...args] = command.slice(2).split(' ');
    if (name === 'echo') lines.push(String(code));
    else if (name === 'sekisho') {
      const paths = args.map((arg) => (existsSync(join(folder, arg)) ? join(folder, arg) : arg));
      const result = await sekisho(folder, paths);
      code = result.code;
      lines.push(...`${result.stderr}${result.stdout}`.trimEnd().split('\n'));
    } else throw new Error(`nobody knows how to run ${command}`);
  }
  return `${lines.join('\n')}\n`;
}
