// The bar that we are measured against: Fastify over HTTPS that reads the review, answers a constant allow with its
// uid, and does nothing else. `node bench/bare.ts CERT KEY`; stops on SIGTERM.
import { readFileSync } from 'node:fs';
import { fastify } from 'fastify';

const [, , cert = '', key = ''] = process.argv;

const app = fastify({
  https: { cert: readFileSync(cert), key: readFileSync(key), minVersion: 'TLSv1.2' },
  bodyLimit: 7 * 1024 * 1024,
  keepAliveTimeout: 120_000,
  logger: false,
});

app.post<{ Body: { request: { uid: string } } }>('/validate', async (request) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  response: { uid: request.body.request.uid, allowed: true },
}));

const address = await app.listen({ host: '127.0.0.1', port: 0 });
process.stderr.write(`{"msg":"listening","reviews":"${address.replace('https://', '')}"}\n`);
process.once('SIGTERM', () => void app.close());
