// Probes and metrics, plain HTTP on a port of their own: kubelets have no client certificate. /readyz is on both.
// Threat: anybody in the cluster can read these; they tell no policy's text and no object's name.
import type { Server } from 'node:http';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { App } from '../app.ts';
import type { Limits } from '../limits.ts';

/** `reason`: why not, in a word or two. */
export type Readiness = { readonly ready: boolean; readonly reason: string };

export type HealthDeps = {
  readonly readiness: () => Readiness;
  readonly metrics: () => string;
  readonly limits: Limits;
};

export function readyRoute(app: App, readiness: () => Readiness): void {
  app.get('/readyz', (_request, reply) => sendReadiness(reply, readiness()));
}

export function createHealthApp({ readiness, metrics, limits }: HealthDeps): FastifyInstance {
  const app = fastify<Server>({
    http: { headersTimeout: limits.body, connectionsCheckingInterval: limits.check },
    requestTimeout: limits.body,
    bodyLimit: 1,
    logger: false,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: true,
  });
  app.server.maxConnections = limits.connections;
  app.get('/healthz', (_request, reply) => reply.type('text/plain').send('ok\n'));
  app.get('/readyz', (_request, reply) => sendReadiness(reply, readiness()));
  app.get('/metrics', (_request, reply) => reply.type('text/plain; version=0.0.4').send(metrics()));
  return app;
}

function sendReadiness(reply: FastifyReply, { ready, reason }: Readiness) {
  return reply
    .code(ready ? 200 : 503)
    .type('text/plain')
    .send(ready ? 'ready\n' : `not ready: ${reason}\n`);
}
