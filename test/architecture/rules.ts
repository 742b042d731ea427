// The rules of docs/decisions/0001 as functions: sources in, faults out, so that a test can plant bad sources.
import { dirname, join } from 'node:path/posix';
import { codeOnly, importsOf, lineAt, type Source } from './source.ts';

export type Fault = {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  readonly message: string;
};

export type Plan = {
  /** Room or root file (`main.ts`) to its layer. */
  readonly layers: Readonly<Record<string, number>>;
  /** Package to the paths (`yaml/files.ts`) or rooms (`yaml/`) that may import it. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
  /** Node's modules that reach the machine or the network, and who may import them. */
  readonly machine: {
    readonly modules: readonly string[];
    readonly allowed: readonly string[];
    /** Who else may import one of them, and none of the others. */
    readonly one: Readonly<Record<string, readonly string[]>>;
  };
  /** Forms that only some places may use. */
  readonly forms: readonly Form[];
  readonly maxLines: number;
  /** Path to the reason why it may be longer. */
  readonly longFiles: Readonly<Record<string, string>>;
};

export type Form = {
  readonly rule: string;
  readonly pattern: RegExp;
  readonly allowed: readonly string[];
  readonly message: string;
};

/** Every fault of every source. Paths are relative to `src/`, with slashes. */
export function faultsOf(sources: readonly Source[], plan: Plan): readonly Fault[] {
  const each = sources.flatMap((source) => [
    ...placeFaults(source, plan),
    ...importFaults(source, plan),
    ...formFaults(source, plan),
    ...sizeFaults(source, plan),
  ]);
  return [...each, ...staleFaults(sources, plan), ...cycleFaults(sources)];
}

function roomOf(path: string): string {
  const slash = path.indexOf('/');
  return slash < 0 ? path : path.slice(0, slash);
}

function placeFaults({ path, text }: Source, { layers }: Plan): Fault[] {
  const faults: Fault[] = [];
  if (layers[roomOf(path)] === undefined) {
    faults.push({
      rule: 'room',
      path,
      line: 1,
      message: `${roomOf(path)} is no room of the table`,
    });
  }
  const vague = path
    .split(/[/.]/)
    .find((part) => /^(utils?|helpers?|common|manager|misc)$/.test(part));
  if (vague !== undefined) {
    faults.push({
      rule: 'name',
      path,
      line: 1,
      message: `"${vague}" says nothing; name what it does`,
    });
  }
  if (!text.startsWith('// ')) {
    faults.push({
      rule: 'header',
      path,
      line: 1,
      message: 'starts without saying what it promises',
    });
  }
  return faults;
}

function importFaults(source: Source, plan: Plan): Fault[] {
  const { path } = source;
  return importsOf(source).flatMap(({ from, line }) => {
    const found = from.startsWith('.')
      ? relativeFault(path, from, plan)
      : packageFault(path, from, plan);
    return found === undefined ? [] : [{ path, line, ...found }];
  });
}

type Found = { readonly rule: string; readonly message: string };

function relativeFault(path: string, from: string, { layers }: Plan): Found | undefined {
  if (!from.endsWith('.ts')) return { rule: 'extension', message: `${from} does not end in .ts` };
  const room = roomOf(path);
  const target = roomOf(join(dirname(path), from));
  if (target === room && path.includes('/')) return undefined;
  const [own, other] = [layers[room], layers[target]];
  if (other === undefined) return { rule: 'layer', message: `${from} is in no room of the table` };
  if (own !== undefined && other < own) return undefined;
  return {
    rule: 'layer',
    message: `${room} (layer ${own}) may not import ${target} (layer ${other})`,
  };
}

function packageFault(path: string, from: string, plan: Plan): Found | undefined {
  if (from.startsWith('node:')) {
    const module = from.slice('node:'.length).split('/')[0] ?? '';
    const reaches = plan.machine.modules.includes(module);
    const { allowed, one } = plan.machine;
    if (!reaches || isAllowed(path, [...allowed, ...(one[module] ?? [])])) return undefined;
    return {
      rule: 'machine',
      message: `${from} is not for this file: it takes what it needs by argument`,
    };
  }
  const name = from.split('/', from.startsWith('@') ? 2 : 1).join('/');
  const allowed = plan.packages[name];
  if (allowed === undefined)
    return { rule: 'package', message: `${from} is no package of the table` };
  if (isAllowed(path, allowed)) return undefined;
  return { rule: 'package', message: `${name} is only for ${allowed.join(', ')}` };
}

/** `allowed`: whole paths, or folders with a slash at the end. */
function isAllowed(path: string, allowed: readonly string[]): boolean {
  return allowed.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place));
}

function formFaults({ path, text }: Source, { forms }: Plan): Fault[] {
  const code = codeOnly(text);
  return forms
    .filter(({ allowed }) => !isAllowed(path, allowed))
    .flatMap(({ rule, pattern, message }) =>
      [...code.matchAll(new RegExp(pattern, 'gm'))].map((match) => ({
        rule,
        path,
        line: lineAt(code, match.index),
        message: `${match[0].trim()}: ${message}`,
      })),
    );
}

function sizeFaults({ path, text }: Source, { maxLines, longFiles }: Plan): Fault[] {
  const lines = text.trimEnd().split('\n').length;
  if (lines <= maxLines || longFiles[path] !== undefined) return [];
  return [
    { rule: 'size', path, line: maxLines, message: `${lines} lines are more than ${maxLines}` },
  ];
}

/** A row of the plan that nothing needs any more lets the next mistake through. */
function staleFaults(sources: readonly Source[], plan: Plan): Fault[] {
  const stale = (path: string): Fault[] =>
    sources.some((source) => source.path === path || source.path.startsWith(path))
      ? []
      : [{ rule: 'stale', path, line: 0, message: 'the plan names it, but it is not there' }];
  const { allowed, one } = plan.machine;
  const places = [...Object.values(plan.packages), allowed, ...Object.values(one)].flat();
  return [...new Set([...places, ...Object.keys(plan.longFiles)])].flatMap(stale);
}

/** Files that import each other in a circle, types too, each circle told once. */
function cycleFaults(sources: readonly Source[]): Fault[] {
  const targets = new Map(
    sources.map((source) => [
      source.path,
      importsOf(source)
        .filter(({ from }) => from.startsWith('.'))
        .map(({ from }) => join(dirname(source.path), from)),
    ]),
  );
  const done = new Set<string>();
  const faults: Fault[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) {
      const circle = [...trail.slice(at), path].join(' -> ');
      faults.push({ rule: 'cycle', path, line: 0, message: circle });
    }
    if (at >= 0 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
  return faults;
}
