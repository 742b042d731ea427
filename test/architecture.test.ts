// Holds src/ to the rooms of docs/decisions/0001: who may import whom, which package belongs where, and what only
// some places may do. The rules are functions, and each is shown to catch a planted fault before it is believed.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { type Fault, faultsOf, type Plan } from './architecture/rules.ts';
import type { Source } from './architecture/source.ts';

const aboveTheEngine = ['ledger/', 'cluster/', 'config/', 'server/', 'report/', 'cli/', 'main.ts'];

const plan: Plan = {
  // A room imports only from rooms of a lower layer, types too, and not from its neighbours.
  layers: {
    base: 0,
    yaml: 1,
    k8s: 1,
    redact: 1,
    model: 2,
    review: 3,
    pss: 3,
    cel: 3,
    images: 3,
    policy: 4,
    engine: 5,
    ledger: 6,
    cluster: 6,
    config: 7,
    server: 8,
    report: 8,
    cli: 9,
    'main.ts': 10,
  },
  packages: {
    '@aws-sdk/client-s3': ['ledger/export/sinks/s3.ts'],
    '@kubernetes/client-node': ['cluster/live/kubeconfig.ts'],
    '@platformatic/kafka': ['ledger/export/sinks/kafka.ts'],
    re2js: ['cel/', 'images/verify/'],
    yaml: ['yaml/'],
    ajv: ['policy/', 'config/'],
    '@noble/curves': ['images/verify/key.ts'],
    '@sigstore/bundle': ['images/verify/'],
    '@sigstore/core': ['images/verify/'],
    '@sigstore/protobuf-specs': ['images/trust/'],
    '@sigstore/verify': ['images/verify/', 'images/trust/'],
    undici: ['images/registry/'],
    fastify: ['server/'],
    pino: ['server/'],
    uuid: ['server/'],
    commander: ['cli/'],
  },
  machine: {
    modules: [
      'child_process',
      'cluster',
      'dgram',
      'dns',
      'fs',
      'http',
      'http2',
      'https',
      'net',
      'os',
      'process',
      'readline',
      'tls',
      'worker_threads',
    ],
    allowed: ['yaml/files.ts', 'ledger/', 'cluster/live/', 'server/', 'config/', 'cli/', 'main.ts'],
    one: { worker_threads: ['images/worker/'] },
  },
  forms: [
    {
      rule: 'environment',
      pattern: /\bprocess\.env\b/,
      allowed: ['config/', 'main.ts'],
      message: 'only config/ reads the environment',
    },
    {
      rule: 'clock',
      pattern:
        /\b(Date\.now|performance\.now|Math\.random|randomUUID|setTimeout|setInterval)\b|\bnew Date\(\)/,
      allowed: aboveTheEngine,
      message: 'up to the engine there is no clock, no chance and no timer: take it by argument',
    },
    {
      rule: 'console',
      pattern: /\bconsole\.\w+|\bprocess\.(stdout|stderr|exit|argv|on)\b/,
      allowed: ['main.ts', 'cli/', 'server/'],
      message: 'only the edges of the program talk to the terminal',
    },
    {
      rule: 'default-export',
      pattern: /^export default\b/,
      allowed: [],
      message: 'exports have names',
    },
    {
      rule: 'barrel',
      pattern: /^export (\*|(type )?\{[^}]*\}) from\b/,
      allowed: [],
      message: 'a file exports what it holds, not what others hold',
    },
    {
      rule: 'any',
      pattern: /\bas any\b|[:<,|&]\s*any\b(?=\s*[,;)=>|&[\]{])|\bas unknown as\b|\bas never\b/,
      allowed: [],
      message: 'a value gets its type from a guard',
    },
    {
      rule: 'ignored-types',
      pattern: /@ts-(ignore|expect-error|nocheck)/,
      allowed: [],
      message: 'types are mended, not switched off',
    },
    {
      rule: 'mutable-module-state',
      pattern: /^(export )?(let|var)\b/,
      allowed: [],
      message: 'a module holds no state',
    },
    {
      rule: 'computed-import',
      pattern: /\bimport\(\s*[^'"\s)]/,
      allowed: [],
      message: 'the build rewrites only paths that are written out',
    },
  ],
  maxLines: 300,
  longFiles: {},
};

const root = fileURLToPath(new URL('../src/', import.meta.url));

function sourcesIn(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .map((path) => ({
      path: path.slice(folder.length).replaceAll('\\', '/').replace(/^\//, ''),
      text: readFileSync(path, 'utf8'),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

test('the source keeps to the plan of the rooms', (t) => {
  const sources = sourcesIn(root);
  t.ok(
    sources.length >= 150,
    `saw ${sources.length} files; fewer than 150 means it looked elsewhere`,
  );
  const rooms = new Set(sources.map(({ path }) => path.split('/')[0]));
  for (const room of ['base', 'yaml', 'k8s', 'model', 'review', 'pss', 'cel', 'policy', 'engine']) {
    t.ok(rooms.has(room), `saw the room ${room}`);
  }
  const told = faultsOf(sources, plan).map((f) => `${f.path}:${f.line}: ${f.rule}: ${f.message}`);
  t.strictSame(told, []);
  t.end();
});

// Each source breaks one rule, and the fault must be found on the line that is named.
const planted: readonly (readonly [rule: string, path: string, line: number, text: string])[] = [
  ['layer', 'cel/bad.ts', 2, "import { admit } from '../engine/admit.ts';"],
  ['layer', 'cel/bad.ts', 2, "import type { Control } from '../pss/types.ts';"],
  ['layer', 'base/bad.ts', 2, "export type Late = import('../model/attempt.ts').Attempt;"],
  ['layer', 'k8s/bad.ts', 4, "\n\nimport {\n  type A,\n  b,\n} from '../model/attempt.ts';"],
  ['layer', 'engine/bad.ts', 2, "const late = await import('../server/app.ts');"],
  ['layer', 'cli/bad.ts', 2, "import { main } from '../main.ts';"],
  ['extension', 'engine/bad.ts', 2, "import { match } from './match';"],
  ['room', 'helpful/bad.ts', 1, ''],
  ['name', 'engine/utils.ts', 1, ''],
  ['package', 'engine/bad.ts', 2, "import { parseDocument } from 'yaml';"],
  ['package', 'cel/compile.ts', 2, "import { parse } from '@marcbachmann/cel-js';"],
  ['package', 'server/bad.ts', 2, "import { KubeConfig } from '@kubernetes/client-node';"],
  ['package', 'server/bad.ts', 2, "import x from '#base/x.ts';"],
  ['machine', 'policy/bad.ts', 2, "import { readFile } from 'node:fs/promises';"],
  ['machine', 'engine/bad.ts', 2, "import 'node:net';"],
  ['machine', 'engine/bad.ts', 2, "import { Worker } from 'node:worker_threads';"],
  ['machine', 'images/worker/bad.ts', 2, "import 'node:net';"],
  ['environment', 'server/bad.ts', 2, "const level = process.env['LEVEL'];"],
  ['clock', 'engine/bad.ts', 3, '\nconst at = Date.now();'],
  ['clock', 'pss/bad.ts', 2, 'const at = new Date();'],
  ['console', 'policy/bad.ts', 2, "console.log('here');"],
  ['default-export', 'engine/bad.ts', 2, 'export default 1;'],
  ['barrel', 'engine/bad.ts', 2, "export * from './match.ts';"],
  ['any', 'engine/bad.ts', 2, 'const x = y as any;'],
  ['any', 'engine/bad.ts', 2, 'function f(x: any): void {}'],
  ['any', 'engine/bad.ts', 2, 'const x = y as unknown as Attempt;'],
  ['mutable-module-state', 'engine/bad.ts', 2, 'let seen = 0;'],
  ['computed-import', 'cli/bad.ts', 2, 'const command = await import(path);'],
  ['size', 'engine/bad.ts', 300, `${'\n'.repeat(299)}const x = 1;`],
];

for (const [rule, path, line, text] of planted) {
  const excerpt = text.trim().split('\n')[0]?.slice(0, 60);
  test(`a planted fault is found: ${rule}: ${path}: ${excerpt}`, (t) => {
    const found = faultsOf([{ path, text: `// Planted.\n${text}` }], plan).filter(isNotStale);
    t.match(found, [{ rule, path, line }], 'told on its line, and nothing else');
    t.equal(found.length, 1);
    t.end();
  });
}

/** Planted sources are alone in the world: what the plan names is not there. */
function isNotStale({ rule }: Fault): boolean {
  return rule !== 'stale';
}

test('a file without a header is found', (t) => {
  const found = faultsOf([{ path: 'base/bad.ts', text: 'export const x = 1;\n' }], plan);
  t.ok(found.some(({ rule }) => rule === 'header'));
  t.end();
});

test('files that import each other in a circle are found, through types and other files too', (t) => {
  const circle = faultsOf(
    [
      { path: 'base/a.ts', text: "// A.\nimport type { B } from './b.ts';\n" },
      { path: 'base/b.ts', text: "// B.\nimport { c } from './c.ts';\n" },
      { path: 'base/c.ts', text: "// C.\nimport { a } from './a.ts';\n" },
    ],
    plan,
  ).filter(({ rule }) => rule === 'cycle');
  t.strictSame(
    circle.map(({ message }) => message),
    ['base/a.ts -> base/b.ts -> base/c.ts -> base/a.ts'],
  );
  t.end();
});

test('what stands in comments and quoted texts is no fault', (t) => {
  const text = [
    '// Says what console.log and process.env would do: import x from "yaml";',
    "/* import { admit } from '../engine/admit.ts'; */",
    "export const hint = 'use Date.now() as any';",
    '',
  ].join('\n');
  const found = faultsOf([{ path: 'base/fine.ts', text }], plan);
  t.strictSame(found.filter(isNotStale), []);
  t.end();
});

test('a place that the plan names and that is gone is told, so that the plan does not rot', (t) => {
  const found = faultsOf([{ path: 'base/fine.ts', text: '// Fine.\n' }], plan);
  t.ok(found.some(({ rule, path }) => rule === 'stale' && path === 'yaml/files.ts'));
  t.end();
});
