// Something that fails is tried again and again, after pauses that become longer, until it works or nobody wants it.
export type BackOff = { readonly first: number; readonly most: number };

/** Resolves when the attempt that goes on has ended. */
export type Retry = { stop(): Promise<void> };

/** `failed` is told each cause; `done` that it worked. */
export function keepTrying(
  act: () => Promise<void>,
  { first, most }: BackOff,
  { failed, done }: { readonly failed: (cause: unknown) => void; readonly done: () => void },
): Retry {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let going = Promise.resolve();
  const attempt = async (ms: number): Promise<void> => {
    try {
      await act();
    } catch (cause) {
      failed(cause);
      if (!stopped) wait(Math.min(2 * ms, most));
      return;
    }
    done();
  };
  const wait = (ms: number): void => {
    timer = setTimeout(() => {
      going = attempt(ms);
    }, ms);
  };
  wait(first);
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await going;
    },
  };
}
