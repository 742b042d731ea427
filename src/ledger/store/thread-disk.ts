// The disk of a thread that keeps a ledger and nothing else: what is done for each batch is done at once, without a way to
// another thread and back, which costs more than most writes. A disk that stands still makes this thread stand still:
// whoever gave it the records has the clock.
import { closeSync, fdatasyncSync, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { errorCode } from '../../base/cause.ts';
import { type AppendFile, type Disk, fileMode, nodeDisk } from './disk.ts';

export const threadDisk: Disk = {
  ...nodeDisk,
  async state(path) {
    try {
      const { size, ino, dev } = statSync(path);
      return { bytes: size, id: `${dev}:${ino}` };
    } catch (cause) {
      if (errorCode(cause) === 'ENOENT' || errorCode(cause) === 'ENOTDIR') return undefined;
      throw cause;
    }
  },
  async create(path): Promise<AppendFile> {
    const fd = openSync(path, 'ax', fileMode);
    const { dev, ino } = fstatSync(fd);
    return {
      id: `${dev}:${ino}`,
      async append(bytes) {
        for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(fd, rest));
      },
      async datasync() {
        fdatasyncSync(fd);
      },
      async close() {
        closeSync(fd);
      },
    };
  },
};
