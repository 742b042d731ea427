// Carries out a Dockerfile without a builder, as far as ours needs it: every stage in one folder that stands for `/`, where
// /src and /app are; Node at /nodejs/bin/node is the Node that runs here. An instruction that it does not know is an error.
import { execFile } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

export type Image = {
  /** Folder that stands for `/`. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly user: { readonly uid: number; readonly gid: number };
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** What every FROM named, and how often: bases with their arguments filled in. */
  readonly bases: readonly string[];
};

export type Instruction = { readonly name: string; readonly text: string };

export function parseDockerfile(text: string): readonly Instruction[] {
  const lines = text.replace(/\\\n/g, ' ').split('\n');
  return lines
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line.trim()) ?? [];
      return { name, text: rest };
    });
}

export type BuildOptions = {
  readonly dockerfile: string;
  readonly context: string;
  readonly folder: string;
  /** Whether users can be changed: only root can. */
  readonly root: boolean;
  /** What a RUN would do that is done already. */
  readonly instead: Readonly<Record<string, () => void>>;
};

const nobodyYet = { uid: -1, gid: -1 };

export async function buildImage({
  dockerfile,
  context,
  folder,
  root,
  instead,
}: BuildOptions): Promise<Image> {
  const args: Record<string, string> = {};
  const image = {
    ...{ folder, workdir: '/', user: nobodyYet, bases: [] as string[] },
    ...{ entrypoint: [] as string[], command: [] as string[] },
    environment: {} as Record<string, string>,
  };
  const steps: Readonly<Record<string, (text: string) => void | Promise<void>>> = {
    ARG(text) {
      const [name = '', value = ''] = text.split('=');
      args[name] = value;
    },
    FROM(text) {
      const base = text.split(' ')[0]?.replace(/\$\{(\w+)\}/, (_, name) => args[name] ?? '');
      image.bases.push(base ?? '');
      image.environment = {};
      image.user = nobodyYet;
    },
    WORKDIR(text) {
      image.workdir = text;
      mkdirSync(join(folder, text), { recursive: true });
    },
    ENV(text) {
      for (const pair of text.split(' ')) {
        const [name = '', value = ''] = pair.split('=');
        image.environment[name] = value;
      }
    },
    USER(text) {
      const [uid = '', gid = ''] = text.split(':');
      image.user = { uid: Number(uid), gid: Number(gid) };
    },
    EXPOSE() {},
    ENTRYPOINT(text) {
      image.entrypoint = JSON.parse(text);
    },
    CMD(text) {
      image.command = JSON.parse(text);
    },
    COPY: (text) => copy(text, { context, folder, workdir: image.workdir, root }),
    RUN(text) {
      const done = instead[text];
      return done === undefined ? run(text, image, root) : done();
    },
  };
  for (const { name, text } of parseDockerfile(readFileSync(dockerfile, 'utf8'))) {
    const step = steps[name];
    if (step === undefined) throw new Error(`${name} is not carried out here`);
    await step(text);
  }
  return image;
}

type CopyOptions = {
  readonly context: string;
  readonly folder: string;
  readonly workdir: string;
  readonly root: boolean;
};

function copy(text: string, { context, folder, workdir, root }: CopyOptions): void {
  const words = text.split(/\s+/);
  const flags = Object.fromEntries(
    words.filter((word) => word.startsWith('--')).map((word) => word.slice(2).split('=')),
  );
  const names = words.filter((word) => !word.startsWith('--'));
  const target = names.at(-1) ?? '';
  const into = target.startsWith('/') ? join(folder, target) : join(folder, workdir, target);
  for (const source of names.slice(0, -1)) {
    // From another stage to the same place: all stages are in one folder.
    if (flags.from !== undefined) {
      if (source !== target) throw new Error(`COPY ${text}: to another place`);
    } else {
      const intoFolder = target.endsWith('/');
      const path = intoFolder ? join(into, basename(source)) : into;
      cpSync(join(context, source), path, { recursive: true });
    }
  }
  if (flags.chmod === undefined && flags.chown === undefined) return;
  const mode = flags.chmod === undefined ? undefined : Number.parseInt(flags.chmod, 8);
  const [uid, gid] = (flags.chown ?? ':').split(':').map(Number);
  walk(into, (path) => {
    if (mode !== undefined) chmodSync(path, mode);
    if (root && uid !== undefined && gid !== undefined && flags.chown) chownSync(path, uid, gid);
  });
}

function walk(folder: string, act: (path: string) => void): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) walk(path, act);
    // What a link leads to has its own mode.
    else if (!entry.isSymbolicLink()) act(path);
  }
  act(folder);
}

/** Paths of the image in a text, as paths here. */
export function here(text: string, folder: string): string {
  return text
    .replaceAll('/nodejs/bin/node', process.execPath)
    .replace(/(?<![\w./-])\/(src|app)(?![\w-])/g, (_, name) => join(folder, name));
}

async function run(text: string, image: Image, root: boolean): Promise<void> {
  const { folder, environment, workdir, user } = image;
  const words: readonly string[] = text.startsWith('[')
    ? JSON.parse(text)
    : ['/bin/sh', '-ec', text];
  const env = Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, here(value, folder)]),
  );
  // tap gives its loader to every Node that a test starts.
  const args = ['-u', 'NODE_OPTIONS', ...words.map((word) => here(word, folder))];
  await promisify(execFile)('env', args, {
    cwd: join(folder, workdir),
    env: { ...process.env, npm_config_prefer_offline: 'true', ...env },
    maxBuffer: 64 * 1024 * 1024,
    ...(root && user.uid >= 0 ? user : {}),
  });
}
