// One process at a time: all others are stopped while it is measured, and go on after that. What runs beside it, even when
// nobody asks it, would be counted as its own slowness, and not of each alike.

/** Runs `act` while of these processes only `measured` runs. */
export async function alone<T>(
  measured: number,
  all: readonly number[],
  act: () => Promise<T>,
): Promise<T> {
  const others = all.filter((pid) => pid !== measured);
  const goOn = (): void => {
    for (const pid of others) signal(pid, 'SIGCONT');
  };
  // Whatever becomes of us: a stopped process heeds no SIGTERM.
  process.once('exit', goOn);
  try {
    for (const pid of others) signal(pid, 'SIGSTOP');
    return await act();
  } finally {
    goOn();
    process.off('exit', goOn);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ESRCH')) throw cause;
  }
}
