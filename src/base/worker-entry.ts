// The module that a worker thread runs, named as a file. The build rewrites imports and no other paths, so the ending is
// that of the module that asks: `.ts` in the sources, `.js` in what ships.

/** `beside`: the `import.meta.url` of a module in the same folder. */
export function workerEntry(name: string, beside: string): URL {
  return new URL(`./${name}${beside.slice(beside.lastIndexOf('.'))}`, beside);
}
