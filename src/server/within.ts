// Waiting with an end: work that is not done in time is left to itself, and the caller goes on.
export const late = Symbol('late');

/** The value of `work`, or `late` after `ms` milliseconds (null: never). Work that is done already is never late. */
export async function within<T>(ms: number | null, work: Promise<T>): Promise<T | typeof late> {
  if (ms === null) return work;
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<typeof late>((resolve) => {
    timer = setTimeout(() => resolve(late), Math.max(0, ms));
  });
  try {
    return await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
  }
}
