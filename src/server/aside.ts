// A request that waits for a registry steps aside: it keeps its bytes, and gives its place among those that are decided to
// one that can go on. Threat: a registry that hangs would otherwise fill all places, and hold up what has no image.
import { setImmediate } from 'node:timers/promises';
import type { Ports } from '../engine/ports.ts';

type Images = NonNullable<Ports['images']>;

/** `leave` may be called more than once. What is answered from memory comes before the event loop turns. */
export function stepsAside(images: Images, leave: () => void): Images {
  return async (question, bounds) => {
    const answer = images(question, bounds);
    const waits = await Promise.race([answer.then(() => false), setImmediate(true)]);
    if (waits) leave();
    return answer;
  };
}
