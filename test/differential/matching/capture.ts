// A webhook that allows everything and keeps what the API server sent it: the reviews that our engine is then asked.
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { JsonObject, JsonValue } from '../../../src/base/json.ts';
import { getIn, isObject } from '../../../src/base/json.ts';
import { parseJson } from '../../../src/yaml/json.ts';
import type { Cluster } from '../../e2e/cluster.ts';
import { service } from '../../e2e/cluster.ts';
import { until } from '../../e2e/processes.ts';
import type { Sent } from './requests.ts';

export type Captured = { readonly sent: Sent; readonly review: JsonValue };

const configurations = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const limits = { maxBytes: 1 << 20, maxDepth: 200 };

/** The requests for which the API server asks webhooks exactly once, each with its review. */
export async function capture(
  { api, apply, authority }: Cluster,
  requests: readonly Sent[],
): Promise<readonly Captured[]> {
  const bodies: JsonValue[] = [];
  const listener = await listen(authority, bodies);
  try {
    await apply(service);
    await api.send('POST', configurations, configuration(authority.certificate, listener.port));
    await until('the capturing webhook', 30, async () => {
      await api.send('POST', '/api/v1/namespaces/default/configmaps?dryRun=All', probe);
      return bodies.length > 0;
    });
    const captured: Captured[] = [];
    for (const sent of requests) {
      bodies.length = 0;
      await api.send(sent.method, sent.path, sent.body, sent.contentType);
      const [review, more] = bodies;
      if (review !== undefined && more === undefined) captured.push({ sent, review });
    }
    return captured;
  } finally {
    await api.send('DELETE', `${configurations}/capture`);
    listener.close();
  }
}

export const probe = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'probe' } };

async function listen(
  authority: Cluster['authority'],
  bodies: JsonValue[],
): Promise<{ readonly port: number; close(): void }> {
  const names = [{ type: 'dns', value: 'sekisho.sekisho.svc' }] as const;
  const { cert, key } = await authority.issue({ commonName: 'capture', names: [...names] });
  const server = createServer({ cert, key }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = parseJson(Buffer.concat(chunks), limits);
    if (!body.ok) throw new Error(body.error.message);
    bodies.push(body.value);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(allowed(getIn(body.value, ['request', 'uid']))));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (!isObject(address)) throw new Error('no port');
  return {
    port: Number(address['port']),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function allowed(uid: JsonValue | undefined): JsonObject {
  const response = { uid: uid ?? '', allowed: true };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}

/** Only what the administrator asks: controllers work on meanwhile. */
function configuration(ca: string, port: number): JsonObject {
  const everything = {
    ...{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] },
    ...{ operations: ['*'], scope: '*' },
  };
  const caBundle = Buffer.from(ca).toString('base64');
  const webhook = {
    name: 'capture.example.com',
    admissionReviewVersions: ['v1'],
    clientConfig: { service: { namespace: 'sekisho', name: 'sekisho', path: '/', port }, caBundle },
    failurePolicy: 'Fail',
    matchConditions: [{ name: 'admin', expression: "request.userInfo.username == 'admin'" }],
    rules: [everything],
    sideEffects: 'None',
  };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'capture' },
    webhooks: [webhook],
  };
}
