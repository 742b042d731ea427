// The end of a server without a failed request. The API server goes on dialing until endpoints are updated, so:
// not ready but serving, new connections too; then answers with `Connection: close`; then the sockets close.
export type Phase = 'serving' | 'draining' | 'closing';

export type Lifecycle = {
  phase(): Phase;
  /** Resolves when `serving` may end; the same promise for every caller. */
  drain(): Promise<void>;
};

export type LifecycleOptions = {
  /** Milliseconds of serving while not ready. */
  readonly grace: number;
  /** Milliseconds of answering with `Connection: close`. */
  readonly lastCall: number;
  readonly sleep: (ms: number) => Promise<void>;
};

export function createLifecycle({ grace, lastCall, sleep }: LifecycleOptions): Lifecycle {
  let phase: Phase = 'serving';
  let draining: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    phase = 'draining';
    await sleep(grace);
    phase = 'closing';
    await sleep(grace === 0 ? 0 : lastCall);
  };
  return {
    phase: () => phase,
    drain() {
      draining ??= drain();
      return draining;
    },
  };
}
