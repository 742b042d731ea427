// A TLS proxy on loopback between us and the API server that does on command what an API server may do to us: answer 429,
// 403 or 410, cut the watches, or say nothing at all.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request } from 'node:https';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';

export type Refusal = { readonly status: number; readonly headers?: Record<string, string> };
/** null: let it through. `silence`: no answer, ever. */
export type Fault = (call: {
  readonly path: string;
  readonly watch: boolean;
}) => Refusal | 'silence' | null;

export type FaultyProxy = {
  /** A kubeconfig like the one given, but through the proxy. */
  readonly kubeconfig: string;
  /** Lines of `METHOD path`, watches as WATCH. */
  readonly seen: string[];
  set(fault: Fault): void;
  /** Ends every stream that is open now, without a word. */
  cutWatches(): void;
  stop(): Promise<void>;
};

export async function startFaultyProxy(cluster: Cluster, kubeconfig: string): Promise<FaultyProxy> {
  const text = readFileSync(kubeconfig, 'utf8');
  const target = new URL(/server: '([^']+)'/.exec(text)?.[1] ?? '');
  const ca = readFileSync(join(cluster.folder, 'ca.crt'), 'utf8');
  const names = [{ type: 'ip' as const, value: '127.0.0.1' }];
  const identity = await cluster.authority.issue({ commonName: 'proxy', names });
  const streams = new Set<ServerResponse<IncomingMessage>>();
  const seen: string[] = [];
  let fault: Fault = () => null;
  const server = createServer({ cert: identity.cert, key: identity.key }, (asked, answer) => {
    const path = asked.url ?? '';
    const watch = path.includes('watch=true');
    seen.push(`${watch ? 'WATCH' : asked.method} ${path.split('?')[0]}`);
    const refusal = fault({ path, watch });
    if (refusal === 'silence') return;
    if (refusal !== null) return refuse(answer, refusal);
    if (watch) {
      streams.add(answer);
      answer.once('close', () => streams.delete(answer));
    }
    forward(asked, answer, target, ca);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  const own = join(cluster.folder, 'proxied.kubeconfig');
  const url = `https://127.0.0.1:${address.port}`;
  writeFileSync(own, text.replace(target.origin, url), { mode: 0o600 });
  return {
    kubeconfig: own,
    seen,
    set: (next) => {
      fault = next;
    },
    cutWatches() {
      for (const stream of streams) stream.destroy();
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function refuse(answer: ServerResponse, { status, headers = {} }: Refusal): void {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: 'by the proxy',
    code: status,
  };
  answer.writeHead(status, { 'content-type': 'application/json', ...headers });
  answer.end(JSON.stringify(body));
}

function forward(asked: IncomingMessage, answer: ServerResponse, target: URL, ca: string): void {
  const { method, headers } = asked;
  const options = { method, headers: { ...headers, host: target.host }, ca };
  const sent = request(new URL(asked.url ?? '/', target), options, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
    response.once('error', () => answer.destroy());
  });
  sent.once('error', () => answer.destroy());
  answer.once('close', () => sent.destroy());
  asked.pipe(sent);
}
