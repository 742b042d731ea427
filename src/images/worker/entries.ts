// The entry points of worker threads: the one place where a module is named as a file. The build rewrites imports and
// no other paths, so the ending is that of the module that runs: `.ts` in the sources, `.js` in what ships.
const ending = import.meta.url.slice(import.meta.url.lastIndexOf('.'));

export const workerEntries = {
  verify: new URL(`./verify-entry${ending}`, import.meta.url),
} as const;
