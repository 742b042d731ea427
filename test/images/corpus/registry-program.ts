// Debian's docker-registry on loopback, an image pushed into it, and all that it holds copied out into the folder that
// the fake registry reads. It has no referrers API: what cosign attaches is listed under fallback tags.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../../src/base/json.ts';
import { freePort } from '../../e2e/processes.ts';

export type RegistryProgram = { readonly host: string; stop(): void };

export async function startRegistry(folder: string): Promise<RegistryProgram> {
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(folder, 'registry.yml');
  const settings = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: join(folder, 'registry') } },
    http: { addr: host },
    log: { level: 'error' },
  };
  writeFileSync(config, JSON.stringify(settings));
  const program: ChildProcess = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  for (let tries = 0; !(await answers(host)); tries++) {
    if (tries > 100) throw new Error('docker-registry does not start');
    await sleep(100);
  }
  return { host, stop: () => program.kill() };
}

async function answers(host: string): Promise<boolean> {
  try {
    return (await fetch(`http://${host}/v2/`)).ok;
  } catch {
    return false;
  }
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
export const digestOf = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** An image without layers; no two repositories and architectures have the same. The answer is its digest. */
export async function pushImage(place: string, tag: string, architecture: string): Promise<string> {
  const author = place.slice(place.indexOf('/') + 1);
  const rootfs = { type: 'layers', diff_ids: [] };
  const settings = Buffer.from(JSON.stringify({ architecture, author, os: 'linux', rootfs }));
  const config = {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    digest: await pushBlob(place, settings),
    size: settings.length,
  };
  return pushManifest(place, tag, {
    schemaVersion: 2,
    mediaType: manifestType,
    config,
    layers: [],
  });
}

/** An index of two images, as a build for two platforms makes it. */
export async function pushIndex(place: string, tag: string): Promise<string> {
  const manifests: JsonObject[] = [];
  for (const architecture of ['amd64', 'arm64']) {
    const digest = await pushImage(place, `${tag}-${architecture}`, architecture);
    const size = await sizeOf(place, digest);
    manifests.push({
      mediaType: manifestType,
      digest,
      size,
      platform: { architecture, os: 'linux' },
    });
  }
  return pushManifest(place, tag, { schemaVersion: 2, mediaType: indexType, manifests });
}

export async function pushBlob(place: string, bytes: Uint8Array): Promise<string> {
  const digest = digestOf(bytes);
  const started = await fetch(urlOf(place, 'blobs', 'uploads/'), {
    method: 'POST',
  });
  const target = new URL(started.headers.get('location') ?? '', started.url);
  target.searchParams.set('digest', digest);
  await put(target, bytes, 'application/octet-stream');
  return digest;
}

export async function pushManifest(place: string, tag: string, value: JsonObject): Promise<string> {
  const bytes = Buffer.from(JSON.stringify(value));
  const digest = digestOf(bytes);
  const reference = tag === '' ? digest : tag;
  await put(urlOf(place, 'manifests', reference), bytes, String(value['mediaType']));
  return digest;
}

async function put(url: URL, body: Uint8Array, type: string): Promise<void> {
  const { status } = await fetch(url, { method: 'PUT', body, headers: { 'content-type': type } });
  if (status !== 201) throw new Error(`PUT ${url.href} answers ${status}`);
}

export async function sizeOf(place: string, digest: string): Promise<number> {
  return (await download(place, 'manifests', digest)).length;
}

/** `place`: `host:port/repository`. */
function urlOf(place: string, kind: string, reference: string): URL {
  const [, host = '', repository = ''] = /^([^/]+)\/(.+)$/.exec(place) ?? [];
  return new URL(`http://${host}/v2/${repository}/${kind}/${reference}`);
}

async function download(place: string, kind: string, reference: string): Promise<Buffer> {
  const accept = `${manifestType}, ${indexType}`;
  const answer = await fetch(urlOf(place, kind, reference), { headers: { accept } });
  if (!answer.ok) throw new Error(`GET ${answer.url} answers ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

/** Copies all tags of these repositories and what they name. */
export async function copyOut(
  host: string,
  repositories: readonly string[],
  folder: string,
): Promise<void> {
  const blobs = join(folder, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const tags: Record<string, Record<string, string>> = {};
  for (const repository of repositories) {
    const place = `${host}/${repository}`;
    const listed = JSON.parse((await download(place, 'tags', 'list')).toString());
    const named: Record<string, string> = {};
    for (const tag of listed.tags.toSorted()) named[tag] = await copyManifest(place, tag, blobs);
    tags[repository] = named;
  }
  writeFileSync(join(folder, 'tags.json'), `${JSON.stringify(tags, null, 2)}\n`);
}

async function copyManifest(place: string, reference: string, blobs: string): Promise<string> {
  const bytes = await download(place, 'manifests', reference);
  const { config, layers = [], manifests = [] } = JSON.parse(bytes.toString());
  for (const { digest } of manifests) await copyManifest(place, digest, blobs);
  for (const { digest } of [...(config === undefined ? [] : [config]), ...layers]) {
    keep(await download(place, 'blobs', digest), blobs);
  }
  return keep(bytes, blobs);
}

function keep(bytes: Buffer, blobs: string): string {
  const digest = digestOf(bytes);
  writeFileSync(join(blobs, digest.replace('sha256:', '')), bytes);
  return digest;
}
