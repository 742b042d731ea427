// So many at a time: who comes next waits in line, and leaves it when its time is up.

export type Places = {
  /** A function that gives the place back; rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<() => void>;
};

export function places(count: number): Places {
  let free = count;
  const line: (() => void)[] = [];
  const give = (): void => {
    const next = line.shift();
    if (next === undefined) free++;
    else next();
  };
  return {
    take(signal) {
      if (signal.aborted) return Promise.reject(signal.reason);
      if (free > 0) {
        free--;
        return Promise.resolve(once(give));
      }
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          line.splice(line.indexOf(enter), 1);
          reject(signal.reason);
        };
        const enter = (): void => {
          signal.removeEventListener('abort', leave);
          resolve(once(give));
        };
        line.push(enter);
        signal.addEventListener('abort', leave, { once: true });
      });
    },
  };
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}
