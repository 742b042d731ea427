// The registry client as the rest of the program has it: the door of registry.ts, made of the parts beside this file.
import type { Digest } from '../../base/brand.ts';
import { parseDigest } from '../../base/brand.ts';
import { ok, type Result } from '../../base/result.ts';
import { cut, quote } from '../../base/text.ts';
import type { ImageFault } from '../model.ts';
import { hostTable } from './endpoint.ts';
import { discard, exchangeOver } from './exchange.ts';
import { fault } from './faults.ts';
import { indexType, listLimits, manifestAccept, readBlob, readManifest } from './manifests.ts';
import type { RegistryPorts } from './ports.ts';
import { openReach } from './reach.ts';
import { listIn, maxPages, maxReferrers, merged, readPage } from './referrers.ts';
import type { Asking, Manifest, Referrers, Registry, Repository } from './registry.ts';
import { type Ask, notFound, openAsk, type Wanted } from './session.ts';
import type { RegistrySettings } from './settings.ts';

export type OpenRegistry = Registry & {
  /** Ends every connection, and with it what is still being asked. */
  close(): Promise<void>;
};

export function openRegistry(settings: RegistrySettings, ports: RegistryPorts): OpenRegistry {
  const hosts = hostTable(settings);
  const reach = openReach(settings, hosts, ports);
  const ask = openAsk(settings, ports, hosts, exchangeOver(reach, hosts));
  return {
    resolve: (repository, reference, asking) => resolve(ask, repository, reference, asking),
    manifest: (repository, reference, asking, limit) =>
      manifest(ask, repository, reference, asking, limit),
    blob: (repository, digest, limit, asking) =>
      ask(repository, wantedBlob(repository, digest), asking, (reply, question) =>
        readBlob(reply, question, digest, limit),
      ),
    referrers: (repository, digest, asking) => referrers(ask, repository, digest, asking),
    close: () => reach.close(),
  };
}

const tagForm = /^\w[\w.-]{0,127}$/;

function wantedManifest({ path }: Repository, reference: string, method: Wanted['method']): Wanted {
  const what = `the manifest ${cut(reference, 140)} of ${path}`;
  return { method, path: `manifests/${reference}`, accept: manifestAccept, what };
}

function wantedBlob({ path }: Repository, digest: Digest): Wanted {
  const what = `the blob ${digest} of ${path}`;
  return { method: 'GET', path: `blobs/${digest}`, accept: '*/*', what };
}

async function manifest(
  ask: Ask,
  repository: Repository,
  reference: string,
  asking: Asking,
  limit = listLimits.bytes,
): Promise<Result<Manifest | null, ImageFault>> {
  if (!tagForm.test(reference) && parseDigest(reference) === undefined) {
    return fault(
      'registry-answer',
      `${quote(cut(reference, 140))} is neither a tag nor a sha256 digest`,
    );
  }
  const wanted = wantedManifest(repository, reference, 'GET');
  return ask(repository, wanted, asking, (reply, question) =>
    readManifest(reply, question, reference, Math.min(limit, listLimits.bytes)),
  );
}

/** By HEAD, which costs a registry and its rate limit least; by the bytes where that tells no digest or is not known. */
async function resolve(
  ask: Ask,
  repository: Repository,
  reference: string,
  asking: Asking,
): Promise<Result<Digest | null, ImageFault>> {
  const own = parseDigest(reference);
  if (own !== undefined || tagForm.test(reference)) {
    const wanted = wantedManifest(repository, reference, 'HEAD');
    const said = await ask(repository, wanted, asking, async ({ headers, body }) => {
      discard(body, asking.signal);
      return ok({ digest: own ?? parseDigest(String(headers['docker-content-digest'] ?? '')) });
    });
    if (!said.ok && said.error.code !== 'registry-answer') return said;
    if (said.ok && said.value === null) return ok(null);
    if (said.ok && said.value?.digest !== undefined) return ok(said.value.digest);
  }
  const read = await manifest(ask, repository, reference, asking);
  return read.ok ? ok(read.value?.digest ?? null) : read;
}

async function referrers(
  ask: Ask,
  repository: Repository,
  digest: Digest,
  asking: Asking,
): Promise<Result<Referrers, ImageFault>> {
  const [listed, tagged] = await Promise.all([
    pages(ask, repository, digest, asking),
    fallback(ask, repository, digest, asking),
  ]);
  if (!listed.ok) return listed;
  return tagged.ok ? ok(merged([listed.value, tagged.value])) : tagged;
}

const nothing: Referrers = { listed: [], complete: true };

/** How registries without a referrers API say so; the fallback tag is asked for anyway. */
const withoutReferrers: ReadonlySet<number> = new Set([400, 404, 405, 406]);

async function pages(
  ask: Ask,
  repository: Repository,
  digest: Digest,
  asking: Asking,
): Promise<Result<Referrers, ImageFault>> {
  const what = `what refers to ${digest} in ${repository.path}`;
  let all = nothing;
  let path: string | null = `referrers/${digest}`;
  for (let page = 0; path !== null; page++) {
    if (page === maxPages || all.listed.length === maxReferrers)
      return ok({ ...all, complete: false });
    const absent = page === 0 ? withoutReferrers : notFound;
    const wanted: Wanted = { method: 'GET', path, accept: indexType, what, absent };
    const read = await ask(repository, wanted, asking, readPage);
    if (!read.ok) return read;
    if (read.value === null) return ok({ ...all, complete: page === 0 });
    all = merged([all, read.value.listed]);
    path = read.value.next;
  }
  return ok(all);
}

async function fallback(
  ask: Ask,
  repository: Repository,
  digest: Digest,
  asking: Asking,
): Promise<Result<Referrers, ImageFault>> {
  const tag = digest.replace(':', '-');
  const read = await manifest(ask, repository, tag, asking);
  if (!read.ok) return read;
  if (read.value === null) return ok(nothing);
  const list = listIn(read.value.value);
  if (list !== undefined) return ok(list);
  return fault('registry-answer', `the tag ${tag} of ${repository.path} is no list of referrers`);
}
