// Waiting with an end: work that is not done in time is left to itself, and the caller goes on.
export const late = Symbol('late');

/** The value of `work`, or `late` after `ms` milliseconds (null: never). Work that is done already is never late. */
export function within<T>(ms: number | null, work: Promise<T>): Promise<T | typeof late> {
  if (ms === null) return work;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(late), Math.max(0, ms));
    const ended = <A>(act: (outcome: A) => void) => {
      return (outcome: A): void => {
        clearTimeout(timer);
        act(outcome);
      };
    };
    work.then(ended<T>(resolve), ended<unknown>(reject));
  });
}
