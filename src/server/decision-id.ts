// Ids of decisions: UUIDv7 (RFC 9562). They sort by time, and within one millisecond in the order in which they were made.
import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const bytesOfId = 16;
/** Asking the system for the random bytes of a single id costs ten times what the rest of it does. */
const idsOfPool = 256;

export function decisionIds(): () => string {
  const pool = Buffer.alloc(bytesOfId * idsOfPool);
  let [at, msecs, seq] = [pool.length, 0, 0];
  return () => {
    if (at === pool.length) {
      randomFillSync(pool);
      at = 0;
    }
    const random = pool.subarray(at, at + bytesOfId);
    at += bytesOfId;
    const now = Date.now();
    if (now > msecs) {
      msecs = now;
      // Half of the numbers are left for the ids of the same millisecond.
      seq = random.readUInt32BE(6) >>> 1;
    } else seq++;
    return v7({ random, msecs, seq });
  };
}
