// The law by its hash, beside the records that name it: with it a decision can be made again.
import { createHash } from 'node:crypto';
import { type Disk, replaceFile } from './disk.ts';
import type { FailpointHook } from './failpoints.ts';

export type PolicyTextOptions = {
  readonly disk: Disk;
  readonly folder: string;
  readonly failpoint: FailpointHook;
};

/** Durable when it resolves. sha256sum of the file is its name, and the hash of the policy set. */
export async function keepPolicyText(
  { disk, folder, failpoint }: PolicyTextOptions,
  text: string,
): Promise<void> {
  const bytes = Buffer.from(text);
  const name = `${createHash('sha256').update(bytes).digest('hex')}.jsonl`;
  const policies = `${folder}/policies`;
  if ((await disk.state(`${policies}/${name}`)) !== undefined) return;
  await disk.makeFolder(policies);
  await disk.syncFolder(folder);
  const beforeRename = async (): Promise<void> => failpoint('before-rename');
  await replaceFile(disk, { folder: policies, name, bytes, beforeRename });
}
