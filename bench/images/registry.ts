// A registry in a process of its own, for the benchmark of images: the corpus that cosign signed, under many names; with an
// argument (`hang`, `drip`, `large`, `many`) one that answers as a hostile registry does. Prints where it listens.
import { copyOfCorpus } from '../../test/images/corpus/corpus.ts';
import { manifestType } from '../../test/images/fake-registry/content.ts';
import { type Asked, startFakeRegistry } from '../../test/images/fake-registry/server.ts';
import type { Trick } from '../../test/images/fake-registry/tricks.ts';

const names = 400;
const content = copyOfCorpus();
for (const repository of ['p256/bundle', 'keyless/legacy', 'keyless/bundle']) {
  for (let n = 0; n < names; n++) content.copy(repository, `${repository}-${n}`);
}

const json = { 'content-type': manifestType };
const layer = { digest: content.blob('{}'), size: 2 };
const layers = Array.from({ length: 10_000 }, () => layer);
const many = JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config: layer, layers });

const tricks: Readonly<Record<string, Trick>> = {
  hang: { kind: 'hang' },
  drip: { kind: 'drip', headers: json },
  large: { kind: 'large', size: 500e6, headers: json },
  many: { kind: 'bytes', bytes: many, headers: json },
};

const own = tricks[process.argv[2] ?? ''];
const trick = ({ path }: Asked): Trick | undefined =>
  own && path.includes('/blobs/') ? { kind: 'bytes', bytes: '{}' } : own;

const { registry } = await startFakeRegistry(content, { trick });
process.stdout.write(`${registry.host}\n`);
process.once('SIGTERM', () => process.exit(0));
