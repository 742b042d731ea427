// `make e2e`: says why it cannot run here, or builds what it needs and runs every *.e2e.ts, one after the other.
// Arguments name files instead.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPrograms, missingProgram } from './programs.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

async function main(named: readonly string[]): Promise<number> {
  const reason = missingProgram();
  if (reason !== undefined) {
    process.stdout.write(`The end-to-end tests cannot run here: ${reason}.\n`);
    return process.env['CI'] === 'true' ? 1 : 0;
  }
  await buildPrograms();
  const all = readdirSync(here).filter((name) => name.endsWith('.e2e.ts'));
  const files = named.length > 0 ? named : all.sort().map((name) => join(here, name));
  // One at a time: each has a control plane of its own, and two cores are soon full.
  const run = spawn(process.execPath, [join(here, '../run.ts'), '--jobs=1', ...files], {
    stdio: 'inherit',
  });
  const [code] = await once(run, 'close');
  return typeof code === 'number' ? code : 1;
}

process.exitCode = await main(process.argv.slice(2));
