// Where the API server is and who we are there: a kubeconfig with all its ways to log in, or a pod's service account.
// The only file that loads @kubernetes/client-node, and only when it is called: it costs most of a second.

import type { RequestOptions } from 'node:https';
import { messageOf } from '../../base/cause.ts';
import { err, ok, type Result } from '../../base/result.ts';

/** null: the service account of the pod that we are in. */
export type Whereabouts = { readonly kubeconfig: string | null };

export type Access = {
  readonly server: URL;
  /** Certificates, and headers with a token that is fresh. */
  options(): Promise<RequestOptions>;
};

export async function loadAccess({ kubeconfig }: Whereabouts): Promise<Result<Access, string>> {
  try {
    const { KubeConfig } = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    if (kubeconfig === null) config.loadFromCluster();
    else config.loadFromFile(kubeconfig);
    const cluster = config.getCurrentCluster();
    if (cluster === null) return err('it names no current context with a cluster');
    const server = new URL(cluster.server);
    if (server.protocol !== 'https:') return err(`${server.protocol} is not safe: use https`);
    return ok({ server, options: () => optionsOf(config, cluster.proxyUrl !== undefined) });
  } catch (error) {
    return err(messageOf(error));
  }
}

type Applies = { applyToHTTPSOptions(options: RequestOptions): Promise<void> };

/** Its agent opens a connection for each request; ours keeps them. Through a proxy only its own knows the way. */
async function optionsOf(config: Applies, proxied: boolean): Promise<RequestOptions> {
  const options: RequestOptions = { headers: {} };
  await config.applyToHTTPSOptions(options);
  if (proxied) return options;
  const { agent: _, ...rest } = options;
  return rest;
}
