// Receivers on the loopback that answer as they are told, and batches for them.
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Batch, ExportRecord } from '../../src/ledger/export/sink.ts';
import { sha256 } from '../../src/ledger/format/chain.ts';

export type Received = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
};

export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type Receiver = {
  readonly url: string;
  readonly got: Received[];
  /** What it answers from now on; undefined: nothing, ever. */
  answer(give: (request: Received) => Answer | undefined): void;
};

type Ending = { teardown(act: () => void): void };
type Tls = { readonly cert: string; readonly key: string; readonly ca?: string };

export async function receiver(t: Ending, tls?: Tls): Promise<Receiver> {
  const got: Received[] = [];
  let give: (request: Received) => Answer | undefined = () => ({ status: 200 });
  const listener: RequestListener = (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const received = { method, url, headers, body: Buffer.concat(parts) };
      got.push(received);
      const answer = give(received);
      if (answer === undefined) return;
      response.writeHead(answer.status, answer.headers);
      response.end(answer.body);
    });
  };
  const options =
    tls === undefined
      ? {}
      : { ...tls, requestCert: tls.ca !== undefined, rejectUnauthorized: true };
  const server = tls === undefined ? createServer(listener) : createTlsServer(options, listener);
  const { port } = await listening(server);
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `${tls === undefined ? 'http' : 'https'}://localhost:${port}`,
    got,
    answer(next) {
      give = next;
    },
  };
}

async function listening(server: Server): Promise<AddressInfo> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address;
}

export const noTls = { caFile: null, certFile: null, keyFile: null };
export const unlimited = { records: 1000, bytes: 1e6, waitMs: 1 };
export const never = new AbortController().signal;

export function batchOf(bodies: readonly string[], first = 1, at = 1_767_348_000_000): Batch {
  const records = bodies.map(
    (body, i): ExportRecord => ({ seq: first + i, at, bytes: Buffer.from(body) }),
  );
  const last = bodies.at(-1) ?? '';
  const bytes = records.reduce((sum, record) => sum + record.bytes.length + 1, 0);
  return { replica: 'replica 0', records, bytes, hash: sha256(last) };
}
