// What a topic of a real broker holds, as somebody who reads it sees it.
import { Consumer } from '@platformatic/kafka';

export type Consumed = {
  readonly seqs: readonly number[];
  readonly lines: readonly string[];
  readonly partitions: ReadonlySet<number>;
};

/** All records from the oldest to the first one with the number `last`. */
export async function consumed(broker: string, topic: string, last: number): Promise<Consumed> {
  const options = { clientId: 'test', groupId: topic, bootstrapBrokers: [broker] };
  const consumer = new Consumer(options);
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false });
  const seqs: number[] = [];
  const lines: string[] = [];
  const partitions = new Set<number>();
  for await (const { headers, value, partition } of stream) {
    const header = [...headers].find(([name]) => name.toString() === 'seq');
    seqs.push(Number(header?.[1].toString()));
    lines.push(value.toString());
    partitions.add(partition);
    if (seqs.at(-1) === last) break;
  }
  await consumer.close(true);
  return { seqs, lines, partitions };
}
