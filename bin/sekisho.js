#!/usr/bin/env node
// Starts Sekisho, or says in one line which Node it needs. Syntax that Node 12 reads: it must get as far as saying so.
// In a checkout the sources are run, whatever was built there; in the package there is only what was built.
const needed = 24;

if (parseInt(process.versions.node, 10) < needed) {
  console.error(`sekisho needs Node ${needed} or newer; this is Node ${process.versions.node}`);
  process.exit(2);
} else {
  // biome-ignore lint/style/useNodejsImportProtocol: Node 12 does not know it
  import('fs')
    .then((fs) => {
      const source = new URL('../src/main.ts', import.meta.url);
      return import(fs.existsSync(source) ? source.href : '../dist/main.js');
    })
    .catch((error) => {
      console.error('sekisho cannot start:', error);
      process.exitCode = 2;
    });
}
