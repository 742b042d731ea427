// What a command is: a plain object, from which the parser, the help and docs/cli.md are made.
export type ExitCode = 0 | 1 | 2;

/** What every command's exit codes mean. */
export const exitCodes: Readonly<Record<ExitCode, string>> = {
  0: 'fine',
  1: 'something was denied or failed',
  2: 'could not run: a bad flag, an unreadable file, a broken policy',
};

export type Argument = {
  /** As the help shows it: `<path...>` is needed once or more. */
  readonly name: string;
  readonly description: string;
};

export type Option = {
  /** `-p, --policies <path>`, or `-q, --quiet` for a switch; `--fix [how]` alone is with the first of its choices. */
  readonly flags: string;
  readonly description: string;
  /** What an absent flag means, for the help: the command itself applies it. */
  readonly fallback?: string;
  readonly choices?: readonly string[];
  /** May be given more than once; the values are then a list. */
  readonly repeatable?: boolean;
};

export type Example = { readonly line: string; readonly does: string };

/** By the long flag in camel case, as commander has them; absent flags are not there. */
export type Flags = Readonly<Record<string, string | readonly string[] | boolean>>;

export type Output = {
  /** Resolves when the text is handed over; rejects when nobody reads any more. */
  write(text: string): Promise<void>;
  readonly isTerminal: boolean;
  /** How wide the terminal is now; undefined where that is unknown. */
  readonly columns?: () => number | undefined;
};

/** All that a command has of the world beside files. */
export type Io = {
  readonly stdout: Output;
  readonly stderr: Output;
  /** The user wants no colour (NO_COLOR). */
  readonly noColor: boolean;
  readonly version: string;
  /** RFC 3339 in UTC. */
  readonly now: () => string;
  /** Milliseconds on a monotonic clock. */
  readonly elapsed: () => number;
  /** Resolves when the process is told to stop. */
  readonly untilStopped: () => Promise<void>;
};

/** The first word of commands that belong together, and what they are for. */
export const commandGroups: Readonly<Record<string, string>> = {
  ledger: 'prove, read and summarise what was recorded, offline',
};

export type Command = {
  /** `check`; or `ledger verify`, in a group. */
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  /** What the documentation says beside the help: sentences in Markdown. */
  readonly details: readonly string[];
  readonly arguments: readonly Argument[];
  readonly options: readonly Option[];
  readonly examples: readonly Example[];
  run(args: readonly string[], flags: Flags, io: Io): Promise<ExitCode>;
};
