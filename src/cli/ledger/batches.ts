// Text for a stream, gathered: a write for each of a million lines would cost more than reading them.
import type { Output } from '../command.ts';

export type Batches = {
  write(text: string): Promise<void>;
  flush(): Promise<void>;
};

const enough = 64 * 1024;

export function createBatches(output: Pick<Output, 'write'>): Batches {
  let held: string[] = [];
  let size = 0;
  async function flush(): Promise<void> {
    if (size === 0) return;
    const text = held.join('');
    held = [];
    size = 0;
    await output.write(text);
  }
  return {
    async write(text) {
      held.push(text);
      size += text.length;
      if (size >= enough) await flush();
    },
    flush,
  };
}
