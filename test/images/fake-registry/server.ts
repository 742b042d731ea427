// A small OCI registry on loopback that serves `Content`, behaves as its quirks say, and remembers what it was asked.
// Upstream: the OCI distribution specification 1.1.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Test } from 'tap';
import { makeAuthority, serverNames } from '../../../certs/make.ts';
import { type Content, type Described, emptyType, indexType, mediaTypeOf } from './content.ts';
import { type Access, answerToken, isLetIn, refuseEntry } from './tokens.ts';
import { misbehave, type Trick } from './tricks.ts';

export type Asked = {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly host: string;
  readonly authorization: string | undefined;
};

export type Quirks = {
  /** What GET /referrers/ answers; `oci-empty`: descriptors without a true artifactType. */
  readonly referrers?: 'listed' | 'absent' | 'empty' | 'oci-empty';
  readonly withoutDigestHeader?: boolean;
  readonly access?: Access;
  /** Asked before all else; `nth` counts requests of this path from 1. */
  readonly trick?: (asked: Asked, nth: number) => Trick | undefined;
  readonly tls?: boolean;
};

export type FakeRegistry = {
  /** `127.0.0.1:41234`. */
  readonly host: string;
  readonly origin: string;
  /** PEM of the authority that signed its certificate; "" without TLS. */
  readonly ca: string;
  readonly asked: Asked[];
};

export async function fakeRegistry(
  t: Test,
  content: Content,
  quirks: Quirks = {},
): Promise<FakeRegistry> {
  const { registry, close } = await startFakeRegistry(content, quirks);
  t.teardown(close);
  return registry;
}

/** For those who are no test of tap. */
export async function startFakeRegistry(
  content: Content,
  quirks: Quirks = {},
): Promise<{ readonly registry: FakeRegistry; close(): Promise<void> }> {
  const asked: Asked[] = [];
  const tls = quirks.tls === true ? await certificates() : null;
  const listen = (request: IncomingMessage, response: ServerResponse): void => {
    const { method = '', url: path = '', headers } = request;
    const { host = '', authorization } = headers;
    asked.push({ method, path, host, authorization });
    answer({ content, quirks, origin: originOf(host, tls !== null) }, asked, response);
  };
  const server = tls === null ? createServer(listen) : createTlsServer(tls, listen);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const registry = { host, origin: originOf(host, tls !== null), ca: tls?.ca ?? '', asked };
  const close = (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { registry, close };
}

async function certificates(): Promise<{ ca: string; cert: string; key: string }> {
  const authority = await makeAuthority();
  const issued = await authority.issue({ commonName: 'registry', names: serverNames });
  return { ca: authority.certificate, ...issued };
}

function originOf(host: string, isTls: boolean): string {
  return `${isTls ? 'https' : 'http'}://${host}`;
}

type Scene = { readonly content: Content; readonly quirks: Quirks; readonly origin: string };

function answer(scene: Scene, asked: readonly Asked[], response: ServerResponse): void {
  const last = asked.at(-1);
  if (last === undefined) return;
  const nth = asked.filter(({ path }) => path === last.path).length;
  const { access, trick } = scene.quirks;
  const special = trick?.(last, nth);
  if (special !== undefined) misbehave(special, response);
  else if (access !== undefined && last.path.startsWith('/token')) {
    answerToken(access, last, response);
  } else if (access !== undefined && !isLetIn(access, last)) {
    refuseEntry(access, scene.origin, last, response);
  } else serveContent(scene, last, response);
}

const route = /^\/v2\/(?<repository>.+)\/(?<kind>manifests|blobs|referrers)\/(?<reference>[^/?]+)/;

function serveContent({ content, quirks }: Scene, asked: Asked, response: ServerResponse): void {
  const { repository = '', kind = '', reference = '' } = route.exec(asked.path)?.groups ?? {};
  if (kind === 'referrers') {
    serveReferrers(content.referrers(reference), quirks.referrers ?? 'listed', response);
    return;
  }
  const digest = kind === 'manifests' ? content.tagged(repository, reference) : undefined;
  const bytes = content.has(repository) ? content.bytes(digest ?? reference) : undefined;
  if (bytes === undefined) {
    sendError(response, 404, kind === 'blobs' ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN');
    return;
  }
  const type = kind === 'blobs' ? 'application/octet-stream' : mediaTypeOf(bytes);
  response.setHeader('content-type', type).setHeader('content-length', bytes.length);
  if (quirks.withoutDigestHeader !== true) {
    response.setHeader('docker-content-digest', digest ?? reference);
  }
  response.end(asked.method === 'HEAD' ? undefined : bytes);
}

function serveReferrers(
  listed: readonly Described[],
  how: NonNullable<Quirks['referrers']>,
  response: ServerResponse,
): void {
  if (how === 'absent') {
    sendError(response, 404, 'NOT_FOUND');
    return;
  }
  const shown = how === 'empty' ? [] : listed;
  const manifests =
    how === 'oci-empty' ? shown.map((each) => ({ ...each, artifactType: emptyType })) : shown;
  response.setHeader('content-type', indexType);
  response.end(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }));
}

export function sendError(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ errors: [{ code, message: 'as the specification says' }] }));
}
