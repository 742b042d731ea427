// A validating webhook that lets everything pass and keeps what the API server showed it: what policies see. (The
// answer to a request is not that: on its way through the store an object gets defaults once more.)
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { get, getIn, isObject, type JsonObject, type JsonValue } from '../../../src/base/json.ts';
import type { Cluster } from '../cluster.ts';
import { until } from '../processes.ts';

export type Witness = {
  /** The object of the last request of this kind; it is forgotten then. */
  taken(kind: string): JsonObject | undefined;
  stop(): Promise<void>;
};

export async function startWitness(cluster: Cluster): Promise<Witness> {
  const seen = new Map<string, JsonObject>();
  const { cert, key } = await cluster.authority.issue({
    commonName: 'witness',
    names: [{ type: 'ip', value: '127.0.0.1' }],
  });
  const server = createServer({ cert, key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const review: JsonValue = JSON.parse(Buffer.concat(chunks).toString());
      const object = getIn(review, ['request', 'object']);
      if (isObject(object)) seen.set(String(get(object, 'kind')), object);
      const answer = { uid: getIn(review, ['request', 'uid']), allowed: true };
      const { apiVersion, kind } = isObject(review) ? review : {};
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ apiVersion, kind, response: answer }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await cluster.apply(JSON.stringify(configuration(port, cluster.authority.certificate)));
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
  await until('the witness', 30, async () => {
    await cluster.api.send('POST', '/api/v1/namespaces/default/configmaps?dryRun=All', configMap);
    return seen.delete('ConfigMap');
  });
  return {
    taken(kind) {
      const object = seen.get(kind);
      seen.delete(kind);
      return object;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function configuration(port: number, authority: string): JsonObject {
  const groups = ['', 'apps', 'batch', 'networking.k8s.io', 'rbac.authorization.k8s.io'];
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'witness' },
    webhooks: [
      {
        name: 'witness.example.com',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        clientConfig: {
          url: `https://127.0.0.1:${port}/`,
          caBundle: Buffer.from(authority).toString('base64'),
        },
        rules: [
          { apiGroups: groups, apiVersions: ['v1'], operations: ['CREATE'], resources: ['*'] },
        ],
        // What the controllers make meanwhile is not asked about.
        matchConditions: [{ name: 'dry-run', expression: 'request.dryRun == true' }],
      },
    ],
  };
}
