// The moments at which a crash is worth most. Nothing in the environment can set one: only whoever opens the ledger can,
// by its option `failpoint`, which is called at each and may end the process, throw (the disk failed), or wait.
export const failpoints = [
  /** The records of a batch are about to be written: none of them was ever answered. */
  'before-write',
  /** They are written, and not synced. */
  'after-write',
  'before-sync',
  /** They are durable, and nobody has been answered yet. */
  'after-sync',
  /** A key, a checkpoint, a compressed or a recovered segment lies beside the file that it replaces. */
  'before-rename',
  /** The last checkpoint of an epoch is durable; neither the key nor the segment has changed. */
  'mid-rotation',
] as const;

export type Failpoint = (typeof failpoints)[number];

/** Called at each; what it throws is taken for a failure of the disk. */
export type FailpointHook = (name: Failpoint) => void | Promise<void>;
